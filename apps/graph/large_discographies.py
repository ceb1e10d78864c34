"""The releases of the artists and labels that have very many, by year: counted when a run ends (decision 171).

A reader needs a fallback: the table is empty until the first maintenance, and lacks most artists and labels.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

import orjson
from django.db import connection

from apps.catalog import reading
from apps.graph import differences, statistics
from apps.ingest.sources.discogs_ids import id_number

# Those with fewer releases are read from the graph, which takes some 10 ms for so many.
LEAST = 1000
# Stands for no year: in descending order such releases are first.
NO_YEAR = 2**31 - 1

# ``place``: which of the sets of formats of its year a release has.
COUNT = """
CREATE TEMPORARY TABLE discography AS
WITH pair AS (
    SELECT 'artist' AS kind, unnest(artists) AS entity, data_id, year, title, formats, master FROM fact
    UNION ALL
    SELECT 'label', unnest(labels), data_id, year, title, formats, master FROM fact
), large AS (
    SELECT kind, entity FROM pair GROUP BY kind, entity HAVING count(*) >= %(least)s
), placed AS (
    SELECT kind, entity, coalesce(pair.year, 2147483647) AS year, pair.data_id, pair.title, masters.data_id AS master,
        coalesce(pair.formats, '[]')::text COLLATE "C" AS formats,
        dense_rank() OVER (
            PARTITION BY kind, entity, pair.year ORDER BY coalesce(pair.formats, '[]')::text COLLATE "C"
        ) - 1 AS place
    FROM pair
    JOIN large USING (kind, entity)
    LEFT JOIN masters ON masters.data_id::text = pair.master
)
SELECT kind, entity, year, count(*)::int AS count,
    '[' || string_agg(data_id::text, ',' ORDER BY title COLLATE "C", data_id::text COLLATE "C") || ']' AS ids,
    '[' || string_agg(
        coalesce(master::text, 'null'), ',' ORDER BY title COLLATE "C", data_id::text COLLATE "C"
    ) || ']' AS masters,
    '[' || string_agg(place::text, ',' ORDER BY title COLLATE "C", data_id::text COLLATE "C") || ']' AS places,
    '[' || string_agg(DISTINCT formats, ',' ORDER BY formats) || ']' AS formats
FROM placed
GROUP BY kind, entity, year
"""

YEARS = """
SELECT CASE WHEN year < 2147483647 THEN year END, count
FROM large_discography
WHERE kind = %(kind)s AND entity = %(entity)s
ORDER BY year DESC
"""
RELEASES = """
SELECT ids, masters, places, formats
FROM large_discography
WHERE kind = %(kind)s AND entity = %(entity)s AND year = ANY(%(years)s)
ORDER BY year DESC
"""
IDS = """
SELECT entity::text, ids
FROM large_discography
WHERE kind = %(kind)s AND entity = ANY(%(entities)s)
"""
# The time limit of a statement, in seconds.
SECONDS = 10
# Years that are read at once.
BATCH = 20


class Listed(NamedTuple):
    """Some releases of a discography, in order: their ids, those of their masters, and the places of their formats.

    ``names``: the names of formats by place; many releases have the same.
    """

    ids: list[int]
    masters: list[int | None]
    places: list[int]
    names: list[Sequence[str]]

    def list_flags(self, formats: Collection[str]) -> list[bool]:
        """Return of each release whether it has one of some formats."""
        flags = [not set(each).isdisjoint(formats) for each in self.names]
        return [flags[place] for place in self.places]


def rebuild() -> None:
    """Count the large discographies anew and write the rows that differ. The call is idempotent."""
    with statistics.facts(), connection.cursor() as cursor, statistics.temporary_tables(cursor, "discography"):
        cursor.execute(COUNT, {"least": LEAST})
        values = ("count", "ids", "masters", "places", "formats")
        differences.write(cursor, "large_discography", "discography", keys=("kind", "entity", "year"), values=values)


def list_years(kind: str, id_: str) -> list[tuple[int | None, int]]:
    """Return (year, releases) of an artist or label, None for no year first, then the latest.

    Empty if the discography is not in the table, as most are.
    """
    entity = id_number(id_)
    if entity is None or kind not in ("artist", "label"):
        return []
    return [(year, count) for year, count in reading.rows(YEARS, seconds=SECONDS, kind=kind, entity=entity)]


def read_releases(kind: str, id_: str, years: Sequence[int | None]) -> Iterator[Listed]:
    """Yield the releases of each of these years, which are in the order of ``list_years``, by title and id."""
    for start in range(0, len(years), BATCH):
        wanted = [NO_YEAR if year is None else year for year in years[start : start + BATCH]]
        found = reading.rows(RELEASES, seconds=SECONDS, kind=kind, entity=int(id_), years=wanted)
        for ids, masters, places, formats in found:
            yield Listed(*map(orjson.loads, (ids, masters, places, formats)))


def list_ids(kind: str, ids: Iterable[str]) -> dict[str, list[int]]:
    """Return id → ids of all releases, of those artists or labels that are in the table."""
    entities = [number for each in ids if (number := id_number(each)) is not None]
    found: dict[str, list[int]] = {}
    for entity, releases in reading.rows(IDS, seconds=SECONDS, kind=kind, entities=entities):
        found.setdefault(entity, []).extend(orjson.loads(releases))
    return found
