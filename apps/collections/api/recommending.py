"""Endpoints of what a user could want."""

from __future__ import annotations

from typing import Any

import orjson
from django.http import HttpResponse
from rest_framework.exceptions import ParseError
from rest_framework.request import Request

from apps.accounts.authentication import LIBRARY_READ, PersonalView
from apps.api import caching
from apps.api.limits import Limit
from apps.collections import keeping
from apps.collections.answers import recommending as answers
from apps.collections.api.kept import KeptView
from apps.collections.serializers import recommending as serializers
from apps.graph.readers.discovering import STARTS

HOUR_SECONDS = 3600


class RecommendationsView(KeptView):
    """``GET /api/user/recommendations``: releases that a user could want."""

    operation = "listRecommendations"
    # How many collect a release counts.
    is_about_others = True
    scope = LIBRARY_READ
    query_parameters = serializers.RecommendationsQuery
    output = serializers.RecommendationsSerializer
    errors = (401, 403, 503, 504)
    example = {
        "recommendations": [
            {
                "id": "249504",
                "title": "Never Gonna Give You Up",
                "artist": "Rick Astley",
                "label": "RCA",
                "year": 1987,
                "genres": ["Electronic", "Pop"],
                "score": 0.47,
                "reasons": ["artist: you have 5 by Rick Astley"],
            }
        ],
        "total": 1,
        "strategy": "multi",
    }

    def get(self, request: Request) -> HttpResponse:
        user, limit = str(self.caller.id), self.query["limit"]
        if self.query["strategy"] == "multi":
            return self.reply_kept(lambda: answers.recommend_by_signals(user, limit))
        return self.reply_kept(lambda: answers.recommend_by_artists(user, limit))


class DismissalView(PersonalView):
    """``PUT /api/user/recommendations/dismissed/{release_id}``: recommend a release no more, or again."""

    operation = "setDismissal"
    path_parameters = serializers.ReleasePath
    body_parameters = serializers.DismissalBody
    output = serializers.DismissedSerializer
    errors = (401, 403, 404, 503)
    example = {"dismissed": True}

    def put(self, request: Request, release_id: int) -> HttpResponse:
        is_dismissed = self.body["dismissed"]
        change = answers.dismiss_release if is_dismissed else answers.recall_release
        change(self.caller.load_user().pk, release_id)
        return self.reply({"dismissed": is_dismissed})


class ExploreFromView(PersonalView):
    """``GET /api/recommend/explore/{entity_type}/{entity_id}``: what is near an entity and new to a user."""

    operation = "exploreFromEntity"
    query_parameters = serializers.ExploreFromQuery
    limits = (Limit(30),)
    output = serializers.DiscoveriesSerializer
    errors = (400, 401, 403, 503, 504)
    example = {
        "from": {"id": "3840", "name": "Radiohead", "type": "artist"},
        "discoveries": [
            {
                "id": "Jazz",
                "name": "Jazz",
                "type": "genre",
                "score": 1.5,
                "path": ["Radiohead", "—BY→", "Kid A", "—IS→", "Jazz"],
                "reason": "blind_spot_boost",
            }
        ],
    }

    def get(self, request: Request, entity_type: str, entity_id: str) -> HttpResponse:
        user, hops = str(self.caller.id), self.query["hops"]
        if entity_type not in STARTS:
            raise ParseError(f"Invalid entity_type {entity_type!r}: give one of {', '.join(STARTS)}")

        def compute() -> bytes:
            return self.encode(answers.explore_from(user, entity_type, entity_id, hops))

        key = keeping.make_key(self.caller.id, f"explore:{entity_type}:{hops}:{entity_id}")
        found: dict[str, Any] = orjson.loads(caching.get_or_compute(key, HOUR_SECONDS, compute).body)
        found["discoveries"] = found["discoveries"][: self.query["limit"]]
        return self.reply(found)
