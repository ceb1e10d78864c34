"""The artists and labels with the most releases, by the beginnings of their names: for type-ahead (decision 120).

Counted in PostgreSQL when a run ends. A reader needs a fallback: the table is empty until the first maintenance, and
PostgreSQL may be away.
"""

from __future__ import annotations

from django.db import connection

from apps.catalog import reading
from apps.graph import differences, statistics

# How many artists, and how many labels, are kept: those with the most releases.
MOST = 100_000

# Names in lower case, cut to what an index can hold.
COUNT = """
CREATE TEMPORARY TABLE busiest AS
SELECT 'artist' AS kind, data_id AS id, lower(left(data->>'name', 200)) AS name, releases
FROM (
    SELECT unnest(artists) AS data_id, count(*)::int AS releases
    FROM fact
    GROUP BY 1
    ORDER BY releases DESC, data_id
    LIMIT %(most)s
) AS credited
JOIN artists USING (data_id)
WHERE data->>'name' <> ''
UNION ALL
SELECT 'label', data_id, lower(left(data->>'name', 200)), releases
FROM (
    SELECT unnest(labels) AS data_id, count(*)::int AS releases
    FROM fact
    GROUP BY 1
    ORDER BY releases DESC, data_id
    LIMIT %(most)s
) AS named
JOIN labels USING (data_id)
WHERE data->>'name' <> ''
"""
ANALYZE = "ANALYZE leading_name"

BEGINNING_WITH = """
SELECT id::text
FROM leading_name
WHERE kind = %(kind)s AND name ^@ lower(left(%(text)s, 200)) COLLATE "C"
ORDER BY name <> lower(left(%(text)s, 200)), releases DESC, leading_name.id
LIMIT %(limit)s
"""

# The time limit of a statement, in seconds.
SECONDS = 2


def rebuild() -> None:
    """Count the leading names anew and write the rows that differ. The call is idempotent."""
    with statistics.facts(), connection.cursor() as cursor, statistics.temporary_tables(cursor, "busiest"):
        cursor.execute(COUNT, {"most": MOST})
        differences.write(cursor, "leading_name", "busiest", keys=("kind", "id"), values=("name", "releases"))
        cursor.execute(ANALYZE)


def find_ids(kind: str, text: str, limit: int) -> list[str]:
    """Return the ids of names that begin with a text, whatever their case; empty if the table is not usable.

    A name that equals the text comes first, then those with the most releases.
    """
    found = reading.rows_if_there(BEGINNING_WITH, seconds=SECONDS, kind=kind, text=text, limit=limit)
    return [id_ for (id_,) in found or ()]
