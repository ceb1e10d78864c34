"""Parameters read by serializers, and their errors in the words of the contract (docs/contract/rest.md#errors)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from django.http import QueryDict
from rest_framework import serializers

# DRF's code → the contract's type. The others are those of our own fields, or of rules written by hand.
TYPES = {
    "required": "missing",
    "min_value": "greater_than_equal",
    "max_value": "less_than_equal",
    "min_length": "string_too_short",
    "max_length": "string_too_long",
    "not_a_dict": "dict_type",
}
OWN_TYPES = {"int_parsing", "float_parsing", "bool_parsing", "uuid_parsing", "string_pattern_mismatch", "string_type"}
# Type → the bound that it names, and the field's attribute that has it.
BOUNDS = {
    "greater_than_equal": ("ge", "min_value"),
    "less_than_equal": ("le", "max_value"),
    "string_too_short": ("min_length", "min_length"),
    "string_too_long": ("max_length", "max_length"),
}
# Queries longer than this are read each time.
REMEMBERED_CHARACTERS = 500

Values = Mapping[str, Any]
Parameters = type[serializers.Serializer[Any]]


class Invalid(Exception):  # noqa: N818 - the contract's word for it
    """Parameters that cannot be taken; ``list_entries`` says which, why and where."""

    def __init__(self, entries: list[dict[str, Any]]) -> None:
        super().__init__(f"{len(entries)} invalid parameters")
        self.entries = entries


def read_query(parameters: Parameters, query_string: str) -> Values:
    """Read a query string. Of a parameter that comes twice the last one counts, and unknown ones do not.

    Raises:
        Invalid: with an entry for each parameter that cannot be taken.
    """
    if len(query_string) > REMEMBERED_CHARACTERS:
        return _read_query(parameters, query_string)
    return _remembered(parameters, query_string)


def _read_query(parameters: Parameters, query_string: str) -> Values:
    return read_values(parameters, "query", QueryDict(query_string).dict())


# The same few thousand questions come again and again, and reading one takes longer than finding its answer.
_remembered = lru_cache(maxsize=4096)(_read_query)


def read_values(parameters: Parameters, place: str, given: Values) -> Values:
    """Read values that came in a place: ``query``, ``path`` or ``body``.

    Raises:
        Invalid: with an entry for each value that cannot be taken.
    """
    serializer = parameters(data=dict(given))
    if not serializer.is_valid():
        raise Invalid(list_entries(serializer, place, given))
    return MappingProxyType(serializer.validated_data)


def list_entries(serializer: serializers.Serializer[Any], place: str, given: Values) -> list[dict[str, Any]]:
    """Return an entry for each value that cannot be taken, in the order of declaration."""
    errors = serializer.errors
    return [
        describe_error(field, errors[name][0], [place, name], given)
        for name, field in serializer.fields.items()
        if name in errors
    ]


def describe_error(field: Any, error: Any, place: list[str], given: Values) -> dict[str, Any]:
    """Return what is said of one value."""
    kind = TYPES.get(error.code, error.code if error.code in OWN_TYPES else "value_error")
    found = {"type": kind, "loc": place, "msg": str(error), "input": given.get(place[-1])}
    if kind == "missing" and place[0] == "body":
        found["input"] = dict(given)
    if kind in BOUNDS:
        bound, attribute = BOUNDS[kind]
        found["ctx"] = {bound: getattr(field, attribute)}
    elif kind == "value_error":
        found["ctx"] = {"error": {}}
    return found
