"""What an insights service beside this site asks for, with a secret (docs/contract/rest.md#internal-routes)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpResponse, StreamingHttpResponse
from django.utils.crypto import constant_time_compare
from rest_framework import exceptions
from rest_framework.request import Request

from apps.api.limits import Limit
from apps.api.responses import JSON, NotAvailable, NotEnough
from apps.api.views import ApiView
from apps.insights import community, internal, serializers


class WrongSecret(exceptions.APIException):
    """The caller has not the secret."""

    status_code = 401


class InternalView(ApiView):
    """An endpoint for callers that send ``X-Internal-Secret``."""

    caller_is: ClassVar = "service"
    limits = (Limit(5),)
    output: Any = serializers.FiguresSerializer
    errors: ClassVar[tuple[int, ...]] = (401, 503)
    detail_errors = (401, 403, 503)

    def check_permissions(self, request: Request) -> None:
        """Refuse a caller without the secret, and everyone while there is none."""
        if not settings.INSIGHTS_INTERNAL_SECRET:
            raise NotAvailable("Internal routes are off: INSIGHTS_INTERNAL_SECRET is not set")
        sent = request.META.get("HTTP_X_INTERNAL_SECRET", "")
        if not constant_time_compare(sent, settings.INSIGHTS_INTERNAL_SECRET):
            raise WrongSecret("X-Internal-Secret is missing or wrong")


class ArtistCentralityView(InternalView):
    """``GET /api/internal/insights/artist-centrality``: the artists with the most relationships."""

    operation = "listConnectedArtists"
    query_parameters = serializers.InternalArtistsQuery
    example: ClassVar = {"items": [{"artist_id": "8760", "artist_name": "Madonna", "edge_count": 20417}]}

    def get(self, request: Request) -> HttpResponse:
        return self.reply({"items": internal.list_artists(self.query["limit"])})


class GenreTrendsView(InternalView):
    """``GET /api/internal/insights/genre-trends``: releases of every genre by decade."""

    operation = "listGenreDecades"
    example: ClassVar = {"items": [{"genre": "Jazz", "decade": 1950, "release_count": 61204}]}

    def get(self, request: Request) -> HttpResponse:
        return self.reply({"items": internal.list_genre_trends()})


class LabelLongevityView(InternalView):
    """``GET /api/internal/insights/label-longevity``: the labels that have been releasing for longest."""

    operation = "listOldestLabels"
    query_parameters = serializers.InternalLabelsQuery
    example: ClassVar = {
        "items": [
            {
                "label_id": "1003",
                "label_name": "BBC Records",
                "first_year": 1926,
                "last_year": 2026,
                "years_active": 101,
                "total_releases": 1841,
                "peak_decade": 1970,
            }
        ]
    }

    def get(self, request: Request) -> HttpResponse:
        return self.reply({"items": internal.list_labels(self.query["limit"])})


class AnniversariesView(InternalView):
    """``GET /api/internal/insights/anniversaries``: masters of some round numbers of years before a year."""

    operation = "listAnniversariesOfYear"
    query_parameters = serializers.AnniversariesQuery
    errors = (401, 422, 503)
    example: ClassVar = {
        "items": [{"master_id": "13814", "title": "Nevermind", "artist_name": "Nirvana", "release_year": 1991}]
    }

    def get(self, request: Request) -> HttpResponse:
        try:
            ages = [internal.parse_age(each) for each in self.query["milestones"]]
        except ValueError:
            raise NotEnough("Give whole numbers of years as milestones") from None
        return self.reply({"items": internal.list_anniversaries(self.query["year"], ages)})


class DataCompletenessView(InternalView):
    """``GET /api/internal/insights/data-completeness``: how complete the records of each type are."""

    operation = "listCompleteness"
    example: ClassVar = {"items": [{"entity_type": "masters", "total_count": 2600000, "completeness_pct": 65.0}]}

    def get(self, request: Request) -> HttpResponse:
        return self.reply({"items": internal.list_completeness()})


class RarityScoresView(InternalView):
    """``GET /api/internal/insights/rarity-scores``: the scores of every release."""

    operation = "listRarityScores"
    example: ClassVar = {
        "items": [{"release_id": "1024", "title": "Untitled", "rarity_score": 81.5, "tier": "ultra-rare"}]
    }

    def get(self, request: Request) -> StreamingHttpResponse:
        return StreamingHttpResponse(internal.stream_scores(), content_type=JSON)


class CommunityEnrichmentView(InternalView):
    """``GET /api/internal/insights/community-enrichment``: fetch due community counts for some seconds."""

    operation = "askForCommunityCounts"
    limits = (Limit(1),)
    output = serializers.CommunityCountsSerializer
    example: ClassVar = {"enriched": 18, "skipped": 1482, "errors": 0, "remaining": 512}

    def get(self, request: Request) -> HttpResponse:
        return self.reply(community.fetch_now())
