"""JSON as it is sent."""

from __future__ import annotations

from typing import Any

import orjson
from django.http import HttpResponse

JSON = "application/json"


def encode(data: Any) -> bytes:
    """Return data as JSON."""
    return orjson.dumps(data)


def reply(data: Any, status: int = 200) -> HttpResponse:
    """Return an answer with data as its body."""
    return HttpResponse(encode(data), status=status, content_type=JSON)
