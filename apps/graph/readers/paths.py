"""The shortest path between two entities."""

from __future__ import annotations

from typing import Any

from apps.graph.cypher import paths as cypher
from apps.graph.readers import nameless
from apps.graph.reading import rows

# Of what a path can begin with and end at.
KINDS = ("artist", "genre", "label", "style")
# The contract's limit of time.
SECONDS = 120
# The kind of an entity and its exact name.
End = tuple[str, str]
Step = dict[str, Any]


class NoSuchEnd(Exception):  # noqa: N818 - what happened is no error
    """The graph does not have ``end``."""

    def __init__(self, end: End) -> None:
        super().__init__(*end)
        self.end = end


def shortest(start: End, end: End, max_depth: int) -> list[Step]:
    """Return the nodes ``{id, name, type, rel}`` of a shortest path of at most ``max_depth`` edges; empty if none is.

    ``rel`` is the type of the edge that leads to a node.

    Raises:
        NoSuchEnd: there is no such entity.
    """
    ends = [[*each, nameless.find(*each)] for each in (start, end)]
    (found,) = rows(cypher.SHORTEST_PATH, seconds=SECONDS, ends=ends, max_depth=max_depth)
    for each, is_there in ((start, found["has_start"]), (end, found["has_end"])):
        if not is_there:
            raise NoSuchEnd(each)
    if found["nodes"] is None:
        return []
    edges: list[str | None] = [None, *found["edges"]]
    return [step(label, key, name, rel) for (label, key, name), rel in zip(found["nodes"], edges, strict=True)]


def step(label: str, key: str, name: str | None, rel: str | None) -> Step:
    """Return one node of a path."""
    kind = label.lower()
    return {"id": key, "name": nameless.shown(kind, key, name), "type": kind, "rel": rel}
