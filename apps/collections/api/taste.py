"""Endpoints of a user's taste."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from rest_framework.request import Request

from apps.accounts.authentication import LIBRARY_READ
from apps.api import caching
from apps.collections.answers import card
from apps.collections.answers import taste as answers
from apps.collections.api.kept import KEPT_SECONDS, KeptView
from apps.collections.serializers import taste as serializers

CELL = {"genre": "Electronic", "decade": 1980, "count": 17}
BLIND_SPOT = {"genre": "Jazz", "artist_overlap": 3, "example_release": "Night Train"}


class TasteView(KeptView):
    """A question about the taste of a user, who must have some copies."""

    scope = LIBRARY_READ
    errors: ClassVar[tuple[int, ...]] = (401, 403, 422, 503, 504)
    # 422: there are too few copies.
    detail_errors = (401, 403, 422)


class HeatmapView(TasteView):
    """``GET /api/user/taste/heatmap``: a collection by genre and decade."""

    operation = "getTasteHeatmap"
    output = serializers.HeatmapSerializer
    example = {"cells": [CELL], "total": 60}

    def get(self, request: Request) -> HttpResponse:
        return self.reply_kept(lambda: answers.get_heatmap(str(self.caller.id)))


class FingerprintView(TasteView):
    """``GET /api/user/taste/fingerprint``: a taste in figures."""

    operation = "getTasteFingerprint"
    is_about_others = True
    output = serializers.FingerprintSerializer
    example = {
        "heatmap": [CELL],
        "obscurity": {"score": 0.7, "median_collectors": 3.0, "total_releases": 60},
        "drift": [{"year": "2026", "top_genre": "Electronic", "count": 1}],
        "blind_spots": [BLIND_SPOT],
        "peak_decade": 1980,
    }

    def get(self, request: Request) -> HttpResponse:
        return self.reply_kept(lambda: answers.get_fingerprint(str(self.caller.id)))


class BlindSpotsView(TasteView):
    """``GET /api/user/taste/blindspots``: genres of a user's artists that the user has nothing of."""

    operation = "listTasteBlindSpots"
    query_parameters = serializers.BlindSpotsQuery
    output = serializers.BlindSpotsSerializer
    example = {"blind_spots": [BLIND_SPOT]}

    def get(self, request: Request) -> HttpResponse:
        return self.reply_kept(lambda: answers.list_blind_spots(str(self.caller.id), self.query["limit"]))


class CardView(TasteView):
    """``GET /api/user/taste/card``: a picture of a taste, to share; SVG, or with ``format=png`` PNG."""

    operation = "getTasteCard"
    query_parameters = serializers.CardQuery
    is_about_others = True
    output = OpenApiTypes.STR
    media_type = "image/svg+xml"
    other_media: ClassVar = {"image/png": "the same as PNG, 1200 by 630"}
    example = '<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="630">…</svg>'

    def get(self, request: Request) -> HttpResponse:
        is_png = self.query["format"] == "png"

        def compute() -> bytes:
            svg = card.draw_card(str(self.caller.id))
            return card.draw_png(svg) if is_png else svg.encode()

        found = caching.get_or_compute(self.make_key(), KEPT_SECONDS, compute)
        return HttpResponse(found.body, content_type="image/png" if is_png else self.media_type)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Keep the card out of all caches."""
        found = super().finalize_response(request, response, *args, **kwargs)
        found["Cache-Control"] = "no-store"
        return found
