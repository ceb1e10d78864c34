"""The artists that share releases, and how many: counted in PostgreSQL when a run ends (decision 91).

A reader needs a fallback: the table is empty until the first maintenance, and PostgreSQL may be away.
"""

from __future__ import annotations

from typing import Any

from django.db import connection

from apps.catalog import reading
from apps.catalog.reading import Rows
from apps.graph import differences, statistics
from apps.ingest.sources.discogs_ids import id_number

# Only artists with a node are counted, as in all figures. Pairs of an artist with itself are kept, see
# ``Collaboration``.
COUNT = """
CREATE TEMPORARY TABLE shared AS
WITH together AS (
    SELECT year, ARRAY(
        SELECT artist
        FROM unnest(artists) AS artist
        WHERE artist NOT IN (SELECT missing_artist.artist FROM missing_artist)
    ) AS artists
    FROM fact
    WHERE cardinality(artists) > 1
)
SELECT artist, other, count(*)::int AS releases,
    coalesce(array_agg(year::smallint ORDER BY year) FILTER (WHERE year > 0), '{}') AS years
FROM together, unnest(artists) AS artist, unnest(artists) AS other
WHERE cardinality(artists) > 1
GROUP BY artist, other
"""
ANALYZE_SHARED = "ANALYZE pg_temp.shared"

ANALYZE = "ANALYZE collaboration"

# In the following statements, ``artist`` is a number and ``limit`` the number of rows. The last column of each row is
# the number of all rows without the limit.

# Rows: other, years ascending. Ordered by the number of releases that have a year.
DATED = """
SELECT other::text, years, count(*) OVER ()
FROM collaboration
WHERE artist = %(artist)s AND other <> artist AND years <> '{}'
ORDER BY cardinality(years) DESC, other::text COLLATE "C"
LIMIT %(limit)s
"""

# Rows: other, 1, releases.
NEAR = """
SELECT other::text, 1, releases, count(*) OVER ()
FROM collaboration
WHERE artist = %(artist)s AND other <> artist
ORDER BY releases DESC, other::text COLLATE "C"
LIMIT %(limit)s
"""

# Rows: other, distance, number of shared releases or, at distance 2, of artists in between.
NEAR_AND_FAR = """
WITH near AS MATERIALIZED (
    SELECT other, releases
    FROM collaboration
    WHERE artist = %(artist)s AND other <> artist
), far AS (
    SELECT next.other, count(*)::int AS between
    FROM near
    JOIN collaboration AS next ON next.artist = near.other
    WHERE next.other <> %(artist)s AND NOT EXISTS (SELECT FROM near AS nearer WHERE nearer.other = next.other)
    GROUP BY next.other
), every AS (
    SELECT other, 1 AS distance, releases AS weight FROM near
    UNION ALL
    SELECT other, 2, between FROM far
)
SELECT other::text, distance, weight, count(*) OVER ()
FROM every
ORDER BY distance, weight DESC, other::text COLLATE "C"
LIMIT %(limit)s
"""

# One row, if there is a collaboration: number of other artists, number of releases with them.
SIZE = """
SELECT count(*) FILTER (WHERE other <> artist), max(releases) FILTER (WHERE other = artist)
FROM collaboration
WHERE artist = %(artist)s
HAVING count(*) > 0
"""

ANY = "SELECT EXISTS (SELECT FROM collaboration)"

# The time limit of a statement, in seconds.
SECONDS = 30


def rebuild() -> None:
    """Count the collaborations anew and write the rows that differ. The call is idempotent."""
    with statistics.facts(), connection.cursor() as cursor, statistics.temporary_tables(cursor, "shared"):
        cursor.execute(COUNT)
        cursor.execute(ANALYZE_SHARED)
        differences.write(cursor, "collaboration", "shared", keys=("artist", "other"), values=("releases", "years"))
        cursor.execute(ANALYZE)


def list_dated(artist_id: str, limit: int) -> Rows | None:
    """Return (id, years, number of all) of the artists that share dated releases; None if the table is not usable."""
    return _rows(DATED, artist_id, limit=limit)


def network(artist_id: str, depth: int, limit: int) -> Rows | None:
    """Return (id, distance, count, number of all) of artists within ``depth`` 1 or 2; None if the table is unusable."""
    return _rows(NEAR_AND_FAR if depth > 1 else NEAR, artist_id, limit=limit)


def size(artist_id: str) -> tuple[int, int] | None:
    """Return (number of collaborators, number of releases with them); None if the table is not usable."""
    found = _rows(SIZE, artist_id)
    return None if found is None else next(iter(found), (0, 0))


def _rows(statement: str, artist_id: str, **parameters: Any) -> Rows | None:
    number = id_number(artist_id)
    if number is None:
        return []
    found = reading.rows_if_there(statement, seconds=SECONDS, artist=number, **parameters)
    # No row may mean that the artist has no collaborator, or that the table was never filled.
    return None if found == [] and reading.rows_if_there(ANY, seconds=SECONDS) != [(True,)] else found
