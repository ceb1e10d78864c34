"""Profiles of the leading artists of each genre: counted in PostgreSQL when a run ends (decision 91).

A reader needs a fallback: the table is empty until the first maintenance, and PostgreSQL may be away.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import orjson
from django.db import connection

from apps.catalog import reading
from apps.graph import differences, statistics
from apps.ingest.sources.discogs_ids import id_number

# How many artists of each genre get a profile: those with the most releases. All others can be walked for a request.
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
# The releases of these artists, one row for each release and artist.
MAKE_OWN = """
CREATE TEMPORARY TABLE own AS
SELECT leader.artist, fact.ctid AS release, genres, styles, labels, artists
FROM fact, unnest(artists) AS credited, leader
WHERE leader.artist = credited
"""
# Labels or artists with the same name count once for a release. All without a name count as one.
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

# The time limit of a statement, in seconds.
SECONDS = 30

Found = dict[str, Any]


def rebuild() -> None:
    """Count the profiles anew from releases and tallies, and write the rows that differ. The call is idempotent."""
    with (
        statistics.facts(),
        connection.cursor() as cursor,
        statistics.temporary_tables(cursor, "leader", "own", "profiled"),
    ):
        cursor.execute(MAKE_LEADERS, {"leaders": LEADERS})
        cursor.execute(MAKE_OWN)
        cursor.execute(COUNT)
        differences.write(cursor, "profile", "profiled", keys=("artist",), values=("names",))


def get_profiles(ids: Collection[str]) -> Found:
    """Return id → dimension → name → releases for the artists that have a profile."""
    return _read(OF_ARTISTS, ids)


def get_genres(ids: Collection[str]) -> Found:
    """Return id → genre → releases for the artists that have a profile."""
    return _read(GENRES_OF_ARTISTS, ids)


def _read(statement: str, ids: Collection[str]) -> Found:
    numbers = [number for id_ in ids if (number := id_number(id_)) is not None]
    found = reading.rows_if_there(statement, seconds=SECONDS, artists=numbers)
    return {id_: orjson.loads(names) for id_, names in found or ()}
