"""The shortest path between two entities."""

from __future__ import annotations

from typing import Any

from apps.graph.cypher import paths as cypher
from apps.graph.reading import row

FIND = {
    "artist": cypher.FIND_ARTIST,
    "genre": cypher.FIND_GENRE,
    "label": cypher.FIND_LABEL,
    "style": cypher.FIND_STYLE,
}
# The contract's limit of time.
SECONDS = 120
# What may be without a name is told by its id.
NAMED_BY_ID = {"Artist", "Label"}

Step = dict[str, Any]


def find(kind: str, name: str) -> str | None:
    """Return where the graph has the entity of a kind with this exact name."""
    found = row(FIND[kind], name=name)
    return found["element"] if found else None


def shortest(start: str, end: str, max_depth: int) -> list[Step]:
    """Return the nodes ``{id, name, type, rel}`` of a shortest path of at most ``max_depth`` edges; empty if none is.

    ``rel`` is the type of the edge that leads to a node.
    """
    if start == end:
        found = row(cypher.THE_NODE, seconds=SECONDS, start=start)
    else:
        found = row(cypher.SHORTEST_PATH, seconds=SECONDS, start=start, end=end, max_depth=max_depth)
    if found is None:
        return []
    edges: list[str | None] = [None, *found["edges"]]
    return [step(label, key, name, rel) for (label, key, name), rel in zip(found["nodes"], edges, strict=True)]


def step(label: str, key: str, name: str | None, rel: str | None) -> Step:
    """Return one node of a path."""
    fallback = f"{label} {key}" if label in NAMED_BY_ID else ""
    return {"id": key, "name": name or fallback, "type": label.lower(), "rel": rel}
