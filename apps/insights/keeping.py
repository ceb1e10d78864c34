"""Under which keys answers of insights are kept (docs/contract/rest.md#caches).

``insights-generation`` in Redis counts the computations: whoever ends one adds to it, and no answer of before is found
any more.
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
    """Return the key of an answer, None while nobody can say how often insights were computed.

    To be asked for before the tables are read: what a slow reader has read of before goes under a key of before.
    """
    count: bytes | None = caching.call_redis(lambda client: client.get(GENERATION) or b"0", None)
    return None if count is None else f"insights:g{count.decode(errors='replace')}:{rest}"


def get_or_count(rest: str, count: Callable[[], int]) -> int:
    """Return a number that is kept, or count it and keep it. Nothing is not kept, for it may be about to come."""

    def count_as_bytes() -> bytes:
        found = count()
        if not found:
            raise NotKept(b"0")
        return str(found).encode()

    place = make_key(rest)
    return count() if place is None else int(caching.get_or_compute(place, SECONDS, count_as_bytes).body)
