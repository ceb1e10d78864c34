"""Which releases stand for all of an entity, where there are too many to be shown.

Releases have a fixed order in which any first part is spread over the years: one of each year before a second one of
any, and of the years always one that is far from those before it. So thirty more are added to those that are there, and
what is left out by a limit of years changes nothing about the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from apps.graph import tallies
from apps.graph.readers.expanding import MOST_SORTED
from apps.graph.reading import collected

# Each year (0: none) with how many releases it has, and the first $limit of its works: (id of the oldest edition of
# that year, what tells the work: its master's id, or that of the release with an ``r`` before it).
WORKS_OF_ARTIST = """
MATCH (:Artist {id: $id})<-[:BY]-(release:Release)
WITH DISTINCT release
WITH CASE WHEN release.year > 0 THEN release.year ELSE 0 END AS year,
    coalesce([(release)-[:DERIVED_FROM]->(master:Master) | master.id][0], 'r' + release.id) AS work,
    min(toInteger(release.id)) AS id, count(*) AS editions
ORDER BY id
WITH year, sum(editions) AS releases, collect([toString(id), work])[..$limit] AS works
ORDER BY year
RETURN collect([year, releases, works]) AS years
"""

WORKS_OF_LABEL = """
MATCH (:Label {id: $id})<-[:ON]-(release:Release)
WITH DISTINCT release
WITH CASE WHEN release.year > 0 THEN release.year ELSE 0 END AS year,
    coalesce([(release)-[:DERIVED_FROM]->(master:Master) | master.id][0], 'r' + release.id) AS work,
    min(toInteger(release.id)) AS id, count(*) AS editions
ORDER BY id
WITH year, sum(editions) AS releases, collect([toString(id), work])[..$limit] AS works
ORDER BY year
RETURN collect([year, releases, works]) AS years
"""

WORKS_OF_GENRE = """
MATCH (:Genre {name: $id})<-[:IS]-(release:Release)
WITH CASE WHEN release.year > 0 THEN release.year ELSE 0 END AS year,
    coalesce([(release)-[:DERIVED_FROM]->(master:Master) | master.id][0], 'r' + release.id) AS work,
    min(toInteger(release.id)) AS id, count(*) AS editions
ORDER BY id
WITH year, sum(editions) AS releases, collect([toString(id), work])[..$limit] AS works
ORDER BY year
RETURN collect([year, releases, works]) AS years
"""

WORKS_OF_STYLE = """
MATCH (:Style {name: $id})<-[:IS]-(release:Release)
WITH CASE WHEN release.year > 0 THEN release.year ELSE 0 END AS year,
    coalesce([(release)-[:DERIVED_FROM]->(master:Master) | master.id][0], 'r' + release.id) AS work,
    min(toInteger(release.id)) AS id, count(*) AS editions
ORDER BY id
WITH year, sum(editions) AS releases, collect([toString(id), work])[..$limit] AS works
ORDER BY year
RETURN collect([year, releases, works]) AS years
"""

# $years: [int]. Of what has more releases than can be walked while somebody waits: the first $limit of each year.
RELEASES_OF_YEARS_OF_GENRE = """
UNWIND $years AS year
CALL (year) {
    MATCH (release:Release)
    USING INDEX release:Release(year, id)
    WHERE release.year = year AND release.id IS NOT NULL AND EXISTS { (release)-[:IS]->(:Genre {name: $id}) }
    WITH release
    ORDER BY release.year, release.id
    LIMIT $limit
    RETURN collect([release.id, 'r' + release.id]) AS works
}
RETURN collect([year, works]) AS years
"""

RELEASES_OF_YEARS_OF_STYLE = """
UNWIND $years AS year
CALL (year) {
    MATCH (release:Release)
    USING INDEX release:Release(year, id)
    WHERE release.year = year AND release.id IS NOT NULL AND EXISTS { (release)-[:IS]->(:Style {name: $id}) }
    WITH release
    ORDER BY release.year, release.id
    LIMIT $limit
    RETURN collect([release.id, 'r' + release.id]) AS works
}
RETURN collect([year, works]) AS years
"""

# $ids: [str]. Titles and years of releases, in no order.
NAME_RELEASES = """
UNWIND $ids AS id
MATCH (release:Release {id: id})
RETURN collect([id, coalesce(release.title, ''), release.year]) AS names
"""

WORKS = {
    "artist": WORKS_OF_ARTIST,
    "label": WORKS_OF_LABEL,
    "genre": WORKS_OF_GENRE,
    "style": WORKS_OF_STYLE,
}
RELEASES_OF_YEARS = {"genre": RELEASES_OF_YEARS_OF_GENRE, "style": RELEASES_OF_YEARS_OF_STYLE}
# Bits of a year that are turned round: 2,048 years.
YEAR_BITS = 11


@dataclass(frozen=True, slots=True)
class Year:
    """A year (0: unknown), how many releases it has, and works of it: (id of a release, what tells the work)."""

    year: int
    releases: int
    works: Sequence[tuple[str, str]]


def list_works(kind: str, id_: str, limit: int) -> list[Year]:
    """Return the years of an entity's releases, and of each year up to ``limit`` works."""
    counts = tallies.years(kind, id_) if kind in RELEASES_OF_YEARS else None
    if counts is None or sum(counts.values()) <= MOST_SORTED:
        return [Year(year, releases, found) for year, releases, found in collected(WORKS[kind], id=id_, limit=limit)]
    # One release more of each year than what all years together have to give: enough for any first part.
    each = min(limit, -(-limit // len(counts)) + 1)
    found = dict(collected(RELEASES_OF_YEARS[kind], id=id_, years=sorted(counts), limit=each))
    return [Year(year, counts[year], found.get(year, [])) for year in sorted(counts)]


def list_releases(ids: Iterable[str]) -> list[tuple[str, str, int | None]]:
    """Return (id, name, year or None) of releases, in the order of their ids; one that has no node is left out."""
    wanted = list(ids)
    found = {id_: (name, year) for id_, name, year in collected(NAME_RELEASES, ids=wanted)} if wanted else {}
    return [(id_, found[id_][0], found[id_][1] or None) for id_ in wanted if id_ in found]


def order_releases(years: Iterable[Year], until: int | None = None) -> list[str]:
    """Return the ids of releases in the order of which any first part is spread over the years.

    A work that comes again in a later year comes after all that do not, and releases without a year come last; with
    ``until``, they and later ones do not come at all.
    """
    ranked: list[tuple[int, int, int, int, str]] = []
    seen: set[str] = set()
    for year in sorted(years, key=lambda each: each.year or 9999):
        if until is not None and not 0 < year.year <= until:
            continue
        turn = 0
        for at, (id_, work) in enumerate(year.works):
            is_again = work in seen
            seen.add(work)
            ranked.append((int(year.year == 0), int(is_again), at if is_again else turn, reverse_bits(year.year), id_))
            turn += not is_again
    return [id_ for *_, id_ in sorted(ranked, key=lambda each: (*each[:4], len(each[4]), each[4]))]


def reverse_bits(year: int) -> int:
    """Return the bits of a year in reverse: neighbours are far apart in the order of this number."""
    return int(f"{year % 2**YEAR_BITS:0{YEAR_BITS}b}"[::-1], 2)
