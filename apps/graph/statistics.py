"""Count the figures of genres, styles and labels in PostgreSQL, from the stored records.

One pass over the releases makes a narrow copy of the needed columns, so that the long JSON is unpacked only once. All
figures are grouped from that copy. ``facts`` holds it; nested uses share the outermost one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from apps.graph.rows import NAME_CHARACTERS
from apps.ingest.sources.discogs_ids import LAST_ID


def names_in(field: str) -> str:
    """Return an SQL expression: the distinct names in a JSON list, cut as in the graph; null if the list is absent.

    An entry is a text, or an object whose text is ``#text``. Most lists have one entry; for these the expression avoids
    a subquery.
    """
    return f"""
        CASE WHEN jsonb_typeof({field} -> 0) = 'string' AND {field} -> 1 IS NULL
            THEN ARRAY[left({field} ->> 0, {NAME_CHARACTERS})]
            WHEN jsonb_typeof({field}) = 'array' THEN ARRAY(
                SELECT DISTINCT left(coalesce(entry ->> '#text', entry #>> '{{}}'), {NAME_CHARACTERS})
                FROM jsonb_array_elements({field}) AS entry
                WHERE jsonb_typeof(entry) = 'string' OR entry ? '#text'
            )
        END"""


def ids_in(field: str) -> str:
    """Return an SQL expression: the distinct valid ids in a JSON list of objects; null if the list is absent."""
    return f"""
        CASE WHEN {field} -> 0 ->> 'id' ~ '^[1-9][0-9]{{0,17}}$' AND {field} -> 1 IS NULL
            THEN ARRAY[({field} -> 0 ->> 'id')::bigint]
            WHEN jsonb_typeof({field}) = 'array' THEN ARRAY(
                SELECT DISTINCT (entry ->> 'id')::bigint
                FROM jsonb_array_elements({field}) AS entry
                WHERE entry ->> 'id' ~ '^[1-9][0-9]{{0,18}}$'
                    AND lpad(entry ->> 'id', 19, '0') <= '{LAST_ID}' COLLATE "C"
            )
        END"""


# jsonb_to_record unpacks a record once; several ``data -> …`` would unpack it for each.
MAKE_FACTS = (
    f"""
    CREATE TEMPORARY TABLE fact AS
    SELECT
        data_id,
        record.year,
        nullif(left(coalesce(record.title ->> '#text', record.title #>> '{{}}'), {NAME_CHARACTERS}), '') AS title,
        jsonb_path_query_array(record.formats, '$[*].name ? (@.type() == "string")') AS formats,
        coalesce(record.master_id ->> '#text', record.master_id #>> '{{}}') AS master,
        {names_in("record.genres")} AS genres,
        {names_in("record.styles")} AS styles,
        {ids_in("record.artists")} AS artists,
        {ids_in("record.labels")} AS labels
    FROM releases,
        jsonb_to_record(data) AS record (
            year int, title jsonb, formats jsonb, master_id jsonb,
            genres jsonb, styles jsonb, artists jsonb, labels jsonb
        )
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
FACTS = ("fact", "missing_artist", "missing_label")

# Most of the time goes into distinct pairs. Those of some two million releases fit into this memory; more spill to
# disk.
SET_WORK_MEMORY = "SET work_mem = '128MB'"
RESET_WORK_MEMORY = "RESET work_mem"

FETCH_ROWS = 2000

_has_facts = ContextVar("has_facts", default=False)

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

# Rows: id, release_count, artist_count, genre_count; for every label, including those without releases.
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

# Rows: style, genre, weight; counted over releases and masters that have exactly one genre.
PART_OF = f"""
SELECT style, genre, count(*)
FROM (
    SELECT unnest(styles) AS style, genres[1] AS genre
    FROM fact
    WHERE cardinality(genres) = 1
    UNION ALL
    SELECT style, genre
    FROM (
        SELECT unnest(styles) AS style, genres[1] AS genre
        FROM (
            SELECT {names_in("record.genres")} AS genres, {names_in("record.styles")} AS styles
            FROM masters, jsonb_to_record(data) AS record (genres jsonb, styles jsonb)
        ) AS named
        WHERE cardinality(genres) = 1
    ) AS master
) AS tag
GROUP BY style, genre
"""

Figures = dict[str, list[int]]


@contextmanager
def facts() -> Iterator[None]:
    """Hold the narrow copy of the releases during the block, as they are when the outermost block begins.

    Every counting function opens this itself. Around several of them, one block saves all but one pass.
    """
    if _has_facts.get():
        yield
        return
    with connection.cursor() as cursor, temporary_tables(cursor, *FACTS):
        # A context variable, not an argument: the counting functions are also called alone, and then make their own
        # copy.
        token = _has_facts.set(True)
        try:
            cursor.execute(SET_WORK_MEMORY)
            for statement in MAKE_FACTS:
                cursor.execute(statement)
            yield
        finally:
            _has_facts.reset(token)
            cursor.execute(RESET_WORK_MEMORY)


@contextmanager
def temporary_tables(cursor: CursorWrapper, *names: str) -> Iterator[None]:
    """Drop temporary tables after the block that creates them."""
    # Before the block too: if an earlier drop failed, the tables are still in the session.
    # A temporary table belongs to the connection, which a worker keeps for its next task.
    drop = f"DROP TABLE IF EXISTS {', '.join(f'pg_temp.{name}' for name in names)}"
    cursor.execute(drop)
    try:
        yield
    finally:
        cursor.execute(drop)


def count_genres() -> Figures:
    """Return ``{genre: [release_count, artist_count, label_count, style_count, first_year or 0]}``."""
    return {name: figures for name, *figures in _rows(GENRES)}


def count_styles() -> Figures:
    """Return ``{style: [release_count, artist_count, label_count, genre_count, first_year or 0]}``."""
    return {name: figures for name, *figures in _rows(STYLES)}


def count_labels() -> Iterator[list[Any]]:
    """Yield ``[id, [release_count, artist_count, genre_count]]`` of every label, in ascending order of the number."""
    return ([str(data_id), figures] for data_id, *figures in _rows(LABELS))


def weigh_part_of() -> dict[tuple[str, str], int]:
    """Return ``{(style, genre): weight}`` from releases and masters."""
    return {(style, genre): weight for style, genre, weight in _rows(PART_OF)}


def read_rows(statement: str) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a query. They stream, so memory does not grow with them."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement)
        while rows := cursor.fetchmany(FETCH_ROWS):
            yield from rows


def _rows(statement: str) -> Iterator[tuple[Any, ...]]:
    with facts():
        yield from read_rows(statement)
