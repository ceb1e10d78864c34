"""Counts of the whole graph."""

from __future__ import annotations

from apps.graph.reading import read_list, row

COUNT_NODES = """
RETURN COUNT { (:Artist) } AS artists,
    COUNT { (:Label) } AS labels,
    COUNT { (:Release) } AS releases,
    COUNT { (:Master) } AS masters,
    COUNT { (:Genre) } AS genres,
    COUNT { (:Style) } AS styles
"""

# One row: [year, releases], years ascending; of releases that have a year.
RELEASES_BY_YEAR = """
MATCH (release:Release)
WHERE release.year > 0
WITH release.year AS year, count(*) AS releases
ORDER BY year
RETURN collect([year, releases]) AS years
"""


def count_nodes() -> dict[str, int]:
    """Return the number of nodes of each kind."""
    return row(COUNT_NODES) or {}


def count_releases_by_year() -> list[tuple[int, int]]:
    """Return (year, releases) of the whole catalogue, years ascending."""
    return [(year, releases) for year, releases in read_list(RELEASES_BY_YEAR)]
