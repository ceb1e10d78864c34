"""SQL of search: one statement by words, one by barcode, one by similar names.

The statements read the columns ``words``, ``year`` and ``genres``, which PostgreSQL generates from the JSON; the JSON
itself is read only for the hits of the page.

Parameters: ``text``; ``types``: an array, in the order that decides between equal hits; ``genres``: an array, empty for
all; ``year_min``, ``year_max`` or null; ``offset``, ``limit``; ``most``: beyond how many of a type nothing is counted;
``by_names``: whether names that begin with the text come first, then short ones, then the types in their order;
``barcodes``: an array of digits. Records without a year, and releases without a genre, pass the filters.

The row: how many match, ``{type: count}``; how many of these are within the filters, of all types together; the page,
``[[type, id, name, name with the words marked, rank, year or null, genres or null]]``.
"""

ORDER = """rank DESC,
        CASE WHEN %(by_names)s THEN array_position(%(types)s::text[], type) END,
        data_id::text COLLATE "C",
        array_position(%(types)s::text[], type)"""
# The id decides between equal ranks. Without a total order two pages of one search could repeat a hit or miss one.
# Of ``kept``, what is within the filters: the best, of equal rank by id as a text, then in the order of types.
PAGE = f"""page AS (
    SELECT *
    FROM kept
    ORDER BY {ORDER}
    OFFSET %(offset)s
    LIMIT %(limit)s
), named AS MATERIALIZED (
    SELECT
        page.*,
        coalesce(
            CASE type
                WHEN 'artist' THEN (SELECT data->>'name' FROM artists WHERE artists.data_id = page.data_id)
                WHEN 'label' THEN (SELECT data->>'name' FROM labels WHERE labels.data_id = page.data_id)
                WHEN 'master' THEN (SELECT data->>'title' FROM masters WHERE masters.data_id = page.data_id)
                WHEN 'release' THEN (SELECT data->>'title' FROM releases WHERE releases.data_id = page.data_id)
            END,
            ''
        ) AS name
    FROM page
)"""
TOTAL_AND_HITS = f"""(
        SELECT coalesce(sum(least(records, %(most)s)), 0)::int
        FROM (SELECT count(*) AS records FROM kept GROUP BY type) AS of_type
    ),
    (
        SELECT coalesce(
            json_agg(
                json_build_array(
                    type,
                    data_id::text,
                    name,
                    ts_headline('english', name, plainto_tsquery('english', %(text)s)),
                    rank,
                    year,
                    genres
                )
                ORDER BY {ORDER}
            ),
            '[]'
        )
        FROM named
    )"""

# The filter of masters and releases by year and genre.
WITHIN = """(
            year IS NULL
            OR (year >= coalesce(%(year_min)s::int, year) AND year <= coalesce(%(year_max)s::int, year))
        )
        AND (genres IS NULL OR cardinality(%(genres)s::text[]) = 0 OR genres ?| %(genres)s::text[])"""
# Counting stops at ``most``: a word such as "love" is in very many titles, and a facet is a hint.
GENRE = """genre AS (
    SELECT genre, count(*) AS records
    FROM (SELECT genres FROM release LIMIT %(most)s) AS counted, jsonb_array_elements_text(genres) AS genre
    GROUP BY genre
)"""
FACETS = """(SELECT coalesce(json_object_agg(decade, records), '{}') FROM decade),
    (SELECT coalesce(json_object_agg(genre, records), '{}') FROM genre)"""
# A name that begins with the text has its words in the same order and distance, behind a mark at its beginning.
ASKED = """asked AS (
    SELECT
        plainto_tsquery('english', %(text)s) AS query,
        tsquery_phrase(
            'BEGINNING'::tsquery,
            phraseto_tsquery('english', %(text)s),
            (
                SELECT min(place)::int
                FROM unnest(to_tsvector('english', %(text)s)) AS word, unnest(word.positions) AS place
            )
        ) AS beginning
)"""
# 2 divides the rank by the length of the name: "Can" is a better match for itself than "The Best of Can and Friends".
RANK = """CASE
        WHEN NOT %(by_names)s THEN ts_rank(words, query)
        WHEN 'BEGINNING:1'::tsvector || words @@ beginning THEN 1::real + ts_rank(words, query, 2)
        ELSE ts_rank(words, query, 2)
    END"""

