"""SQL of search. Each statement asks one table, whose columns ``words``, ``year`` and ``genres`` PostgreSQL keeps from
the JSON: that is unpacked for what is shown alone.

Parameters: ``text``; ``genres``: an array, empty for all; ``year_min``, ``year_max`` or null; ``rows``: how many rows
are wanted; ``most``: beyond how many nothing is counted. Filters keep what has no year and, of releases, what has no
genre.

Rows: matching, of these within the filters, then best: ``[[id, rank, year or null, genres or null]]``, and for masters
and releases ``{decade: count}``, for releases ``{genre: count}``, of all that match.
"""

# Text that is stop words alone is a query without a node, and nothing matches it.
HAS_WORDS = "SELECT numnode(plainto_tsquery('english', %(text)s)) > 0"

SEARCH_ARTISTS = """
WITH found AS MATERIALIZED (
    SELECT data_id, ts_rank(words, query) AS rank
    FROM plainto_tsquery('english', %(text)s) AS query, artists
    WHERE words @@ query
), best AS (
    SELECT data_id, rank
    FROM found
    ORDER BY rank DESC, data_id::text COLLATE "C"
    LIMIT %(rows)s
)
SELECT
    (SELECT least(count(*), %(most)s) FROM found),
    (SELECT least(count(*), %(most)s) FROM found),
    (
        SELECT coalesce(
            jsonb_agg(jsonb_build_array(data_id, rank, null, null) ORDER BY rank DESC, data_id::text COLLATE "C"),
            '[]'
        )
        FROM best
    )
"""

SEARCH_LABELS = """
WITH found AS MATERIALIZED (
    SELECT data_id, ts_rank(words, query) AS rank
    FROM plainto_tsquery('english', %(text)s) AS query, labels
    WHERE words @@ query
), best AS (
    SELECT data_id, rank
    FROM found
    ORDER BY rank DESC, data_id::text COLLATE "C"
    LIMIT %(rows)s
)
SELECT
    (SELECT least(count(*), %(most)s) FROM found),
    (SELECT least(count(*), %(most)s) FROM found),
    (
        SELECT coalesce(
            jsonb_agg(jsonb_build_array(data_id, rank, null, null) ORDER BY rank DESC, data_id::text COLLATE "C"),
            '[]'
        )
        FROM best
    )
"""

SEARCH_MASTERS = """
WITH found AS MATERIALIZED (
    SELECT data_id, year, ts_rank(words, query) AS rank
    FROM plainto_tsquery('english', %(text)s) AS query, masters
    WHERE words @@ query
), kept AS (
    SELECT *
    FROM found
    WHERE year IS NULL
        OR (year >= coalesce(%(year_min)s::int, year) AND year <= coalesce(%(year_max)s::int, year))
), best AS (
    SELECT data_id, rank, year
    FROM kept
    ORDER BY rank DESC, data_id::text COLLATE "C"
    LIMIT %(rows)s
), decade AS (
    SELECT year / 10 * 10 AS decade, count(*) AS records
    FROM (SELECT year FROM found LIMIT %(most)s) AS counted
    WHERE year > 0
    GROUP BY 1
)
SELECT
    (SELECT least(count(*), %(most)s) FROM found),
    (SELECT least(count(*), %(most)s) FROM kept),
    (
        SELECT coalesce(
            jsonb_agg(jsonb_build_array(data_id, rank, year, null) ORDER BY rank DESC, data_id::text COLLATE "C"),
            '[]'
        )
        FROM best
    ),
    (SELECT coalesce(jsonb_object_agg(decade, records), '{}') FROM decade)
"""

