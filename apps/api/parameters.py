"""Parameters of a query, a path or a JSON body: their fields, how they are read, and their errors.

The fields raise DRF's codes; ``describe_error`` turns them into the words of the contract
(docs/contract/rest.md#parameters, #errors).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, ClassVar

import orjson
from django.core.validators import ProhibitNullCharactersValidator
from django.http import HttpRequest, QueryDict
from rest_framework import serializers
from rest_framework.fields import empty
from rest_framework.settings import api_settings

INTEGER = re.compile(r"\s*([+-]?[0-9]+(?:_[0-9]+)*)(?:\.0+)?\s*")
FLOAT = re.compile(
    r"\s*[+-]?(?:[0-9]+\.?[0-9]*(?:e[+-]?[0-9]+)?|\.[0-9]+(?:e[+-]?[0-9]+)?|inf(?:inity)?|nan)\s*", re.IGNORECASE
)
LARGEST = 2**63 - 1
# More digits are beyond every bound. Python refuses to parse some thousand of them.
MOST_DIGITS = 40
WORDS = {
    **dict.fromkeys(("true", "1", "yes", "on", "t", "y"), True),
    **dict.fromkeys(("false", "0", "no", "off", "f", "n"), False),
}


class Text(serializers.CharField):
    """A text as it was sent: blanks count, and it may be empty. ``for_sql``: refuse NUL, which PostgreSQL does.

    ``choices`` are for the schema: endpoints refuse other words themselves, with 400 and after the limits.
    """

    default_error_messages = {"string_type": "Input should be a valid string"}

    def __init__(self, *, for_sql: bool = False, choices: Iterable[str] = (), **options: Any) -> None:
        super().__init__(trim_whitespace=False, allow_blank="min_length" not in options, **options)
        self.choices = tuple(choices)
        if not for_sql:
            self.validators = [
                each for each in self.validators if not isinstance(each, ProhibitNullCharactersValidator)
            ]

    def run_validation(self, data: Any = empty) -> Any:
        """Validate; CharField itself would refuse an empty text, and accept a number."""
        if data is not empty and not isinstance(data, str) and not (data is None and self.allow_null):
            self.fail("string_type")
        return super(serializers.CharField, self).run_validation(data)


class Pattern(Text):
    """A text that a pattern matches as a whole."""

    default_error_messages: ClassVar = {"string_pattern_mismatch": "Input should match the pattern {pattern}"}

    def __init__(self, pattern: str, **options: Any) -> None:
        super().__init__(**options)
        self.pattern = pattern

    def to_internal_value(self, data: Any) -> Any:
        """Check it."""
        text = super().to_internal_value(data)
        if not re.fullmatch(self.pattern, text):
            self.fail("string_pattern_mismatch", pattern=self.pattern)
        return text


class Integer(serializers.IntegerField):
    """An integer, by default of 64 bits."""

    default_error_messages = {"int_parsing": "Input should be a valid integer"}

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_value", LARGEST)
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> int:
        """Parse digits; ``1_000`` and ``1.0`` are integers too."""
        match = INTEGER.fullmatch(data) if isinstance(data, str) else None
        if match is None:
            self.fail("int_parsing")
        digits = match[1].replace("_", "")
        return int(digits[:MOST_DIGITS])


class Float(serializers.FloatField):
    """A decimal number."""

    default_error_messages = {"float_parsing": "Input should be a valid number"}

    def to_internal_value(self, data: Any) -> float:
        """Parse a number; ``nan`` counts as below every bound."""
        if not isinstance(data, str) or not FLOAT.fullmatch(data):
            self.fail("float_parsing")
        # The pattern takes the separator 0x1C for a blank, ``float`` does not.
        number = float(data.strip())
        return -math.inf if math.isnan(number) else number


class Boolean(serializers.BooleanField):
    """Yes or no, in any of ``WORDS``."""

    default_error_messages = {"bool_parsing": "Input should be a valid boolean"}

    def to_internal_value(self, data: Any) -> bool:
        """Parse a word, in capitals or not."""
        word = WORDS.get(data.lower()) if isinstance(data, str) else None
        if word is None:
            self.fail("bool_parsing")
        return word


class CommaList(Text):
    """Entries between commas, trimmed, empty ones dropped."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the entries in order."""
        text = super().to_internal_value(data)
        return [entry for each in text.split(",") if (entry := each.strip())]

    def run_validators(self, value: Any) -> None:
        """Validate the entries as one text."""
        super().run_validators(",".join(value))