# Three columns more: ``{decade: count}`` of the masters and releases that match, ``{genre: count}`` of the releases,
# and whether the text has words at all. These are of all that match, whatever types and filters are asked for.
BY_WORDS = f"""
WITH {ASKED}, artist AS MATERIALIZED (
    SELECT data_id, {RANK} AS rank
    FROM asked, artists
    WHERE words @@ query AND 'artist' = ANY(%(types)s)
), label AS MATERIALIZED (
    SELECT data_id, {RANK} AS rank
    FROM asked, labels
    WHERE words @@ query AND 'label' = ANY(%(types)s)
), master AS MATERIALIZED (
    SELECT data_id, year, {RANK} AS rank
    FROM asked, masters
    WHERE words @@ query
), release AS MATERIALIZED (
    SELECT data_id, year, genres, {RANK} AS rank
    FROM asked, releases
    WHERE words @@ query
), dated AS (
    SELECT 'master' AS type, data_id, rank, year, NULL::jsonb AS genres
    FROM master
    UNION ALL
    SELECT 'release', data_id, rank, year, genres
    FROM release
), kept AS (
    SELECT 'artist' AS type, data_id, rank, NULL::int AS year, NULL::jsonb AS genres
    FROM artist
    UNION ALL
    SELECT 'label', data_id, rank, NULL, NULL
    FROM label
    UNION ALL
    SELECT *
    FROM dated
    WHERE type = ANY(%(types)s)
        AND {WITHIN}
), {PAGE}, decade AS (
    SELECT year / 10 * 10 AS decade, count(*) AS records
    FROM (
        (SELECT year FROM master LIMIT %(most)s)
        UNION ALL
        (SELECT year FROM release LIMIT %(most)s)
    ) AS counted
    WHERE year > 0
    GROUP BY 1
), {GENRE}
SELECT
    json_build_object(
        'artist', (SELECT least(count(*), %(most)s) FROM artist),
        'label', (SELECT least(count(*), %(most)s) FROM label),
        'master', (SELECT least(count(*), %(most)s) FROM master),
        'release', (SELECT least(count(*), %(most)s) FROM release)
    ),
    {TOTAL_AND_HITS},
    {FACETS},
    numnode(plainto_tsquery('english', %(text)s)) > 0
"""

# Releases with one of some barcodes; the columns are those of BY_WORDS but for the last one.
BY_BARCODE = f"""
WITH release AS MATERIALIZED (
    SELECT data_id, year, genres
    FROM releases
    WHERE barcodes(data) && %(barcodes)s::text[] AND 'release' = ANY(%(types)s)
), kept AS (
    SELECT 'release' AS type, data_id, 1::real AS rank, year, genres
    FROM release
    WHERE {WITHIN}
), {PAGE}, decade AS (
    SELECT year / 10 * 10 AS decade, count(*) AS records
    FROM (SELECT year FROM release LIMIT %(most)s) AS counted
    WHERE year > 0
    GROUP BY 1
), {GENRE}
SELECT
    json_build_object('release', (SELECT least(count(*), %(most)s) FROM release)),
    {TOTAL_AND_HITS},
    {FACETS}
"""

# Artists and labels with a part of the name similar to the text, apart from accents and capitals: a beginning, a typing
# error.
BY_LOOK = f"""
WITH artist AS MATERIALIZED (
    SELECT data_id, word_similarity(plain_name(%(text)s), plain_name(data->>'name')) AS rank
    FROM artists
    WHERE plain_name(data->>'name') %%> plain_name(%(text)s) AND 'artist' = ANY(%(types)s)
    LIMIT %(most)s
), label AS MATERIALIZED (
    SELECT data_id, word_similarity(plain_name(%(text)s), plain_name(data->>'name')) AS rank
    FROM labels
    WHERE plain_name(data->>'name') %%> plain_name(%(text)s) AND 'label' = ANY(%(types)s)
    LIMIT %(most)s
), kept AS (
    SELECT 'artist' AS type, data_id, rank, NULL::int AS year, NULL::jsonb AS genres
    FROM artist
    UNION ALL
    SELECT 'label', data_id, rank, NULL, NULL
    FROM label
), {PAGE}
SELECT
    json_build_object('artist', (SELECT count(*) FROM artist), 'label', (SELECT count(*) FROM label)),
    {TOTAL_AND_HITS}
"""
