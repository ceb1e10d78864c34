"""Paths between two entities: a shortest one, and other ways."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Any, NamedTuple

from apps.graph.cypher import paths as cypher
from apps.graph.readers import entities
from apps.graph.reading import GraphTimeOut, rows

# Of what a path can begin with and end at.
KINDS = ("artist", "genre", "label", "style")
# What a path goes along, and what it may go along as well: who made a release, and which artist that is.
EDGES = ("BY", "ON", "IS", "ALIAS_OF", "MEMBER_OF", "DERIVED_FROM")
CREDITS = ("CREDITED_ON", "SAME_AS")
# The contract's limit of time, of all ways together.
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
        """What statements find it by."""
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
    """Return the nodes ``{id, name, type, rel}`` of a shortest path of at most ``max_depth`` edges; empty if none is.

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

    Each is a shortest one among those that have no node and no edge in common with those before it, but for the ends.
    All of them together take ``seconds`` at most, those after the first ``more_seconds``: there are fewer where looking
    for the next one takes too long.

    Raises:
        NoSuchEnd: there is no such entity.
        GraphTimeOut: looking for the first one takes too long.
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
        # From an entity to itself there is one way.
        if not row["used"]:
            break
        passed += row["passed"]
        used += row["used"]
    return found


def compute_time_left(until: float) -> float:
    """Return the seconds until a moment.

    Raises:
        GraphTimeOut: there are none.
    """
    left = until - time.monotonic()
    if left <= 0:
        raise GraphTimeOut("looking for paths")
    return left


def read_steps(start: End, end: End, found: dict[str, Any]) -> Path:
    """Return the nodes of a path as a statement found it."""
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
