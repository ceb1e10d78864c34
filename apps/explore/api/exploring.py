"""Endpoints that walk the graph: names as they are typed, entities, their children, their years."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from apps.api.caching import DAY, SHORT
from apps.api.limits import Limit
from apps.api.responses import encode
from apps.api.views import ApiView, one_of
from apps.explore.serializers import exploring as serializers
from apps.graph.readers import completing, entities, expanding, years
from apps.graph.readers.entities import CATEGORIES

TITLES = {"aliases": "Aliases & Members"}
# What the contract keeps for a day, and under which key.
EXPLORE_KEYS = {"artist": "explore-artist:{name}", "label": "explore:label:{name}"}


class AutocompleteView(ApiView):
    """``GET /api/autocomplete``: entities whose names have words that begin with those of a text."""

    operation = "completeNames"
    query_parameters = serializers.AutocompleteQuery
    limits = (Limit(30),)
    output = serializers.AutocompleteSerializer
    errors = (400, 503, 504)
    example = {"results": [{"id": "108713", "name": "Nirvana", "score": 1.0}]}

    def get(self, request: Request) -> HttpResponse:
        """Answer."""
        kind = one_of(self.query["type"], serializers.KINDS, "type")
        text, limit = self.query["q"].strip(), self.query["limit"]
        key = f"autocomplete:{kind}:{limit}:{text}"
        return self.cached(key, SHORT, lambda: {"results": completing.complete(kind, text, limit)})


class ExploreView(ApiView):
    """``GET /api/explore``: an entity by its exact name, and what can be expanded from it."""

    operation = "exploreEntity"
    query_parameters = serializers.NamedQuery
    output = serializers.ExploreSerializer
    errors = (400, 404, 503, 504)
    example = {
        "center": {"id": "108713", "name": "Nirvana", "type": "artist"},
        "categories": [{"id": "cat-releases", "name": "Releases", "category": "releases", "count": 2411}],
    }

    def get(self, request: Request) -> HttpResponse:
        """Answer."""
        kind, name = one_of(self.query["type"], serializers.KINDS, "type"), self.query["name"]
        key = EXPLORE_KEYS.get(kind, "explore:{kind}:{name}").format(kind=kind, name=name)
        return self.cached(key, DAY if kind in EXPLORE_KEYS else SHORT, lambda: explored(kind, name))


def explored(kind: str, name: str) -> dict[str, Any]:
    """Return an entity with its categories."""
    found = entities.explore(kind, name)
    if found is None:
        raise NotFound(f"{kind.capitalize()} {name!r} not found")
    return {
        "center": {"id": found["id"], "name": found["name"], "type": kind},
        "categories": [
            {
                "id": f"cat-{category}",
                "name": TITLES.get(category, category.capitalize()),
                "category": category,
                "count": found[category],
            }
            for category in CATEGORIES[kind]
        ],
    }


class ExpandView(ApiView):
    """``GET /api/expand``: a page of the children of an entity, by its exact name."""

    operation = "expandEntity"
    query_parameters = serializers.ExpandQuery
    output = serializers.ChildrenSerializer
    errors = (400, 503, 504)
    example = {
        "children": [{"id": "249504", "name": "Nevermind", "type": "release", "year": 1991}],
        "total": 2411,
        "offset": 0,
        "limit": 50,
        "has_more": True,
    }

    def get(self, request: Request) -> HttpResponse:
        """Answer."""
        query = self.query
        kind = one_of(query["type"], serializers.KINDS, "type")
        category = one_of(query["category"], CATEGORIES[kind], "category")
        page = {name: query[name] for name in ("offset", "limit", "before_year")}
        key = ":".join(["expand", kind, category, *map(str, page.values()), query["node_id"]])
        return self.cached(key, SHORT, lambda: expanded(kind, query["node_id"], category, page))

    def encoded(self, found: Any) -> bytes:
        """Return what is in the shape of the output already: a serializer would give every child a year."""
        return encode(found)


def expanded(kind: str, name: str, category: str, page: dict[str, Any]) -> dict[str, Any]:
    """Return a page of children as it is told."""
    found = expanding.expand(kind, name, category, **page)
    offset, limit = page["offset"], page["limit"]
    return {
        "children": found.children,
        "total": found.total,
        "offset": offset,
        "limit": limit,
        "has_more": offset + len(found.children) < found.total,
    }


class NodeView(ApiView):
    """``GET /api/node/{node_id}``: an entity by its id, genres and styles by their name, as a panel shows it."""

    operation = "getNode"
    query_parameters = serializers.NodeQuery
    output = serializers.NODE
    errors = (400, 404, 503, 504)
    example = {"id": "1", "name": "Planet E", "release_count": 312}

    def get(self, request: Request, node_id: str) -> HttpResponse:
        """Answer."""
        kind = one_of(self.query["type"], tuple(serializers.NODES), "type")
        self.output = serializers.NODES[kind]
        return self.cached(f"node:{kind}:{node_id}", SHORT, lambda: noded(kind, node_id))


def noded(kind: str, node_id: str) -> dict[str, Any]:
    """Return an entity, which must be there."""
    found = entities.node(kind, node_id)
    if found is None:
        raise NotFound(f"{kind.capitalize()} {node_id!r} not found")
    return found


class TrendsView(ApiView):
    """``GET /api/trends``: how many releases an entity had in each year."""

    operation = "getTrends"
    query_parameters = serializers.NamedQuery
    output = serializers.TrendsSerializer
    errors = (400, 503, 504)
    example = {"name": "Techno", "type": "style", "data": [{"year": 1991, "count": 4120}]}

    def get(self, request: Request) -> HttpResponse:
        """Answer."""
        kind, name = one_of(self.query["type"], serializers.KINDS, "type"), self.query["name"]
        return self.cached(
            f"trends:{kind}:{name}",
            SHORT if kind == "artist" else DAY,
            lambda: {"name": name, "type": kind, "data": years.trends(kind, name)},
        )


class YearRangeView(ApiView):
    """``GET /api/explore/year-range``: the first and the last year of a release."""

    operation = "getYearRange"
    output = serializers.YearRangeSerializer
    errors = (503, 504)
    example = {"min_year": 1900, "max_year": 2026}

    def get(self, request: Request) -> HttpResponse:
        """Answer."""
        return self.cached("year-range", SHORT, spanned)


def spanned() -> dict[str, int | None]:
    """Return the span of years, within what a slider can show."""
    first, last = (year and min(max(year, serializers.FIRST_YEAR), serializers.LAST_YEAR) for year in years.span())
    return {"min_year": first, "max_year": last}


class GenreEmergenceView(ApiView):
    """``GET /api/explore/genre-emergence``: the genres and styles that had a release by a year."""

    operation = "getGenreEmergence"
    query_parameters = serializers.EmergenceQuery
    output = serializers.EmergenceSerializer
    errors = (503, 504)
    example = {"genres": [{"name": "Jazz", "first_year": 1917}], "styles": [{"name": "Ragtime", "first_year": 1897}]}

    def get(self, request: Request) -> HttpResponse:
        """Answer."""
        before_year = self.query["before_year"]
        return self.cached(f"genre-emergence:{before_year}", SHORT, lambda: emerged(before_year))


def emerged(before_year: int) -> dict[str, Any]:
    """Return what had come up by a year."""
    genres, styles = years.emerged(before_year)
    return {"genres": genres, "styles": styles}
