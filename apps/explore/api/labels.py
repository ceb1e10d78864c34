"""Labels by what they have released."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.exceptions import ParseError
from rest_framework.request import Request

from apps.api.caching import DAY, SHORT
from apps.api.limits import Limit
from apps.api.views import ApiView
from apps.explore.answers import labels
from apps.explore.answers.labels import MOST_COMPARED
from apps.explore.serializers import labels as serializers

LEAST_COMPARED = 2
EXAMPLE = {
    "label_id": "1",
    "label_name": "Planet E",
    "release_count": 312,
    "artist_count": 118,
    "artist_diversity": 0.3782,
    "active_years": [1991, 1992],
    "peak_decade": 1990,
    "prolificacy": 8.91,
    "genres": [{"name": "Electronic", "count": 311, "percentage": 98.7}],
    "styles": [{"name": "Techno", "count": 204, "percentage": 51.4}],
    "formats": [{"name": "Vinyl", "count": 251, "percentage": 77.5}],
    "decades": [{"decade": 1990, "count": 130, "percentage": 42.1}],
}


class LabelDnaView(ApiView):
    """``GET /api/label/{label_id}/dna``: what a label has released, in figures."""

    operation = "getLabelDna"
    limits = (Limit(30),)
    output = serializers.DnaSerializer
    errors = (404, 422, 503, 504)
    example = EXAMPLE

    def get(self, request: Request, label_id: str) -> HttpResponse:
        return self.reply_cached(labels.make_dna_key(label_id), DAY, lambda: labels.get_dna(label_id))


class SimilarLabelsView(ApiView):
    """``GET /api/label/{label_id}/similar``: labels whose genres are most like those of a label."""

    operation = "listSimilarLabels"
    query_parameters = serializers.SimilarLabelsQuery
    limits = (Limit(30),)
    output = serializers.SimilarLabelsSerializer
    errors = (404, 422, 503, 504)
    example = {
        "label_id": "1",
        "label_name": "Planet E",
        "similar": [
            {
                "label_id": "2",
                "label_name": "Transmat",
                "similarity": 0.9981,
                "release_count": 140,
                "shared_genres": ["Electronic"],
            }
        ],
    }

    def get(self, request: Request, label_id: str) -> HttpResponse:
        limit = self.query["limit"]
        return self.reply_cached(
            f"label-similar:{label_id}:{limit}", DAY, lambda: labels.find_similar_labels(label_id, limit)
        )


class CompareLabelsView(ApiView):
    """``GET /api/label/dna/compare``: the figures of two to five labels side by side."""

    operation = "compareLabels"
    query_parameters = serializers.CompareQuery
    limits = (Limit(30),)
    output = serializers.CompareSerializer
    errors = (400, 404, 422, 503, 504)
    example = {"labels": [{"dna": EXAMPLE}, {"dna": {**EXAMPLE, "label_id": "2", "label_name": "Transmat"}}]}

    def get(self, request: Request) -> HttpResponse:
        ids = self.query["ids"]
        if len(ids) < LEAST_COMPARED:
            raise ParseError(f"At least {LEAST_COMPARED} label ids are needed")
        if len(ids) > MOST_COMPARED:
            raise ParseError(f"At most {MOST_COMPARED} label ids can be compared")
        key = f"label-compare:{','.join(ids)}"
        return self.reply_cached(key, SHORT, lambda: labels.compare_labels(ids))
