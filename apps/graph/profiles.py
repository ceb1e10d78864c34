"""What the releases of those artists have that lead a genre: counted in PostgreSQL when a run ends.

A reader must do without: the table is empty until the first maintenance, and PostgreSQL may be away.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import orjson
from django.db import connection

from apps.catalog import reading
from apps.graph import differences, statistics
from apps.ingest.sources.discogs_ids import id_number

# Of each genre, so many of those with most releases; all others can be walked.
LEADERS = 500

MAKE_LEADERS = """
CREATE TEMPORARY TABLE leader AS
SELECT DISTINCT child::bigint AS artist
FROM (SELECT DISTINCT parent FROM tally WHERE kind = 'genre artist') AS genre, LATERAL (
    SELECT child
    FROM tally
    WHERE tally.kind = 'genre artist' AND left(tally.parent, 200) = left(genre.parent, 200)
        AND tally.parent = genre.parent
    ORDER BY releases DESC, left(child, 200), child
    LIMIT %(leaders)s
) AS best
"""
# The releases of these, each as often as it has one of them.
MAKE_OWN = """
CREATE TEMPORARY TABLE own AS
SELECT leader.artist, fact.ctid AS release, genres, styles, labels, artists
FROM fact, unnest(artists) AS credited, leader
WHERE leader.artist = credited
"""
# Two labels or artists of one name count once for a release, and all without a name are one.
COUNT = """
CREATE TEMPORARY TABLE profiled AS
WITH label_name AS (
    SELECT data_id AS label, coalesce(data->>'name', '') AS name
    FROM labels
    WHERE data_id IN (SELECT unnest(labels) FROM own)
), artist_name AS (
    SELECT data_id AS artist, coalesce(data->>'name', '') AS name
    FROM artists
    WHERE data_id IN (SELECT unnest(artists) FROM own WHERE cardinality(artists) > 1)
), counted AS (
    SELECT artist, 'genre' AS kind, name, count(*) AS releases
    FROM own, unnest(genres) AS name
    GROUP BY artist, name
    UNION ALL
    SELECT artist, 'style', name, count(*)
    FROM own, unnest(styles) AS name
    GROUP BY artist, name
    UNION ALL
    SELECT artist, 'label', name, count(DISTINCT release)
    FROM own, unnest(labels) AS label
    JOIN label_name USING (label)
    GROUP BY artist, name
    UNION ALL
    SELECT own.artist, 'collaborator', name, count(DISTINCT release)
    FROM own, unnest(artists) AS other
    JOIN artist_name ON artist_name.artist = other
    WHERE other <> own.artist
    GROUP BY own.artist, name
), dimension AS (
    SELECT artist, kind, jsonb_object_agg(name, releases) AS counts
    FROM counted
    GROUP BY artist, kind
)
SELECT artist, jsonb_object_agg(kind, counts) AS names
FROM dimension
GROUP BY artist
"""

# artists: numbers.
OF_ARTISTS = "SELECT artist::text, names::text FROM profile WHERE artist = ANY(%(artists)s)"
GENRES_OF_ARTISTS = "SELECT artist::text, (names->'genre')::text FROM profile WHERE artist = ANY(%(artists)s)"

# Most seconds that anybody waits.
SECONDS = 30

Found = dict[str, Any]


def rebuild() -> None:
    """Bring the profiles to what the releases and the tallies say."""
    with (
        statistics.facts(),
        connection.cursor() as cursor,
        statistics.temporary_tables(cursor, "leader", "own", "profiled"),
    ):
        cursor.execute(MAKE_LEADERS, {"leaders": LEADERS})
        cursor.execute(MAKE_OWN)
        cursor.execute(COUNT)
        differences.write(cursor, "profile", "profiled", keys=("artist",), values=("names",))


def of_artists(ids: Collection[str]) -> Found:
    """Return those of some artists that have a profile: id → dimension → name → releases."""
    return _read(OF_ARTISTS, ids)


def genres_of(ids: Collection[str]) -> Found:
    """Return those of some artists that have a profile: id → genre → releases."""
    return _read(GENRES_OF_ARTISTS, ids)


def _read(statement: str, ids: Collection[str]) -> Found:
    numbers = [number for id_ in ids if (number := id_number(id_)) is not None]
    found = reading.rows_if_there(statement, seconds=SECONDS, artists=numbers)
    return {id_: orjson.loads(names) for id_, names in found or ()}
