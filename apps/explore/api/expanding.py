"""Endpoints of the children of an entity: parameters, answers, cache keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from apps.api.caching import SHORT
from apps.api.parameters import ID_HELP, CommaList, Integer, NamesOrIds, Text, Values
from apps.api.views import ApiView, parse_choice
from apps.explore.answers import expanding as answers
from apps.explore.answers.expanding import EntityReference
from apps.graph.readers.entities import CATEGORIES, CHILD_KINDS, CHILDREN, KINDS
from apps.graph.readers.expanding import FIRST_YEAR, LAST_YEAR, ORDERS

FIELDS = ("years",)


class NamedQuery(NamesOrIds):
    """Of the endpoints that take an entity's name or id."""

    ids: ClassVar = {"name": "id"}

    name = Text(
        default=None,
        help_text="exact name; of an artist or label without one, what it is shown as, such as Artist 4258",
    )
    type = Text(default="artist", choices=KINDS, help_text="in capitals or not")
    id = Text(default=None, help_text=ID_HELP)


class ExpandQuery(NamesOrIds):
    """Of ``/api/expand``."""

    ids: ClassVar = {"node_id": "id"}

    node_id = Text(
        default=None, help_text="exact name of the entity, whatever its type, or what it is shown as if it has none"
    )
    type = Text(choices=KINDS, help_text="in capitals or not")
    category = Text(choices=CHILDREN, help_text="one that explore offers for the entity")
    limit = Integer(default=50, min_value=1, max_value=200)
    offset = Integer(default=0, min_value=0)
    before_year = Integer(default=None, min_value=FIRST_YEAR, max_value=LAST_YEAR)
    id = Text(default=None, help_text=ID_HELP)
    order = Text(
        default=None,
        choices=ORDERS,
        help_text="of releases; without it the latest first, as -year. sample: works that are even over the years, the"
        " same each time, of several entities of one name those of the smallest id",
    )
    fields = CommaList(  # type: ignore[assignment] # a field, which DRF takes out of the class
        default=list, help_text="years: first_year and last_year of children that are no releases"
    )


class ExpandBatchQuery(ExpandQuery):
    """Of ``/api/expand/batch``."""

    category = None  # type: ignore[assignment] # which takes it away
    categories = CommaList(help_text="some that explore offers for the entity, such as releases,labels")


class ChildSerializer(serializers.Serializer[Any]):
    """An entity that was expanded.

    Releases have a year, which may be null; all others but aliases have a count, and first and last year if asked for.
    """

    id = serializers.CharField()
    name = serializers.CharField()
    type = serializers.ChoiceField(choices=CHILD_KINDS)
    year = serializers.IntegerField(required=False, allow_null=True)
    release_count = serializers.IntegerField(required=False)
    first_year = serializers.IntegerField(required=False, allow_null=True)
    last_year = serializers.IntegerField(required=False, allow_null=True)


class ChildrenSerializer(serializers.Serializer[Any]):
    """A page of children."""

    children = ChildSerializer(many=True)
    total = serializers.IntegerField()
    offset = serializers.IntegerField()
    limit = serializers.IntegerField()
    has_more = serializers.BooleanField()


class ChildrenOfCategoriesSerializer(serializers.Serializer[Any]):
    """Pages of children by category, of those that were asked for."""

    releases = ChildrenSerializer(required=False)
    labels = ChildrenSerializer(required=False)
    aliases = ChildrenSerializer(required=False)
    artists = ChildrenSerializer(required=False)
    styles = ChildrenSerializer(required=False)
    genres = ChildrenSerializer(required=False)


class ExpandView(ApiView):
    """``GET /api/expand``: a page of the children of an entity, by its exact name or its id."""

    operation = "expandEntity"
    query_parameters = ExpandQuery
    output = ChildrenSerializer
    is_shaped = True
    errors = (400, 503, 504)
    example = {
        "children": [{"id": "249504", "name": "Nevermind", "type": "release", "year": 1991}],
        "total": 2411,
        "offset": 0,
        "limit": 50,
        "has_more": True,
    }

    def get(self, request: Request) -> HttpResponse:
        entity, options = read_entity(self.query, "node_id"), read_page(self.query)
        category = parse_choice(self.query["category"], CATEGORIES[entity.kind], "category")
        key = make_key("expand", entity, category, options)
        return self.reply_cached(key, SHORT, lambda: answers.list_children(entity, category, **options))


class ExpandBatchView(ApiView):
    """``GET /api/expand/batch``: the same page of several categories of an entity, each as expand answers it."""

    operation = "expandCategories"
    query_parameters = ExpandBatchQuery
    output = ChildrenOfCategoriesSerializer
    is_shaped = True
    errors = (400, 503, 504)
    example: ClassVar = {"releases": ExpandView.example}

    def get(self, request: Request) -> HttpResponse:
        entity, options = read_entity(self.query, "node_id"), read_page(self.query)
        given = self.query["categories"] or [""]
        categories = list(dict.fromkeys(parse_choice(each, CATEGORIES[entity.kind], "category") for each in given))
        key = make_key("expand-batch", entity, ",".join(categories), options)
        return self.reply_cached(key, SHORT, lambda: answers.list_children_of_categories(entity, categories, **options))


def read_entity(query: Values, name: str = "name") -> EntityReference:
    """Return the entity of a query."""
    return EntityReference.from_request(parse_choice(query["type"], KINDS, "type"), query[name], query["id"])


def read_page(query: Values) -> dict[str, Any]:
    """Return the options of a page of children: ``offset``, ``limit``, ``before_year``, ``order``, ``fields``."""
    page = {name: query[name] for name in ("offset", "limit", "before_year")}
    order = query["order"] and parse_choice(query["order"], ORDERS, "order")
    return {
        **page,
        "order": order,
        "fields": [parse_choice(each, FIELDS, "fields") for each in query["fields"]],
    }


def make_key(endpoint: str, entity: EntityReference, categories: str, options: Mapping[str, Any]) -> str:
    """Return the cache key of a page of children."""
    page = [str(options[name]) for name in ("offset", "limit", "before_year")]
    more = [options["order"] or "", *options["fields"]] if options["order"] or options["fields"] else []
    return ":".join([endpoint, entity.kind, categories, *page, *more, entity.key])
