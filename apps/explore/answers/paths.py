"""How two entities are connected."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from rest_framework.exceptions import NotFound

from apps.graph.readers import paths
from apps.graph.readers.paths import End, Path


def find_path(
    start: End,
    end: End,
    max_depth: int,
    *,
    exclude: Collection[str] = (),
    through_credits: bool = False,
    alternatives: int | None = None,
) -> dict[str, Any]:
    """Return a shortest path between two entities, ``{found, length, path: [{id, name, type, rel}]}``.

    ``exclude`` names types of edges to avoid (``IS``: not through genres and styles); ``through_credits`` allows
    credits. ``alternatives`` is the most other paths to return,
    ``{…, alternatives: [{length, path}]}``.

    Raises:
        NotFound: there is no such entity.
        GraphTimeOut: it takes longer than two minutes.
    """
    try:
        if exclude or through_credits or alternatives:
            edges = paths.list_edges(through_credits=through_credits, exclude=exclude)
            ways = paths.find_ways(start, end, max_depth, edges=edges, most=1 + (alternatives or 0))
            first, *others = ways or [[]]
        else:
            first, others = paths.find_shortest(start, end, max_depth), []
    except paths.NoSuchEnd as error:
        name = f"{error.end.name!r}" if error.end.id is None else error.end.id
        raise NotFound(f"{error.end.kind.capitalize()} {name} not found") from error
    found = {"found": bool(first), **measure_path(first)}
    return found if alternatives is None else {**found, "alternatives": [measure_path(each) for each in others]}


def measure_path(path: Path) -> dict[str, Any]:
    """Return a path with its number of edges; None if there is no path."""
    return {"length": len(path) - 1 if path else None, "path": path}
