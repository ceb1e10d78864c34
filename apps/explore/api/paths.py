"""The shortest path between two entities."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from apps.api.caching import SHORT
from apps.api.views import ApiView, one_of
from apps.explore.serializers import paths as serializers
from apps.graph.readers import paths


class PathView(ApiView):
    """``GET /api/path``: a shortest path between two entities, by their exact names."""

    operation = "findPath"
    query_parameters = serializers.PathQuery
    output = serializers.PathSerializer
    errors = (400, 404, 503, 504)
    example = {
        "found": True,
        "length": 2,
        "path": [
            {"id": "125246", "name": "Nirvana", "type": "artist", "rel": None},
            {"id": "249504", "name": "Nevermind", "type": "release", "rel": "BY"},
            {"id": "1866", "name": "DGC", "type": "label", "rel": "ON"},
        ],
    }

    def get(self, request: Request) -> HttpResponse:
        """Answer."""
        ends = [
            (one_of(self.query[f"{end}_type"], paths.KINDS, f"{end}_type"), self.query[f"{end}_name"])
            for end in ("from", "to")
        ]
        max_depth = self.query["max_depth"]
        # Lengths keep two names from reading as two others.
        key = ":".join(["path", str(max_depth), *(f"{kind}:{len(name)}:{name}" for kind, name in ends)])
        return self.cached(key, SHORT, lambda: connected(ends, max_depth))


def connected(ends: list[paths.End], max_depth: int) -> dict[str, Any]:
    """Return a path between two entities, which must be there."""
    start, end = ends
    try:
        path = paths.shortest(start, end, max_depth)
    except paths.NoSuchEnd as error:
        kind, name = error.end
        raise NotFound(f"{kind.capitalize()} {name!r} not found") from error
    return {"found": bool(path), "length": len(path) - 1 if path else None, "path": path}
