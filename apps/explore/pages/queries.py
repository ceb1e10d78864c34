"""The query of a page: its parameters, read as those of an endpoint, and the entity that it names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from apps.api.parameters import Invalid, Parameters, Values, read_query
from apps.explore.answers import names
from apps.explore.pages.states import NothingOfThatName
from apps.graph.readers import entities


def read_or_default(parameters: Parameters, given: QueryDict) -> Values:
    """Return the parameters of an address; all of them as if none was given if one is wrong.

    An empty choice of a form is none.
    """
    pairs: list[tuple[str, Any]] = [(name, value) for name, values in given.lists() for value in values if value]
    try:
        return read_query(parameters, urlencode(pairs))
    except Invalid:
        return read_query(parameters, "")


def find_id(kind: str, given: QueryDict, address: Callable[[Mapping[str, Any]], str]) -> str:
    """Return the ``id`` of an address, or that of the entity of its ``name``; empty if it has neither.

    ``address`` makes the address of a page from ``{type, id}``, for the names that are closest.

    Raises:
        NothingOfThatName: there is no entity of that name.
    """
    name = given.get("name", "").strip()
    if given.get("id") or not name:
        return str(given.get("id", ""))
    # The graph has no index of masters' titles.
    known = entities.explore_entity(kind, name) if kind != "master" else None
    closest = [] if known else names.find_closest(kind, name)
    alike = [each for each in closest if each["name"].casefold() == name.casefold()]
    if known or alike:
        return str((known or alike[0])["id"])
    suggestions = [{**each, "address": address({"type": kind, "id": each["id"]})} for each in closest]
    raise NothingOfThatName(kind, name, suggestions)
