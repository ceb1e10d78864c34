"""How long answers about a collection are kept: until it changes.

Redis counts the changes of each user's collection, and cache keys hold that number: a change makes all earlier answers
useless. A Redis that lost the number lost the answers too.
"""

from __future__ import annotations

from uuid import UUID

from django.core.cache import cache

from apps.api import caching


def make_counter(user_id: UUID) -> str:
    """Return the key of the number of changes of a user's collection."""
    return str(cache.make_key(f"collection-changes:{user_id}", version=0))


def make_key(user_id: UUID, rest: str) -> str:
    """Return a cache key that lasts until the user's collection changes. Make it before you read the collection."""
    count: bytes | None = caching.call_redis(lambda client: client.get(make_counter(user_id)), None)
    return f"collection:{user_id}:{(count or b'0').decode(errors='replace')}:{rest}"


def note_change(user_id: UUID) -> None:
    """Make all answers about a user's collection due to be computed again."""
    caching.call_redis(lambda client: client.incr(make_counter(user_id)), None)