SEARCH_RELEASES = """
WITH found AS MATERIALIZED (
    SELECT data_id, year, genres, ts_rank(words, query) AS rank
    FROM plainto_tsquery('english', %(text)s) AS query, releases
    WHERE words @@ query
), kept AS (
    SELECT *
    FROM found
    WHERE (
            year IS NULL
            OR (year >= coalesce(%(year_min)s::int, year) AND year <= coalesce(%(year_max)s::int, year))
        )
        AND (genres IS NULL OR cardinality(%(genres)s::text[]) = 0 OR genres ?| %(genres)s::text[])
), best AS (
    SELECT data_id, rank, year, genres
    FROM kept
    ORDER BY rank DESC, data_id::text COLLATE "C"
    LIMIT %(rows)s
), counted AS (
    SELECT year, genres
    FROM found
    LIMIT %(most)s
), decade AS (
    SELECT year / 10 * 10 AS decade, count(*) AS records
    FROM counted
    WHERE year > 0
    GROUP BY 1
), genre AS (
    SELECT genre, count(*) AS records
    FROM counted, jsonb_array_elements_text(genres) AS genre
    GROUP BY genre
)
SELECT
    (SELECT least(count(*), %(most)s) FROM found),
    (SELECT least(count(*), %(most)s) FROM kept),
    (
        SELECT coalesce(
            jsonb_agg(jsonb_build_array(data_id, rank, year, genres) ORDER BY rank DESC, data_id::text COLLATE "C"),
            '[]'
        )
        FROM best
    ),
    (SELECT coalesce(jsonb_object_agg(decade, records), '{}') FROM decade),
    (SELECT coalesce(jsonb_object_agg(genre, records), '{}') FROM genre)
"""

# ids: an array. Rows: id, name, and the same with the words of the text marked.
SHOW_ARTISTS = """
SELECT data_id, data->>'name', ts_headline('english', data->>'name', plainto_tsquery('english', %(text)s))
FROM artists
WHERE data_id = ANY(%(ids)s)
"""

SHOW_LABELS = """
SELECT data_id, data->>'name', ts_headline('english', data->>'name', plainto_tsquery('english', %(text)s))
FROM labels
WHERE data_id = ANY(%(ids)s)
"""

SHOW_MASTERS = """
SELECT data_id, data->>'title', ts_headline('english', data->>'title', plainto_tsquery('english', %(text)s))
FROM masters
WHERE data_id = ANY(%(ids)s)
"""

SHOW_RELEASES = """
SELECT data_id, data->>'title', ts_headline('english', data->>'title', plainto_tsquery('english', %(text)s))
FROM releases
WHERE data_id = ANY(%(ids)s)
"""

# Names with a stretch that looks like the text, without accents and capitals: a beginning, a slip of the pen.
SIMILAR_ARTISTS = """
WITH found AS MATERIALIZED (
    SELECT data_id, word_similarity(plain_name(%(text)s), plain_name(data->>'name')) AS rank
    FROM artists
    WHERE plain_name(data->>'name') %%> plain_name(%(text)s)
    LIMIT %(most)s
), best AS (
    SELECT data_id, rank
    FROM found
    ORDER BY rank DESC, data_id::text COLLATE "C"
    LIMIT %(rows)s
)
SELECT
    (SELECT count(*) FROM found),
    (SELECT count(*) FROM found),
    (
        SELECT coalesce(
            jsonb_agg(jsonb_build_array(data_id, rank, null, null) ORDER BY rank DESC, data_id::text COLLATE "C"),
            '[]'
        )
        FROM best
    )
"""

SIMILAR_LABELS = """
WITH found AS MATERIALIZED (
    SELECT data_id, word_similarity(plain_name(%(text)s), plain_name(data->>'name')) AS rank
    FROM labels
    WHERE plain_name(data->>'name') %%> plain_name(%(text)s)
    LIMIT %(most)s
), best AS (
    SELECT data_id, rank
    FROM found
    ORDER BY rank DESC, data_id::text COLLATE "C"
    LIMIT %(rows)s
)
SELECT
    (SELECT count(*) FROM found),
    (SELECT count(*) FROM found),
    (
        SELECT coalesce(
            jsonb_agg(jsonb_build_array(data_id, rank, null, null) ORDER BY rank DESC, data_id::text COLLATE "C"),
            '[]'
        )
        FROM best
    )
"""
