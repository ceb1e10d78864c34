"""Bodies of requests: a JSON object, or what is said of anything else (docs/contract/rest.md#errors)."""

from __future__ import annotations

import json
from typing import Any

import orjson
from django.http import HttpRequest

from apps.api.validation import Invalid, Parameters, Values, read_values


def read_body(parameters: Parameters, request: HttpRequest) -> Values:
    """Read the object that a request brings; fields that nobody knows do not count.

    Raises:
        Invalid: it brings none, or one with values that cannot be taken.
    """
    if not request.body:
        raise make_refusal("missing", ["body"], "A body is required", None)
    given = parse_json(request.body) if is_json(request.content_type) else request.body.decode(errors="replace")
    if not isinstance(given, dict):
        raise make_refusal("model_attributes_type", ["body"], "Input should be a JSON object", given)
    return read_values(parameters, "body", given)


def is_json(content_type: str | None) -> bool:
    """Tell whether a type of content is JSON, or a format that is written in it."""
    kind = (content_type or "").lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


def parse_json(body: bytes) -> Any:
    """Return what a text in JSON says.

    Raises:
        Invalid: it is no JSON; the entry names the character where it ends to be.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        place, reason = locate_error(body, error)
        raise make_refusal("json_invalid", ["body", place], "JSON decode error", {}, {"error": reason}) from error


def locate_error(body: bytes, error: orjson.JSONDecodeError) -> tuple[int, str]:
    """Return where a text ends to be JSON, and why: as Python counts it, which clients know."""
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
    """Return what is raised of a body as a whole."""
    entry = {"type": kind, "loc": place, "msg": message, "input": given}
    return Invalid([entry | ({"ctx": context} if context else {})])