ID_HELP = "instead of the name: the Discogs id of an artist or label, the name of a genre or style"


class NamesOrIds(serializers.Serializer[Any]):
    """Parameters of which some names may be left out where their ids are given; an empty id is none."""

    # Name → its id.
    ids: ClassVar[dict[str, str]]

    def __init__(self, instance: Any = None, data: Any = empty, **options: Any) -> None:
        super().__init__(instance, data, **options)
        for name, id_ in self.ids.items():
            # In the schema neither is required.
            self.fields[name].required = data is not empty and not data.get(id_)


# DRF's code → the contract's type. The others are those of our own fields, or of rules written by hand.
TYPES = {
    "required": "missing",
    "min_value": "greater_than_equal",
    "max_value": "less_than_equal",
    "min_length": "string_too_short",
    "max_length": "string_too_long",
    "not_a_dict": "dict_type",
    "invalid_choice": "string_pattern_mismatch",
}
OBJECT_TYPES = {**TYPES, "invalid": "model_attributes_type"}
LIST_TYPES = {
    **TYPES,
    "min_length": "too_short",
    "empty": "too_short",
    "max_length": "too_long",
    "not_a_list": "list_type",
}
OWN_TYPES = {"int_parsing", "float_parsing", "bool_parsing", "uuid_parsing", "string_pattern_mismatch", "string_type"}
# Type → the bound that it names, and the field's attribute that has it.
BOUNDS = {
    "greater_than_equal": ("ge", "min_value"),
    "less_than_equal": ("le", "max_value"),
    "string_too_short": ("min_length", "min_length"),
    "string_too_long": ("max_length", "max_length"),
    "too_short": ("min_length", "min_length"),
    "too_long": ("max_length", "max_length"),
}
# Longer queries are parsed each time.
REMEMBERED_CHARACTERS = 500

Values = Mapping[str, Any]
Parameters = type[serializers.Serializer[Any]]


class Invalid(Exception):  # noqa: N818 - the contract's word for it
    """Invalid parameters; ``entries`` says which, why and where."""

    def __init__(self, entries: list[dict[str, Any]]) -> None:
        super().__init__(f"{len(entries)} invalid parameters")
        self.entries = entries


def read_query(parameters: Parameters, query_string: str) -> Values:
    """Read a query string. Of a repeated parameter the last one counts, unless it is a list; unknown ones are ignored.

    Raises:
        Invalid: with an entry for each invalid parameter.
    """
    if len(query_string) > REMEMBERED_CHARACTERS:
        return _read_query(parameters, query_string)
    return _remembered(parameters, query_string)


def _read_query(parameters: Parameters, query_string: str) -> Values:
    given = QueryDict(query_string)
    lists = {
        name: given.getlist(name)
        for name, field in parameters().fields.items()
        if name in given and isinstance(field, serializers.ListField)
    }
    return read_values(parameters, "query", {**given.dict(), **lists})


# The same few thousand queries come again and again, and parsing one takes longer than finding its answer.
_remembered = lru_cache(maxsize=4096)(_read_query)


def read_values(parameters: Parameters, place: str, given: Values) -> Values:
    """Read values that came in a place: ``query``, ``path`` or ``body``.

    Raises:
        Invalid: with an entry for each invalid value.
    """
    serializer = parameters(data=dict(given))
    if not serializer.is_valid():
        raise Invalid(list_entries(serializer, place, given))
    return MappingProxyType(serializer.validated_data)


def list_entries(serializer: serializers.Serializer[Any], place: str, given: Values) -> list[dict[str, Any]]:
    """Return an entry for each invalid value, in the order of declaration."""
    return list(iterate_entries(serializer, serializer.errors, [place], given))


