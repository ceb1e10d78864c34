"""Cache keys of the answers about insights (docs/contract/rest.md#caches).

``insights-generation`` in Redis counts the computations. Each key holds this number, so the end of a computation
invalidates all earlier answers.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings

from apps.api import caching
from apps.api.caching import NotKept

GENERATION = "insights-generation"
# An answer is of use until the next computation.
SECONDS = int(settings.INSIGHTS_SCHEDULE_HOURS * 3600)


def make_key(rest: str) -> str | None:
    """Return the key of an answer; None while Redis is away.

    Make the key before you read the tables: a slow reader then stores old data under the old key.
    """
    # The number is in Redis and not in PostgreSQL: an answer from the cache then costs no query at all.
    count: bytes | None = caching.call_redis(lambda client: client.get(GENERATION) or b"0", None)
    return None if count is None else f"insights:g{count.decode(errors='replace')}:{rest}"


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
