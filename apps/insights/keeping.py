"""Cache keys of the answers about insights (docs/contract/rest.md#caches).

``insights-generation`` in Redis counts the computations. Each key holds this number, so the end of a computation
invalidates all earlier answers.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from email.utils import formatdate
from typing import Any

from django.conf import settings

from apps.api import caching
from apps.api.caching import NotKept

GENERATION = "insights-generation"
# Insight → when its result was computed, in seconds since 1970.
COMPUTED = "insights-computed"
# An answer is of use until the next computation.
SECONDS = int(settings.INSIGHTS_SCHEDULE_HOURS * 3600)


def invalidate(insight: str) -> None:
    """Count a computation that ended, so that every answer is made anew, and note when it ended."""

    def count(client: Any) -> None:
        with client.pipeline() as steps:
            steps.hset(COMPUTED, insight, int(time.time()))
            steps.incr(GENERATION)
            steps.execute()

    caching.call_redis(count, None)


def make_key(rest: str) -> str | None:
    """Return the key of an answer; None while Redis is away.

    Make the key before you read the tables: a slow reader then stores old data under the old key.
    """
    return look_up(rest, "")[0]


def look_up(rest: str, insight: str) -> tuple[str | None, str | None]:
    """Return the key of an answer and the ``Last-Modified`` of an insight; None for what Redis does not know."""
    # In Redis and not in PostgreSQL: an answer from the cache then costs no query at all.
    found: tuple[bytes | None, bytes | None] | None = caching.call_redis(lambda client: read(client, insight), None)
    if found is None:
        return None, None
    count, computed = found[0] or b"0", found[1]
    modified = formatdate(float(computed), usegmt=True) if computed else None
    return f"insights:g{count.decode(errors='replace')}:{rest}", modified


def read(client: Any, insight: str) -> tuple[bytes | None, bytes | None]:
    """Return the generation and when an insight was computed, in one exchange with Redis."""
    with client.pipeline(transaction=False) as steps:
        steps.get(GENERATION)
        steps.hget(COMPUTED, insight)
        generation, computed = steps.execute()
    return generation, computed


def get_or_count(rest: str, count: Callable[[], int]) -> int:
    """Return a cached number, or count and cache it. A count of 0 is not cached: a computation may be running."""

    def count_as_bytes() -> bytes:
        found = count()
        if not found:
            # A cached 0 would stay until the next computation ends, hours later.
            raise NotKept(b"0")
        return str(found).encode()

    place = make_key(rest)
    return count() if place is None else int(caching.get_or_compute(place, SECONDS, count_as_bytes).body)
