"""Figures of genres, styles and labels, counted in PostgreSQL from the stored records.

One pass over the releases makes a narrow copy of the columns that count; everything else is grouped from that copy, so
that the long JSON is unpacked once. ``facts`` holds the copy: nested uses share the outermost one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

# A duplicate in a list counts once. Lists of one, which are most, are not worth a subquery; jsonb_to_record unpacks a
# record once where four ``data -> …`` would do it four times. Longer ids than 18 digits exceed the key's type.
MAKE_FACTS = (
    """
    CREATE TEMPORARY TABLE fact AS
    SELECT
        record.year,
        CASE WHEN cardinality(record.genres) > 1
            THEN ARRAY(SELECT DISTINCT unnest(record.genres)) ELSE record.genres END AS genres,
        CASE WHEN cardinality(record.styles) > 1
            THEN ARRAY(SELECT DISTINCT unnest(record.styles)) ELSE record.styles END AS styles,
        CASE WHEN jsonb_array_length(record.artists) = 1 AND record.artists -> 0 ->> 'id' ~ '^[1-9][0-9]{0,17}$'
            THEN ARRAY[(record.artists -> 0 ->> 'id')::bigint]
            ELSE ARRAY(
                SELECT DISTINCT (entry ->> 'id')::bigint
                FROM jsonb_array_elements(record.artists) AS entry
                WHERE entry ->> 'id' ~ '^[1-9][0-9]{0,17}$'
            ) END AS artists,
        CASE WHEN jsonb_array_length(record.labels) = 1 AND record.labels -> 0 ->> 'id' ~ '^[1-9][0-9]{0,17}$'
            THEN ARRAY[(record.labels -> 0 ->> 'id')::bigint]
            ELSE ARRAY(
                SELECT DISTINCT (entry ->> 'id')::bigint
                FROM jsonb_array_elements(record.labels) AS entry
                WHERE entry ->> 'id' ~ '^[1-9][0-9]{0,17}$'
            ) END AS labels
    FROM releases,
        jsonb_to_record(data) AS record (year int, genres text[], styles text[], artists jsonb, labels jsonb)
    """,
    "ANALYZE pg_temp.fact",
    """
    CREATE TEMPORARY TABLE missing_artist AS
    SELECT artist
    FROM (SELECT DISTINCT unnest(artists) AS artist FROM fact) AS named
    WHERE NOT EXISTS (SELECT FROM artists WHERE artists.data_id = named.artist)
    """,
    """
    CREATE TEMPORARY TABLE missing_label AS
    SELECT label
    FROM (SELECT DISTINCT unnest(labels) AS label FROM fact) AS named
    WHERE NOT EXISTS (SELECT FROM labels WHERE labels.data_id = named.label)
    """,
)
DROP_FACTS = "DROP TABLE IF EXISTS pg_temp.fact, pg_temp.missing_artist, pg_temp.missing_label"
HAVE_FACTS = "SELECT to_regclass('pg_temp.missing_label') IS NOT NULL"

# Most of the time goes into distinct pairs, which fit into this for some two million releases and spill beyond.
SET_WORK_MEMORY = "SET work_mem = '128MB'"
RESET_WORK_MEMORY = "RESET work_mem"

FETCH_ROWS = 2000

# Rows: name, release_count, artist_count, label_count, style_count, first_year or 0.
GENRES = """
WITH tagged AS (SELECT unnest(genres) AS genre, year, styles, artists, labels FROM fact)
SELECT genre, release_count, coalesce(artist_count, 0), coalesce(label_count, 0), coalesce(style_count, 0), first_year
FROM (
    SELECT genre, count(*) AS release_count, coalesce(min(year) FILTER (WHERE year > 0), 0) AS first_year
    FROM tagged
    GROUP BY genre
) AS releases
LEFT JOIN (
    SELECT genre, count(*) AS artist_count
    FROM (SELECT DISTINCT genre, unnest(artists) AS artist FROM tagged) AS pair
    WHERE NOT EXISTS (SELECT FROM missing_artist WHERE missing_artist.artist = pair.artist)
    GROUP BY genre
) AS artists USING (genre)
LEFT JOIN (
    SELECT genre, count(*) AS label_count
    FROM (SELECT DISTINCT genre, unnest(labels) AS label FROM tagged) AS pair
    WHERE NOT EXISTS (SELECT FROM missing_label WHERE missing_label.label = pair.label)
    GROUP BY genre
) AS labels USING (genre)
LEFT JOIN (
    SELECT genre, count(*) AS style_count
    FROM (SELECT DISTINCT genre, unnest(styles) AS style FROM tagged) AS pair
    GROUP BY genre
) AS styles USING (genre)
"""

# Rows: name, release_count, artist_count, label_count, genre_count, first_year or 0.
STYLES = """
WITH tagged AS (SELECT unnest(styles) AS style, year, genres, artists, labels FROM fact)
SELECT style, release_count, coalesce(artist_count, 0), coalesce(label_count, 0), coalesce(genre_count, 0), first_year
FROM (
    SELECT style, count(*) AS release_count, coalesce(min(year) FILTER (WHERE year > 0), 0) AS first_year
    FROM tagged
    GROUP BY style
) AS releases
LEFT JOIN (
    SELECT style, count(*) AS artist_count
    FROM (SELECT DISTINCT style, unnest(artists) AS artist FROM tagged) AS pair
    WHERE NOT EXISTS (SELECT FROM missing_artist WHERE missing_artist.artist = pair.artist)
    GROUP BY style
) AS artists USING (style)
LEFT JOIN (
    SELECT style, count(*) AS label_count
    FROM (SELECT DISTINCT style, unnest(labels) AS label FROM tagged) AS pair
    WHERE NOT EXISTS (SELECT FROM missing_label WHERE missing_label.label = pair.label)
    GROUP BY style
) AS labels USING (style)
LEFT JOIN (
    SELECT style, count(*) AS genre_count
    FROM (SELECT DISTINCT style, unnest(genres) AS genre FROM tagged) AS pair
    GROUP BY style
) AS genres USING (style)
"""

# Rows: id, release_count, artist_count, genre_count; of every label, also of those without releases.
LABELS = """
WITH tagged AS (SELECT unnest(labels) AS label, genres, artists FROM fact)
SELECT data_id, coalesce(release_count, 0), coalesce(artist_count, 0), coalesce(genre_count, 0)
FROM labels
LEFT JOIN (
    SELECT label AS data_id, count(*) AS release_count
    FROM tagged
    GROUP BY label
) AS releases USING (data_id)
LEFT JOIN (
    SELECT label AS data_id, count(*) AS artist_count
    FROM (SELECT DISTINCT label, unnest(artists) AS artist FROM tagged) AS pair
    WHERE NOT EXISTS (SELECT FROM missing_artist WHERE missing_artist.artist = pair.artist)
    GROUP BY label
) AS artists USING (data_id)
LEFT JOIN (
    SELECT label AS data_id, count(*) AS genre_count
    FROM (SELECT DISTINCT label, unnest(genres) AS genre FROM tagged) AS pair
    GROUP BY label
) AS genres USING (data_id)
ORDER BY data_id
"""

# Rows: style, genre, weight. A record has exactly one genre if its first one equals all of them.
PART_OF = """
SELECT style, genre, count(*)
FROM (
    SELECT unnest(styles) AS style, genres[1] AS genre
    FROM fact
    WHERE cardinality(genres) = 1
    UNION ALL
    SELECT style, genre
    FROM (
        SELECT DISTINCT data_id, unnest(record.styles) AS style, record.genres[1] AS genre
        FROM masters, jsonb_to_record(data) AS record (genres text[], styles text[])
        WHERE record.genres[1] = ALL (record.genres)
    ) AS master
) AS tag
GROUP BY style, genre
"""

Figures = dict[str, list[int]]


@contextmanager
def facts() -> Iterator[None]:
    """Hold the narrow copy of the releases, as they were when the outermost of nested uses began.

    Every function here makes one for itself; around several of them this saves all but one pass.
    """
    with connection.cursor() as cursor:
        cursor.execute(HAVE_FACTS)
        shared = cursor.fetchone() == (True,)
    if shared:
        yield
    else:
        with _own_facts():
            yield


@contextmanager
def _own_facts() -> Iterator[None]:
    with connection.cursor() as cursor:
        try:
            cursor.execute(SET_WORK_MEMORY)
            for statement in MAKE_FACTS:
                cursor.execute(statement)
            yield
        finally:
            cursor.execute(DROP_FACTS)
            cursor.execute(RESET_WORK_MEMORY)


def count_genres() -> Figures:
    """Return ``{genre: [release_count, artist_count, label_count, style_count, first_year or 0]}``."""
    return {name: figures for name, *figures in _rows(GENRES)}


def count_styles() -> Figures:
    """Return ``{style: [release_count, artist_count, label_count, genre_count, first_year or 0]}``."""
    return {name: figures for name, *figures in _rows(STYLES)}


def count_labels() -> Iterator[list[Any]]:
    """Yield ``[id, [release_count, artist_count, genre_count]]`` of every label, by ascending number."""
    return ([str(data_id), figures] for data_id, *figures in _rows(LABELS))


def weigh_part_of() -> dict[tuple[str, str], int]:
    """Return ``{(style, genre): weight}`` from releases and masters."""
    return {(style, genre): weight for style, genre, weight in _rows(PART_OF)}


def _rows(statement: str) -> Iterator[tuple[Any, ...]]:
    with facts(), connection.chunked_cursor() as cursor:
        cursor.execute(statement)
        while rows := cursor.fetchmany(FETCH_ROWS):
            yield from rows
