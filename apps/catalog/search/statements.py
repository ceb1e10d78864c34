"""SQL of search. Each statement asks one table; its expressions are those of the indexes (``apps.catalog.indexes``).

Parameters: ``text``; ``genres``: an array, empty for all; ``year_min``, ``year_max`` or null; ``rows``: how many rows
are wanted; ``most``: beyond how many nothing is counted. Filters keep what has no year and, of releases, what has no
genre. A record's JSON is unpacked once for all that is needed of it.

Rows: matching, of these within the filters, then best: ``[[id, rank, name, year or null, genres or null]]``, and for
masters and releases ``{decade: count}``, for releases ``{genre: count}``, of all that match.
"""

# Text that is stop words alone is a query without a node, and nothing matches it.
HAS_WORDS = "SELECT numnode(plainto_tsquery('english', %(text)s)) > 0"

SEARCH_ARTISTS = """
WITH found AS MATERIALIZED (
    SELECT data_id, record.name AS name, ts_rank(to_tsvector('english', left(record.name, 10000)), query) AS rank
    FROM plainto_tsquery('english', %(text)s) AS query, artists, jsonb_to_record(data) AS record (name text)
    WHERE to_tsvector('english', left(coalesce(data->>'name', ''), 10000)) @@ query
), best AS (
    SELECT data_id, rank, name
    FROM found
    ORDER BY rank DESC, data_id::text COLLATE "C"
    LIMIT %(rows)s
)
SELECT
    (SELECT least(count(*), %(most)s) FROM found),
    (SELECT least(count(*), %(most)s) FROM found),
    (
        SELECT coalesce(
            jsonb_agg(
                jsonb_build_array(data_id, rank, name, null, null) ORDER BY rank DESC, data_id::text COLLATE "C"
            ),
            '[]'
        )
        FROM best
    )
"""

SEARCH_LABELS = """
WITH found AS MATERIALIZED (
    SELECT data_id, record.name AS name, ts_rank(to_tsvector('english', left(record.name, 10000)), query) AS rank
    FROM plainto_tsquery('english', %(text)s) AS query, labels, jsonb_to_record(data) AS record (name text)
    WHERE to_tsvector('english', left(coalesce(data->>'name', ''), 10000)) @@ query
), best AS (
    SELECT data_id, rank, name
    FROM found
    ORDER BY rank DESC, data_id::text COLLATE "C"
    LIMIT %(rows)s
)
SELECT
    (SELECT least(count(*), %(most)s) FROM found),
    (SELECT least(count(*), %(most)s) FROM found),
    (
        SELECT coalesce(
            jsonb_agg(
                jsonb_build_array(data_id, rank, name, null, null) ORDER BY rank DESC, data_id::text COLLATE "C"
            ),
            '[]'
        )
        FROM best
    )
"""

SEARCH_MASTERS = """
WITH found AS MATERIALIZED (
    SELECT data_id, record.title AS name, record.year,
        ts_rank(to_tsvector('english', left(record.title, 10000)), query) AS rank
    FROM plainto_tsquery('english', %(text)s) AS query, masters,
        jsonb_to_record(data) AS record (title text, year int)
    WHERE to_tsvector('english', left(coalesce(data->>'title', ''), 10000)) @@ query
), kept AS (
    SELECT *
    FROM found
    WHERE year IS NULL
        OR (year >= coalesce(%(year_min)s::int, year) AND year <= coalesce(%(year_max)s::int, year))
), best AS (
    SELECT data_id, rank, name, year
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
            jsonb_agg(
                jsonb_build_array(data_id, rank, name, year, null) ORDER BY rank DESC, data_id::text COLLATE "C"
            ),
            '[]'
        )
        FROM best
    ),
    (SELECT coalesce(jsonb_object_agg(decade, records), '{}') FROM decade)
"""

SEARCH_RELEASES = """
WITH found AS MATERIALIZED (
    SELECT data_id, record.title AS name, record.year, record.genres,
        ts_rank(to_tsvector('english', left(record.title, 10000)), query) AS rank
    FROM plainto_tsquery('english', %(text)s) AS query, releases,
        jsonb_to_record(data) AS record (title text, year int, genres text[])
    WHERE to_tsvector('english', left(coalesce(data->>'title', ''), 10000)) @@ query
), kept AS (
    SELECT *
    FROM found
    WHERE (
            year IS NULL
            OR (year >= coalesce(%(year_min)s::int, year) AND year <= coalesce(%(year_max)s::int, year))
        )
        AND (genres IS NULL OR cardinality(%(genres)s::text[]) = 0 OR genres && %(genres)s::text[])
), best AS (
    SELECT data_id, rank, name, year, genres
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
    FROM counted, unnest(genres) AS genre
    GROUP BY genre
)
SELECT
    (SELECT least(count(*), %(most)s) FROM found),
    (SELECT least(count(*), %(most)s) FROM kept),
    (
        SELECT coalesce(
            jsonb_agg(
                jsonb_build_array(data_id, rank, name, year, genres) ORDER BY rank DESC, data_id::text COLLATE "C"
            ),
            '[]'
        )
        FROM best
    ),
    (SELECT coalesce(jsonb_object_agg(decade, records), '{}') FROM decade),
    (SELECT coalesce(jsonb_object_agg(genre, records), '{}') FROM genre)
"""

# names: an array. In their order.
HIGHLIGHT = """
SELECT ts_headline('english', name, query)
FROM plainto_tsquery('english', %(text)s) AS query, unnest(%(names)s::text[]) WITH ORDINALITY AS given (name, place)
ORDER BY place
"""

# Names with a stretch that looks like the text, without accents and capitals: a beginning, a slip of the pen.
SIMILAR_ARTISTS = """
WITH found AS MATERIALIZED (
    SELECT data_id, data->>'name' AS name, word_similarity(plain_name(%(text)s), plain_name(data->>'name')) AS rank
    FROM artists
    WHERE plain_name(data->>'name') %%> plain_name(%(text)s)
    LIMIT %(most)s
), best AS (
    SELECT data_id, rank, name
    FROM found
    ORDER BY rank DESC, data_id::text COLLATE "C"
    LIMIT %(rows)s
)
SELECT
    (SELECT count(*) FROM found),
    (SELECT count(*) FROM found),
    (
        SELECT coalesce(
            jsonb_agg(
                jsonb_build_array(data_id, rank, name, null, null) ORDER BY rank DESC, data_id::text COLLATE "C"
            ),
            '[]'
        )
        FROM best
    )
"""

SIMILAR_LABELS = """
WITH found AS MATERIALIZED (
    SELECT data_id, data->>'name' AS name, word_similarity(plain_name(%(text)s), plain_name(data->>'name')) AS rank
    FROM labels
    WHERE plain_name(data->>'name') %%> plain_name(%(text)s)
    LIMIT %(most)s
), best AS (
    SELECT data_id, rank, name
    FROM found
    ORDER BY rank DESC, data_id::text COLLATE "C"
    LIMIT %(rows)s
)
SELECT
    (SELECT count(*) FROM found),
    (SELECT count(*) FROM found),
    (
        SELECT coalesce(
            jsonb_agg(
                jsonb_build_array(data_id, rank, name, null, null) ORDER BY rank DESC, data_id::text COLLATE "C"
            ),
            '[]'
        )
        FROM best
    )
"""
