"""All of the graph at a glance: its genres, its size."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request

from apps.api.caching import SHORT
from apps.api.limits import Limit
from apps.api.views import ApiView
from apps.explore.answers import overviews as answers
from apps.explore.serializers import overviews as serializers


class GenreTreeView(ApiView):
    """``GET /api/genre-tree``: all genres with the styles that their releases have."""

    operation = "getGenreTree"
    limits = (Limit(30),)
    output = serializers.GenreTreeSerializer
    errors = (503, 504)
    example = {
        "genres": [{"name": "Electronic", "release_count": 4312, "styles": [{"name": "Techno", "release_count": 1208}]}]
    }

    def get(self, request: Request) -> HttpResponse:
        return self.reply_cached("genre-tree", SHORT, answers.get_genre_tree)


class GraphStatsView(ApiView):
    """``GET /api/graph/stats``: how many nodes of each kind there are."""

    operation = "getGraphStats"
    output = serializers.StatsSerializer
    errors = (503, 504)
    example = {
        "total_entities": 33800000,
        "counts": {
            "artists": 9800000,
            "labels": 2300000,
            "releases": 19100000,
            "masters": 2600000,
            "genres": 15,
            "styles": 757,
        },
    }

    def get(self, request: Request) -> HttpResponse:
        return self.reply_cached("graph-stats", SHORT, answers.count_nodes)
