"""Endpoints that walk the graph: names as they are typed, entities, their links, their years."""

from __future__ import annotations

from typing import ClassVar

from django.http import HttpResponse
from rest_framework.exceptions import ParseError
from rest_framework.request import Request

from apps.api.caching import DAY, SHORT
from apps.api.limits import Limit
from apps.api.views import ApiView, parse_choice
from apps.explore.answers import exploring as answers
from apps.explore.answers import names
from apps.explore.api.expanding import NamedQuery, read_entity
from apps.explore.serializers import exploring as serializers
from apps.graph.readers.entities import KINDS
from apps.graph.readers.maps import LINKED

# Kinds that the contract caches for a day, and their keys.
EXPLORE_KEYS = {"artist": "explore-artist:{name}", "label": "explore:label:{name}"}


class AutocompleteView(ApiView):
    """``GET /api/autocomplete``: entities whose names have words that begin with those of a text."""

    operation = "completeNames"
    query_parameters = serializers.AutocompleteQuery
    limits = (Limit(30),)
    output = serializers.AutocompleteSerializer
    is_shaped = True
    errors = (400, 503, 504)
    example = {"results": [{"id": "108713", "name": "Nirvana", "score": 1.0}]}

    def get(self, request: Request) -> HttpResponse:
        kind = self.query["type"].lower()
        if kind != names.ANY:
            kind = parse_choice(self.query["type"], KINDS, "type")
        text, limit = self.query["q"].strip(), self.query["limit"]
        has_hints = bool([parse_choice(each, serializers.HINTS, "fields") for each in self.query["fields"]])
        key = f"autocomplete:{kind}:{limit}{'+hint' if has_hints else ''}:{text}"
        return self.reply_cached(key, SHORT, lambda: names.complete_for_api(kind, text, limit, has_hints=has_hints))


class ExploreView(ApiView):
    """``GET /api/explore``: an entity by its exact name or its id, and what can be expanded from it."""

    operation = "exploreEntity"
    query_parameters = NamedQuery
    output = serializers.ExploreSerializer
    errors = (400, 404, 503, 504)
    example = {
        "center": {"id": "108713", "name": "Nirvana", "type": "artist"},
        "categories": [{"id": "cat-releases", "name": "Releases", "category": "releases", "count": 2411}],
    }

    def get(self, request: Request) -> HttpResponse:
        entity = read_entity(self.query)
        key = EXPLORE_KEYS.get(entity.kind, "explore:{kind}:{name}").format(kind=entity.kind, name=entity.name)
        if entity.id is not None:
            key = f"explore-id:{entity.kind}:{entity.id}"
        return self.reply_cached(
            key, DAY if entity.kind in EXPLORE_KEYS else SHORT, lambda: answers.explore_entity(entity)
        )


class LinksView(ApiView):
    """``GET /api/links``: the edges between some entities."""

    operation = "listLinks"
    query_parameters = serializers.LinksQuery
    output = serializers.LinksSerializer
    errors = (400, 503, 504)
    example: ClassVar = {"links": [{"source": "release:249504", "target": "label:1866", "type": "ON"}]}

    def get(self, request: Request) -> HttpResponse:
        try:
            nodes = answers.parse_nodes(self.query["nodes"])
        except ValueError as error:
            raise ParseError(f"Invalid node {str(error)!r}: give {'|'.join(LINKED)}, a colon and the id") from error
        if len(nodes) > serializers.MOST_NODES:
            raise ParseError(f"{len(nodes)} nodes: at most {serializers.MOST_NODES} can be asked for")
        key = ":".join(["links", *(f"{kind}:{len(id_)}:{id_}" for kind, id_ in nodes)])
        return self.reply_cached(key, SHORT, lambda: answers.find_links(nodes))


class NodeView(ApiView):
    """``GET /api/node/{node_id}``: an entity by its id, genres and styles by their name, as a panel shows it."""

    operation = "getNode"
    query_parameters = serializers.NodeQuery
    output = serializers.NODE
    errors = (400, 404, 503, 504)
    example = {"id": "1", "name": "Planet E", "release_count": 312}

    def get(self, request: Request, node_id: str) -> HttpResponse:
        kind = parse_choice(self.query["type"], tuple(serializers.NODES), "type")
        self.output = serializers.NODES[kind]
        return self.reply_cached(f"node:{kind}:{node_id}", SHORT, lambda: answers.get_node(kind, node_id))


class TrendsView(ApiView):
    """``GET /api/trends``: how many releases an entity had in each year."""

    operation = "getTrends"
    query_parameters = NamedQuery
    output = serializers.TrendsSerializer
    errors = (400, 404, 503, 504)
    example = {"name": "Techno", "type": "style", "data": [{"year": 1991, "count": 4120}]}

    def get(self, request: Request) -> HttpResponse:
        entity = read_entity(self.query)
        return self.reply_cached(
            f"trends:{entity.kind}:{entity.key}",
            SHORT if entity.kind == "artist" else DAY,
            lambda: answers.get_trends(entity),
        )


class YearRangeView(ApiView):
    """``GET /api/explore/year-range``: the first and the last year of a release."""

    operation = "getYearRange"
    output = serializers.YearRangeSerializer
    errors = (503, 504)
    example = {"min_year": 1900, "max_year": 2026}

    def get(self, request: Request) -> HttpResponse:
        return self.reply_cached("year-range", SHORT, answers.get_year_range)


class GenreEmergenceView(ApiView):
    """``GET /api/explore/genre-emergence``: the genres and styles that had a release by a year."""

    operation = "getGenreEmergence"
    query_parameters = serializers.EmergenceQuery
    output = serializers.EmergenceSerializer
    errors = (503, 504)
    example = {"genres": [{"name": "Jazz", "first_year": 1917}], "styles": [{"name": "Ragtime", "first_year": 1897}]}

    def get(self, request: Request) -> HttpResponse:
        before_year = self.query["before_year"]
        return self.reply_cached(f"genre-emergence:{before_year}", SHORT, lambda: answers.list_emergence(before_year))
