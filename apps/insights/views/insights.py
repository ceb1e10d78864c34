"""Figures over the whole catalogue, as they were last computed."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpResponse
from rest_framework.request import Request

from apps.api.views import parse_choice
from apps.insights import answers, serializers
from apps.insights.reading import ORDERS
from apps.insights.views.base import InsightView


class TopArtistsView(InsightView):
    """``GET /api/insights/top-artists``: the artists with the most relationships."""

    operation = "listTopArtists"
    query_parameters = serializers.TopArtistsQuery
    output = serializers.TopArtistsSerializer
    errors = (400, 503)
    example = {
        "metric": "centrality",
        "items": [{"rank": 1, "artist_id": "8760", "artist_name": "Madonna", "edge_count": 20417}],
        "count": 1,
    }

    insight = "artist_centrality"

    def get(self, request: Request) -> HttpResponse:
        limit, metric, has_placeholders = (self.query[each] for each in ("limit", "metric", "include_placeholders"))
        if metric is None and has_placeholders:
            return self.reply_until_computed(f"top-artists:{limit}", lambda: answers.list_top_artists(limit))
        order = parse_choice(metric or "centrality", tuple(ORDERS), "metric")
        return self.reply_until_computed(
            f"top-artists:{limit}:{order}:{has_placeholders}",
            lambda: answers.list_leading_artists(limit, order, has_placeholders=has_placeholders),
        )


class GenreTrendsView(InsightView):
    """``GET /api/insights/genre-trends``: how many releases a genre has in each decade."""

    operation = "getGenreDecades"
    query_parameters = serializers.GenreTrendsQuery
    output = serializers.GenreTrendsSerializer
    errors = (503,)
    example = {"genre": "Jazz", "trends": [{"decade": 1950, "release_count": 61204}], "peak_decade": 1950}
    listed = "trends"
    insight = "genre_trends"

    def get(self, request: Request) -> HttpResponse:
        genre = self.query["genre"]
        return self.reply_until_computed(f"genre-trends:{genre}", lambda: answers.get_genre_trends(genre))


class LabelLongevityView(InsightView):
    """``GET /api/insights/label-longevity``: the labels that have been releasing for longest."""

    operation = "listLongestLabels"
    query_parameters = serializers.LabelLongevityQuery
    output = serializers.LabelLongevitySerializer
    errors = (503,)
    example = {
        "items": [
            {
                "rank": 1,
                "label_id": "1003",
                "label_name": "BBC Records",
                "first_year": 1926,
                "last_year": 2026,
                "years_active": 101,
                "total_releases": 1841,
                "peak_decade": 1970,
                "still_active": True,
            }
        ],
        "count": 1,
    }

    insight = "label_longevity"

    def get(self, request: Request) -> HttpResponse:
        limit = self.query["limit"]
        if self.query["isolated_years"]:
            return self.reply_until_computed(f"label-longevity:{limit}", lambda: answers.list_longest_labels(limit))
        return self.reply_until_computed(
            f"label-longevity:{limit}:settled", lambda: answers.list_settled_labels(limit, datetime.now(UTC).year)
        )


class ThisMonthView(InsightView):
    """``GET /api/insights/this-month``: what came out a round number of years ago."""

    operation = "listAnniversaries"
    query_parameters = serializers.ThisMonthQuery
    output = serializers.ThisMonthSerializer
    errors = (503,)
    example = {
        "month": 9,
        "year": 2026,
        "items": [
            {
                "master_id": "13814",
                "title": "Nevermind",
                "artist_name": "Nirvana",
                "release_year": 1991,
                "anniversary": 35,
            }
        ],
        "count": 1,
    }

    insight = "anniversaries"

    def get(self, request: Request) -> HttpResponse:
        today = datetime.now(UTC).date()
        if self.query["by_month"]:
            return self.reply_until_computed(
                f"this-month:{today.year}-{today.month}:by-month", lambda: answers.list_anniversaries_of_month(today)
            )
        return self.reply_until_computed(
            f"this-month:{today.year}-{today.month}", lambda: answers.list_anniversaries(today)
        )


class DataCompletenessView(InsightView):
    """``GET /api/insights/data-completeness``: how many records of each type have what they can have."""

    operation = "getDataCompleteness"
    output = serializers.DataCompletenessSerializer
    errors = (503,)
    example = {
        "items": [
            {
                "entity_type": "masters",
                "total_count": 2600000,
                "with_image": 0,
                "with_year": 2470000,
                "with_country": 0,
                "with_genre": 2600000,
                "completeness_pct": 65.0,
            }
        ],
        "count": 1,
    }

    insight = "data_completeness"

    def get(self, request: Request) -> HttpResponse:
        return self.reply_until_computed("data-completeness", answers.list_completeness)


class InsightsStatusView(InsightView):
    """``GET /api/insights/status``: when each insight was last computed, and whether that went well."""

    operation = "getInsightsStatus"
    output = serializers.InsightsStatusSerializer
    errors = (503,)
    example = {
        "statuses": [
            {
                "insight_type": "artist_centrality",
                "last_computed": "2026-09-01T03:00:12.481907Z",
                "status": "completed",
                "duration_ms": 41873,
            },
            {"insight_type": "genre_trends", "last_computed": None, "status": "never_run", "duration_ms": None},
        ]
    }

    def get(self, request: Request) -> HttpResponse:
        return self.reply(answers.list_statuses())


class RarestReleasesView(InsightView):
    """``GET /api/insights/release-rarity``: the rarest releases, with all that is stored of them."""

    operation = "listRarestReleases"
    query_parameters = serializers.ReleaseRarityQuery
    output = serializers.ScoredReleasesSerializer
    errors = (503,)
    example = {
        "items": [
            {
                "release_id": 1024,
                "title": "Untitled",
                "artist_name": "Basic Channel",
                "year": 1993,
                "rarity_score": 81.5,
                "tier": "ultra-rare",
                "hidden_gem_score": 40.2,
                "pressing_scarcity": 100.0,
                "label_catalog": 75.0,
                "format_rarity": 100.0,
                "temporal_scarcity": 49.5,
                "graph_isolation": 70.0,
                "collection_prevalence": 90.0,
            }
        ],
        "count": 1,
    }

    def get(self, request: Request) -> HttpResponse:
        limit = self.query["limit"]
        return self.reply_until_computed(f"release-rarity:{limit}", lambda: answers.list_rarest(limit))
