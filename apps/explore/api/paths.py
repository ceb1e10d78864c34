"""The shortest path between two entities."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.exceptions import ParseError
from rest_framework.request import Request

from apps.api.caching import SHORT
from apps.api.views import ApiView, parse_choice
from apps.explore.answers.paths import find_path
from apps.explore.serializers import paths as serializers
from apps.graph.readers import paths
from apps.graph.readers.paths import EDGES, End


class PathView(ApiView):
    """``GET /api/path``: a shortest path between two entities, by their exact names or their ids."""

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
        query = self.query
        start, end = (
            End(
                parse_choice(query[f"{side}_type"], paths.KINDS, f"{side}_type"),
                query[f"{side}_name"],
                query[f"{side}_id"] or None,
            )
            for side in ("from", "to")
        )
        max_depth = query["max_depth"]
        exclude, via, alternatives = parse_excluded(query["exclude"]), query["via"], query["alternatives"]
        through_credits = via is not None and parse_choice(via, serializers.VIA, "via") == "credits"
        key = ":".join(["path", str(max_depth), make_key(start), make_key(end)])
        if exclude or through_credits or alternatives is not None:
            key = f"{key}:{','.join(exclude)}:{through_credits}:{alternatives}"
        return self.reply_cached(
            key,
            SHORT,
            lambda: find_path(
                start,
                end,
                max_depth,
                exclude=exclude,
                through_credits=through_credits,
                alternatives=alternatives,
            ),
        )


def parse_excluded(entries: list[str]) -> list[str]:
    """Return the types of edges that a path must avoid, each once, sorted."""
    edges = {entry.upper() for entry in entries}
    if unknown := edges - {*EDGES}:
        raise ParseError(f"Invalid exclude {', '.join(map(repr, sorted(unknown)))}: give some of {', '.join(EDGES)}")
    return sorted(edges)


def make_key(end: End) -> str:
    """Return the part of a cache key for one end; the length keeps the keys of two pairs of names apart."""
    return f"{end.kind}:{len(end.name or '')}:{end.name}" if end.id is None else f"{end.kind}-{len(end.id)}-{end.id}"
