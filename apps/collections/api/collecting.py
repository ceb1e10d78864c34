"""Endpoints of a user's collection and wantlist."""

from __future__ import annotations

from typing import ClassVar

from django.http import HttpResponse
from rest_framework.request import Request

from apps.accounts.authentication import COLLECTION_READ, LIBRARY_READ, OptionalView
from apps.api.limits import HOUR, Limit
from apps.api.responses import NotEnough
from apps.collections.answers import collecting as answers
from apps.collections.answers.collecting import Selection
from apps.collections.api.kept import KeptView
from apps.collections.serializers import collecting as serializers

MOST_IDS = 100
LIMITS = (Limit(60, by_token=True), Limit(600, HOUR, by_token=True))
USER = "8f14e45f-ceea-467f-a0d6-1b6c2f4c9a31"
ITEM = {
    "id": "249504",
    "title": "Never Gonna Give You Up",
    "year": 1987,
    "catalog_number": "PB 41447",
    "artist": "Rick Astley",
    "label": "RCA",
    "genres": ["Electronic", "Pop"],
    "styles": ["Synth-pop"],
    "rating": 5,
    "date_added": "2026-01-15T12:00:00-08:00",
}
PAGE = {"total": 1, "offset": 0, "limit": 50, "has_more": False}


class ListView(KeptView):
    """A list of what a user has or wants."""

    errors: ClassVar[tuple[int, ...]] = (401, 403, 503, 504)

    @property
    def selection(self) -> Selection:
        """Which items are asked for, in which order."""
        return answers.make_selection(self.query)


class CollectionView(ListView):
    """``GET /api/user/collection``: the copies that a user has."""

    operation = "listCollection"
    scope = COLLECTION_READ
    query_parameters = serializers.CollectionQuery
    limits = LIMITS
    output = serializers.CollectionSerializer
    example = {"user_id": USER, "releases": [{**ITEM, "folder_id": 1}], **PAGE}

    def get(self, request: Request) -> HttpResponse:
        user, limit, offset = str(self.caller.id), self.query["limit"], self.query["offset"]
        return self.reply_kept(lambda: answers.list_collection(user, self.selection, limit, offset))


class WantlistView(ListView):
    """``GET /api/user/wantlist``: the releases that a user wants."""

    operation = "listWantlist"
    scope = LIBRARY_READ
    query_parameters = serializers.ListQuery
    output = serializers.WantlistSerializer
    example = {"releases": [ITEM], **PAGE}

    def get(self, request: Request) -> HttpResponse:
        user, limit, offset = str(self.caller.id), self.query["limit"], self.query["offset"]
        return self.reply_kept(lambda: answers.list_wantlist(user, self.selection, limit, offset))


class StatisticsView(KeptView):
    """``GET /api/user/collection/stats``: a collection in figures."""

    operation = "getCollectionStats"
    scope = COLLECTION_READ
    limits = LIMITS
    output = serializers.StatisticsSerializer
    errors = (401, 403, 503, 504)
    example = {
        "user_id": USER,
        "total": 60,
        "unique_artists": 41,
        "unique_labels": 33,
        "average_rating": 3.5,
        "by_genre": [{"name": "Electronic", "count": 28}],
        "by_decade": [{"decade": 1980, "count": 17}],
        "by_label": [{"name": "RCA", "count": 4}],
    }

    def get(self, request: Request) -> HttpResponse:
        return self.reply_kept(lambda: answers.compute_statistics(str(self.caller.id)))


class TimelineView(KeptView):
    """``GET /api/user/collection/timeline``: the releases of a collection by year or decade."""

    operation = "getCollectionTimeline"
    scope = COLLECTION_READ
    query_parameters = serializers.TimelineQuery
    limits = LIMITS
    output = serializers.TimelineSerializer
    errors = (401, 403, 503, 504)
    example = {
        "user_id": USER,
        "timeline": [
            {
                "year": 1987,
                "count": 3,
                "genres": {"Electronic": 3, "Pop": 1},
                "top_labels": ["RCA"],
                "top_styles": ["Synth-pop"],
            }
        ],
        "insights": {
            "peak_year": 1987,
            "dominant_genre": "Electronic",
            "genre_diversity_score": 0.81,
            "style_drift_rate": 0.0,
        },
    }

    def get(self, request: Request) -> HttpResponse:
        user, bucket = str(self.caller.id), self.query["bucket"]
        return self.reply_kept(lambda: answers.build_timeline(user, bucket))


class EvolutionView(KeptView):
    """``GET /api/user/collection/evolution``: the copies of a collection by release year and genre, style or label."""

    operation = "getCollectionEvolution"
    query_parameters = serializers.EvolutionQuery
    output = serializers.EvolutionSerializer
    errors = (401, 403, 503, 504)
    example = {
        "metric": "genre",
        "data": [{"year": 1987, "values": {"Electronic": 3, "Pop": 1}}],
        "summary": {"total_years": 1, "unique_values": 2},
    }

    def get(self, request: Request) -> HttpResponse:
        user, metric = str(self.caller.id), self.query["metric"]
        return self.reply_kept(lambda: answers.count_evolution(user, metric))


class FormatsView(KeptView):
    """``GET /api/collection/formats``: the formats in a user's collection."""

    operation = "listCollectionFormats"
    scope = LIBRARY_READ
    output = serializers.FormatsSerializer
    errors = (401, 403, 503, 504)
    example = {"formats": ["CD", "Vinyl"]}

    def get(self, request: Request) -> HttpResponse:
        return self.reply_kept(lambda: answers.list_formats(str(self.caller.id)))


class UserStatusView(OptionalView):
    """``GET /api/user/status``: which of some releases a user has and wants; nothing without a login."""

    operation = "getUserStatus"
    query_parameters = serializers.UserStatusQuery
    output = serializers.UserStatusSerializer
    errors = (422,)
    example = {"status": {"249504": {"in_collection": False, "in_wantlist": False}}}

    def get(self, request: Request) -> HttpResponse:
        ids = self.query["ids"]
        if len(ids) > MOST_IDS:
            raise NotEnough(f"Too many IDs: {len(ids)}, maximum is {MOST_IDS}")
        return self.reply(answers.read_statuses(str(self.caller.id) if self.caller else None, ids))
