"""How rare releases are."""

from __future__ import annotations

from typing import ClassVar

from django.http import HttpResponse
from rest_framework.request import Request

from apps.api.limits import Limit
from apps.api.views import ApiView
from apps.insights import answers, serializers
from apps.insights.rarity import WEIGHTS, Page
from apps.insights.views.base import InsightView

ITEM = {
    "release_id": 1024,
    "title": "Untitled",
    "artist": "Basic Channel",
    "year": 1993,
    "rarity_score": 81.5,
    "tier": "ultra-rare",
    "hidden_gem_score": 40.2,
}


class RareReleasesView(InsightView):
    """A list of rare releases."""

    query_parameters = serializers.PageQuery
    limits = (Limit(30),)
    output = serializers.RareReleasesSerializer
    errors: ClassVar[tuple[int, ...]] = (503, 504)
    example = {"items": [ITEM], "total": 1, "page": 1, "page_size": 20}

    @property
    def page(self) -> Page:
        """Which page is asked for."""
        return Page(self.query["page"], self.query["page_size"])


class LeaderboardView(RareReleasesView):
    """``GET /api/rarity/leaderboard``: the rarest releases, of all or of a tier."""

    operation = "listRarityLeaders"
    query_parameters = serializers.LeaderboardQuery

    def get(self, request: Request) -> HttpResponse:
        tier, page = self.query["tier"], self.page
        key = f"rarity-leaderboard:{page.number}:{page.size}:{'' if tier is None else f'tier:{tier}'}"
        return self.reply_until_computed(key, lambda: answers.list_rarest_page(tier, page))


class HiddenGemsView(RareReleasesView):
    """``GET /api/rarity/hidden-gems``: rare releases of artists, labels and genres that are well known."""

    operation = "listHiddenGems"
    query_parameters = serializers.HiddenGemsQuery

    def get(self, request: Request) -> HttpResponse:
        min_rarity, page = self.query["min_rarity"], self.page
        key = f"rarity-hidden-gems:{page.number}:{page.size}:{min_rarity}"
        return self.reply_until_computed(key, lambda: answers.list_hidden_gems(min_rarity, page))


class ArtistRarityView(RareReleasesView):
    """``GET /api/rarity/artist/{artist_id}``: the rarest releases of an artist."""

    operation = "listRareReleasesOfArtist"
    errors = (404, 503, 504)

    def get(self, request: Request, artist_id: str) -> HttpResponse:
        page = self.page
        key = f"rarity-artist:{page.number}:{page.size}:{artist_id}"
        return self.reply_until_computed(key, lambda: answers.list_rarest_of_entity("artist", artist_id, page))


class LabelRarityView(RareReleasesView):
    """``GET /api/rarity/label/{label_id}``: the rarest releases of a label."""

    operation = "listRareReleasesOfLabel"
    errors = (404, 503, 504)

    def get(self, request: Request, label_id: str) -> HttpResponse:
        page = self.page
        key = f"rarity-label:{page.number}:{page.size}:{label_id}"
        return self.reply_until_computed(key, lambda: answers.list_rarest_of_entity("label", label_id, page))


class ReleaseBreakdownView(ApiView):
    """``GET /api/rarity/{release_id}``: how rare a release is, and why."""

    operation = "getReleaseRarity"
    path_parameters = serializers.ReleasePath
    limits = (Limit(30),)
    output = serializers.ReleaseBreakdownSerializer
    errors = (404, 503)
    example = {
        **ITEM,
        "breakdown": {signal: {"score": 80.0, "weight": weight} for signal, weight in WEIGHTS.items()},
    }

    def get(self, request: Request, release_id: int) -> HttpResponse:
        return self.reply(answers.get_rarity(release_id))
