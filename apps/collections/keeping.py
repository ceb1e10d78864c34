"""How long answers about a collection are kept: until it changes.

Redis counts the changes of each user's collection and of all, and cache keys hold these numbers: a change makes all
earlier answers useless. A Redis that lost the numbers lost the answers too.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.cache import cache

from apps.api import caching

# In place of a user: the changes of all collections.
ALL = "all"


def make_counter(owner: UUID | str) -> str:
    """Return the key of the number of changes of a user's collection, or of all."""
    return str(cache.make_key(f"collection-changes:{owner}", version=0))


def make_key(user_id: UUID, rest: str, *, of_all: bool = False) -> str:
    """Return a cache key that lasts until the user's collection changes. Make it before you read the collection.

    ``of_all``: until any collection changes, for answers that say what other users have.
    """
    counters = [make_counter(user_id), *([make_counter(ALL)] if of_all else [])]
    counts: list[bytes | None] = caching.call_redis(lambda client: client.mget(counters), [])
    changes = "-".join((each or b"0").decode(errors="replace") for each in counts)
    return f"collection:{user_id}:{changes}:{rest}"


def note_change(user_id: UUID) -> None:
    """Make all answers about a user's collection due to be computed again."""

    def count(client: Any) -> None:
        client.incr(make_counter(user_id))
        client.incr(make_counter(ALL))

    caching.call_redis(count, None)