def iterate_entries(
    serializer: serializers.Serializer[Any], errors: Any, place: list[Any], given: Values
) -> Iterator[dict[str, Any]]:
    """Yield the entries of an object, and of the lists of objects in it."""
    for name, field in serializer.fields.items():
        if name not in errors:
            continue
        nested: Any = field
        if isinstance(field, serializers.Serializer) and isinstance(given.get(name), dict):
            yield from iterate_entries(nested, errors[name], [*place, name], given[name])
        elif isinstance(field, serializers.ListSerializer) and name in given:
            yield from iterate_entries_of_list(field, errors[name], [*place, name], given)
        elif isinstance(field, serializers.ListField) and isinstance(errors[name], Mapping):
            values = dict(enumerate(given[name]))
            for number in sorted(errors[name]):
                yield describe_error(field.child, errors[name][number][0], [*place, name, number], values)
        else:
            found = errors[name]
            error = found[api_settings.NON_FIELD_ERRORS_KEY][0] if isinstance(found, dict) else found[0]
            yield describe_error(field, error, [*place, name], given)


def iterate_entries_of_list(
    field: serializers.ListSerializer[Any], errors: Any, place: list[Any], given: Values
) -> Iterator[dict[str, Any]]:
    """Yield the entries of a list of objects: of the list itself, or of the objects in it."""
    # A rule of the object about its list raises a list of errors.
    if of_list := errors if isinstance(errors, list) else errors.get(api_settings.NON_FIELD_ERRORS_KEY):
        yield describe_error(field, of_list[0], place, given)
        return
    child: Any = field.child
    for number, of_object in errors.items():
        each = given[place[-1]][number]
        if isinstance(each, dict):
            yield from iterate_entries(child, of_object, [*place, number], each)
        else:
            refusal = make_refusal("model_attributes_type", [*place, number], "Input should be a JSON object", each)
            yield from refusal.entries


def describe_error(field: Any, error: Any, place: list[Any], given: Mapping[Any, Any]) -> dict[str, Any]:
    """Return the entry of one invalid value."""
    of_lists = isinstance(field, serializers.ListSerializer | serializers.ListField)
    types = LIST_TYPES if of_lists else OBJECT_TYPES if isinstance(field, serializers.Serializer) else TYPES
    kind = types.get(error.code, error.code if error.code in OWN_TYPES else "value_error")
    found = {"type": kind, "loc": place, "msg": str(error), "input": given.get(place[-1])}
    if kind == "missing" and place[0] == "body":
        found["input"] = dict(given)
    if kind in BOUNDS:
        bound, attribute = BOUNDS[kind]
        found["ctx"] = {bound: getattr(field, attribute)}
    elif kind == "value_error":
        found["ctx"] = {"error": {}}
    return found


def read_body(parameters: Parameters, request: HttpRequest) -> Values:
    """Read the JSON object of a request's body; unknown fields are ignored.

    Raises:
        Invalid: there is none, or it has invalid values.
    """
    if not request.body:
        raise make_refusal("missing", ["body"], "A body is required", None)
    given = parse_json(request.body) if is_json(request.content_type) else request.body.decode(errors="replace")
    if not isinstance(given, dict):
        raise make_refusal("model_attributes_type", ["body"], "Input should be a JSON object", given)
    return read_values(parameters, "body", given)


def is_json(content_type: str | None) -> bool:
    """Tell whether a content type is JSON, or a format based on it (``+json``)."""
    kind = (content_type or "").lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


def parse_json(body: bytes) -> Any:
    """Parse a JSON text.

    Raises:
        Invalid: it is not JSON; the entry names the position of the error.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        place, reason = locate_error(body, error)
        raise make_refusal("json_invalid", ["body", place], "JSON decode error", {}, {"error": reason}) from error


def locate_error(body: bytes, error: orjson.JSONDecodeError) -> tuple[int, str]:
    """Return position and reason of a JSON error as Python's ``json`` counts and words them, which clients expect."""
    try:
        json.loads(body)
    except json.JSONDecodeError as known:
        return known.pos, known.msg
    except (ValueError, RecursionError):
        pass
    return error.pos, error.msg


def make_refusal(
    kind: str, place: list[Any], message: str, given: Any, context: dict[str, Any] | None = None
) -> Invalid:
    """Return the error of a body as a whole."""
    entry = {"type": kind, "loc": place, "msg": message, "input": given}
    return Invalid([entry | ({"ctx": context} if context else {})])
