"""JSON as it is sent."""

from __future__ import annotations

from functools import cache
from typing import Any

import orjson
from django.http import HttpResponse
from rest_framework.serializers import Serializer

JSON = "application/json"


def encode(data: Any) -> bytes:
    """Return data as JSON."""
    return orjson.dumps(data)


def encode_as(output: type[Serializer[Any]], data: Any) -> bytes:
    """Return data in the shape of a serializer, as JSON."""
    return encode(get_serializer(output).to_representation(data))


@cache
def get_serializer(output: type[Serializer[Any]]) -> Serializer[Any]:
    """Return the one serializer of a class that shapes all answers: making its fields takes longer than using them."""
    return output()


def reply(data: Any, status: int = 200) -> HttpResponse:
    """Return an answer with data as its body."""
    return HttpResponse(encode(data), status=status, content_type=JSON)
