"""How much there is of what."""

from __future__ import annotations

from apps.graph.cypher import counting as cypher
from apps.graph.reading import row


def nodes() -> dict[str, int]:
    """Return the number of nodes of each kind."""
    return row(cypher.COUNT_NODES) or {}
