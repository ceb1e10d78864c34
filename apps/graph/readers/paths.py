"""Paths between two entities: a shortest one, and other ways."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Any, NamedTuple

from apps.graph.cypher import paths as cypher
from apps.graph.readers import entities
from apps.graph.reading import GraphTimeOut, rows

# Kinds that a path can begin and end with.
KINDS = ("artist", "genre", "label", "style")
# Edges of a path, and those it may use as well: credits, and which artist a person is.
EDGES = ("BY", "ON", "IS", "ALIAS_OF", "MEMBER_OF", "DERIVED_FROM")
CREDITS = ("CREDITED_ON", "SAME_AS")
# The contract's time limit, of all paths together.
SECONDS = 120
Step = dict[str, Any]
Path = list[Step]


class End(NamedTuple):
    """Where a path begins or ends: the kind of an entity, and its id or else its exact name."""

    kind: str
    name: str | None
    id: str | None = None

    @property
    def key(self) -> list[str | None]:
        """The kind and the parameters by which statements find it."""
        keys = entities.make_keys(*self)
        return [self.kind, keys["name"], keys["id"]]


def list_edges(*, through_credits: bool, exclude: Collection[str] = ()) -> list[str]:
    """Return the types of edges that a path goes along, in alphabetical order."""
    return sorted({*EDGES, *(CREDITS if through_credits else ())} - {*exclude})


class NoSuchEnd(Exception):  # noqa: N818 - what happened is no error
    """The graph does not have ``end``."""

    def __init__(self, end: End) -> None:
        super().__init__(*end)
        self.end = end


def find_shortest(start: End, end: End, max_depth: int) -> Path:
    """Return the nodes ``{id, name, type, rel}`` of a shortest path of at most ``max_depth`` edges, else an empty list.

    ``rel`` is the type of the edge that leads to a node.

    Raises:
        NoSuchEnd: there is no such entity.
    """
    ends = [start.key, end.key]
    (found,) = rows(cypher.SHORTEST_PATH, seconds=SECONDS, ends=ends, max_depth=max_depth)
    return read_steps(start, end, found)


def find_ways(
    start: End,
    end: End,
    max_depth: int,
    *,
    edges: Collection[str],
    most: int,
    seconds: float = SECONDS,
    more_seconds: float = SECONDS,
) -> list[Path]:
    """Return up to ``most`` paths as ``find_shortest`` does, along some types of edges, shorter ones first.

    Each is a shortest one of those that share no node (but the ends) and no edge with the paths before it. The search
    ends after ``seconds``, and ``more_seconds`` after the first path: there may be fewer paths then.

    Raises:
        NoSuchEnd: there is no such entity.
        GraphTimeOut: there is no path after ``seconds``.
    """
    until = time.monotonic() + seconds
    asked = {"ends": [start.key, end.key], "max_depth": max_depth, "types": list(edges)}
    found: list[Path] = []
    passed: list[str] = []
    used: list[str] = []
    while len(found) < most:
        try:
            left = compute_time_left(until)
            (row,) = rows(cypher.NEXT_PATH, seconds=left, **asked, passed=passed, used=used)
        except GraphTimeOut:
            if not found:
                raise
            break
        path = read_steps(start, end, row)
        if path:
            found.append(path)
            if len(found) == 1:
                until = min(until, time.monotonic() + more_seconds)
        # There is one path from an entity to itself.
        if not row["used"]:
            break
        passed += row["passed"]
        used += row["used"]
    return found


def compute_time_left(until: float) -> float:
    """Return the seconds until a moment of the monotonic clock.

    Raises:
        GraphTimeOut: it has passed.
    """
    left = until - time.monotonic()
    if left <= 0:
        raise GraphTimeOut("looking for paths")
    return left


def read_steps(start: End, end: End, found: dict[str, Any]) -> Path:
    """Return the nodes of a path from the row of a statement."""
    for each, is_there in ((start, found["has_start"]), (end, found["has_end"])):
        if not is_there:
            raise NoSuchEnd(each)
    if found["nodes"] is None:
        return []
    rels: list[str | None] = [None, *found["edges"]]
    return [read_step(label, key, name, rel) for (label, key, name), rel in zip(found["nodes"], rels, strict=True)]


def read_step(label: str, key: str, name: str | None, rel: str | None) -> Step:
    """Return one node of a path."""
    kind = label.lower()
    return {"id": key, "name": entities.get_shown_name(kind, key, name), "type": kind, "rel": rel}
