"""How rare releases are."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpResponse
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from apps.api.limits import Limit
from apps.api.views import ApiView
from apps.insights import rarity, serializers
from apps.insights.models import ReleaseRarity
from apps.insights.rarity import WEIGHTS, Listed, Page
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
        """Answer."""
        tier, page = self.query["tier"], self.page
        key = f"rarity-leaderboard:{page.number}:{page.size}:{'' if tier is None else f'tier:{tier}'}"
        return self.reply_until_computed(key, lambda: describe_page(rarity.list_rarest(tier, page), page))


class HiddenGemsView(RareReleasesView):
    """``GET /api/rarity/hidden-gems``: rare releases of artists, labels and genres that are well known."""

    operation = "listHiddenGems"
    query_parameters = serializers.HiddenGemsQuery

    def get(self, request: Request) -> HttpResponse:
        """Answer."""
        min_rarity, page = self.query["min_rarity"], self.page
        key = f"rarity-hidden-gems:{page.number}:{page.size}:{min_rarity}"
        return self.reply_until_computed(key, lambda: describe_page(rarity.list_hidden_gems(min_rarity, page), page))


class ArtistRarityView(RareReleasesView):
    """``GET /api/rarity/artist/{artist_id}``: the rarest releases of an artist."""

    operation = "listRareReleasesOfArtist"
    errors = (404, 503, 504)

    def get(self, request: Request, artist_id: str) -> HttpResponse:
        """Answer."""
        page = self.page
        key = f"rarity-artist:{page.number}:{page.size}:{artist_id}"
        return self.reply_until_computed(key, lambda: list_releases_of_entity("artist", artist_id, page))


class LabelRarityView(RareReleasesView):
    """``GET /api/rarity/label/{label_id}``: the rarest releases of a label."""

    operation = "listRareReleasesOfLabel"
    errors = (404, 503, 504)

    def get(self, request: Request, label_id: str) -> HttpResponse:
        """Answer."""
        page = self.page
        key = f"rarity-label:{page.number}:{page.size}:{label_id}"
        return self.reply_until_computed(key, lambda: list_releases_of_entity("label", label_id, page))


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
        """Answer."""
        found = rarity.find_score(release_id)
        if found is None:
            raise NotFound(f"Release {release_id} has no rarity score")
        return self.reply({**describe_release(found), "breakdown": describe_signals(found)})


def list_releases_of_entity(kind: str, entity_id: str, page: Page) -> dict[str, Any]:
    """Return a page of the releases of an artist or a label, which must be there."""
    found = rarity.list_rarest_of_entity(kind, entity_id, page)
    if found is None:
        raise NotFound(f"{kind.capitalize()} {entity_id} not found")
    return describe_page(found, page)


def describe_page(found: Listed, page: Page) -> dict[str, Any]:
    """Return a page as it is told."""
    return {
        "items": [describe_release(each) for each in found.releases],
        "total": found.total,
        "page": page.number,
        "page_size": page.size,
    }


def describe_release(release: ReleaseRarity) -> dict[str, Any]:
    """Return a release as it is told."""
    return {
        "release_id": release.release_id,
        "title": release.title or "",
        "artist": release.artist_name or "",
        "year": release.year,
        "rarity_score": release.rarity_score,
        "tier": release.tier,
        "hidden_gem_score": release.hidden_gem_score,
    }


def describe_signals(release: ReleaseRarity) -> dict[str, dict[str, float]]:
    """Return what each signal says of a release."""
    return {signal: {"score": getattr(release, signal) or 0.0, "weight": weight} for signal, weight in WEIGHTS.items()}
