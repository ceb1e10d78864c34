"""Years: releases of entities by year, the first years of genres, and the span of the catalogue.

Artists and labels may share a name: ``TRENDS_…`` takes all of that name, and with ``$id`` only the one.
"""

from __future__ import annotations

from apps.graph import tallies
from apps.graph.readers import entities
from apps.graph.reading import Rows, read_list, row, rows

TRENDS_ARTIST = """
MATCH (artist:Artist)<-[:BY]-(release:Release)
WHERE (artist.name = $name OR artist.id = $id) AND release.year > 0
WITH release.year AS year, count(DISTINCT release) AS count
ORDER BY year
RETURN collect({year: year, count: count}) AS years
"""

TRENDS_LABEL = """
MATCH (label:Label)<-[:ON]-(release:Release)
WHERE (label.name = $name OR label.id = $id) AND release.year > 0
WITH release.year AS year, count(DISTINCT release) AS count
ORDER BY year
RETURN collect({year: year, count: count}) AS years
"""

TRENDS_GENRE = """
MATCH (:Genre {name: $name})<-[:IS]-(release:Release)
WHERE release.year > 0
WITH release.year AS year, count(release) AS count
ORDER BY year
RETURN collect({year: year, count: count}) AS years
"""

TRENDS_STYLE = """
MATCH (:Style {name: $name})<-[:IS]-(release:Release)
WHERE release.year > 0
WITH release.year AS year, count(release) AS count
ORDER BY year
RETURN collect({year: year, count: count}) AS years
"""

# The index is in the order of years, so both ends of it are the first entry.
FIRST_YEAR = """
MATCH (release:Release)
WHERE release.year > 0
RETURN release.year AS year
ORDER BY year
LIMIT 1
"""

LAST_YEAR = """
MATCH (release:Release)
WHERE release.year > 0
RETURN release.year AS year
ORDER BY year DESC
LIMIT 1
"""

# $before_year: int.
EMERGED_GENRES = """
MATCH (genre:Genre)
WHERE genre.first_year <= $before_year
RETURN genre.name AS name, genre.first_year AS first_year
ORDER BY first_year, name
"""

# $before_year: int.
EMERGED_STYLES = """
MATCH (style:Style)
WHERE style.first_year <= $before_year
RETURN style.name AS name, style.first_year AS first_year
ORDER BY first_year, name
"""


TRENDS = {
    "artist": TRENDS_ARTIST,
    "genre": TRENDS_GENRE,
    "label": TRENDS_LABEL,
    "style": TRENDS_STYLE,
}
# Kinds with too many releases to read during a request.
TALLIED = ("genre", "style")


def count_trends(kind: str, name: str, id_: str | None = None) -> Rows:
    """Return ``{year, count}`` of the releases of all entities of a kind that have a name, years ascending.

    With an id only those of that artist or label.
    """
    counted = tallies.read_years(kind, name) if kind in TALLIED else None
    if counted is None:
        return read_list(TRENDS[kind], **entities.make_keys(kind, name, id_))
    return [{"year": year, "count": count} for year, count in sorted(counted.items())]


def get_span() -> tuple[int | None, int | None]:
    """Return the first and the last year of a release."""
    first, last = row(FIRST_YEAR), row(LAST_YEAR)
    return (first["year"] if first else None, last["year"] if last else None)


def list_emerged(before_year: int) -> tuple[Rows, Rows]:
    """Return the genres and the styles, ``{name, first_year}``, that had a release by a year, the first ones first."""
    return (
        rows(EMERGED_GENRES, before_year=before_year),
        rows(EMERGED_STYLES, before_year=before_year),
    )
