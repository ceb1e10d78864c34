"""Answers for pages, kept in the cache as those of the API are: until they expire or the data change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from apps.api import caching


def get_or_compute(key: str, seconds: int, compute: Callable[[], Any]) -> Any:
    """Return what ``compute`` returns, which must be of JSON's types, or what it returned before."""
    return orjson.loads(caching.get_or_compute(f"page:{key}", seconds, lambda: orjson.dumps(compute())).body)
