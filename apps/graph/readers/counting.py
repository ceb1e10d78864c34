"""How much there is of what."""

from __future__ import annotations

from apps.graph.cypher import counting as cypher
from apps.graph.reading import collected, row


def count_nodes() -> dict[str, int]:
    """Return the number of nodes of each kind."""
    return row(cypher.COUNT_NODES) or {}


def count_releases_by_year() -> list[tuple[int, int]]:
    """Return (year, releases) of the whole catalogue, years ascending."""
    return [(year, releases) for year, releases in collected(cypher.RELEASES_BY_YEAR)]
