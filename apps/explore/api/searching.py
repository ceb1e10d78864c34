"""Search over names and titles."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.exceptions import ParseError
from rest_framework.request import Request

from apps.api.caching import SHORT
from apps.api.limits import Limit
from apps.api.views import ApiView, parse_choice
from apps.catalog.search.asking import TYPES, Question, rejoin_genres
from apps.explore.answers import searching
from apps.explore.serializers import searching as serializers


class SearchView(ApiView):
    """``GET /api/search``: artists, labels, masters and releases with the words of a text."""

    operation = "searchCatalogue"
    query_parameters = serializers.SearchQuery
    limits = (Limit(30),)
    output = serializers.SearchSerializer
    errors = (400, 503, 504)
    example = {
        "query": "blue monday",
        "total": 1,
        "facets": {"type": {"release": 1}, "genre": {"Electronic": 1}, "decade": {"1980s": 1}},
        "results": [
            {
                "type": "release",
                "id": "28399",
                "name": "Blue Monday",
                "highlight": "<b>Blue</b> <b>Monday</b>",
                "relevance": 0.0991,
                "metadata": {"year": 1983, "genres": ["Electronic"]},
            }
        ],
        "pagination": {"limit": 20, "offset": 0, "has_more": False},
    }

    def get(self, request: Request) -> HttpResponse:
        query = self.query
        question = Question(
            text=query["q"],
            types=parse_types(query["types"]),
            genres=rejoin_genres(query["genres"]),
            year_min=query["year_min"],
            year_max=query["year_max"],
            limit=query["limit"],
            offset=query["offset"],
            by_names=query["rank"] is not None and parse_choice(query["rank"], serializers.RANKS, "rank") == "names",
        )
        return self.reply_cached(question.key, SHORT, lambda: searching.answer_question(question))


def parse_types(entries: list[str]) -> tuple[str, ...]:
    """Return the types of a query, each once; all of them if it names none."""
    types = tuple(dict.fromkeys(entry.lower() for entry in entries))
    unknown = [type_ for type_ in types if type_ not in TYPES]
    if unknown:
        raise ParseError(f"Invalid type {', '.join(map(repr, unknown))}: give some of {', '.join(TYPES)}")
    return types or TYPES
