"""Rate limits: so many requests of a client for one path in a window that begins with the first of them.

Counted in Redis, so that all processes count together. While that is away, nobody is refused.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass

from django.core.cache import cache
from django.http import HttpRequest

from apps.api import store
from apps.api.peers import client_address

MINUTE, HOUR = 60, 3600

# KEYS[1]: the window; ARGV[1]: its milliseconds. Returns the count with this request, and the milliseconds left. A
# window without an end, which a crash between the two commands of a client would leave, cannot come about here.
COUNT = """
local count = redis.call('incr', KEYS[1])
if count == 1 then redis.call('pexpire', KEYS[1], ARGV[1]) end
return {count, redis.call('pttl', KEYS[1])}
"""
WINDOWS = {MINUTE: "1 minute", HOUR: "1 hour"}


@dataclass(frozen=True, slots=True)
class Limit:
    """``count`` requests in ``seconds``, of an address or, ``by_token``, of a bearer's credential."""

    count: int
    seconds: int = MINUTE
    by_token: bool = False

    def __str__(self) -> str:
        return f"{self.count} per {WINDOWS[self.seconds]}"


@dataclass(frozen=True, slots=True)
class Window:
    """What a request found of a limit."""

    limit: Limit
    used: int
    seconds_left: float

    @property
    def is_exceeded(self) -> bool:
        """The request is one too many."""
        return self.used > self.limit.count

    def headers(self) -> dict[str, str]:
        """Return what tells the client."""
        return {
            "X-RateLimit-Limit": str(self.limit.count),
            "X-RateLimit-Remaining": str(max(self.limit.count - self.used, 0)),
            "X-RateLimit-Reset": f"{time.time() + self.seconds_left:.3f}",
            "Retry-After": str(max(round(self.seconds_left), 1)),
        }


def count(request: HttpRequest, limit: Limit) -> Window:
    """Count a request; return how its window stands."""
    place = f"{_whose(request, limit)} {request.path_info}"
    # A path may be long, and a key need not be.
    digest = hashlib.blake2b(place.encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()
    key = cache.make_key(f"limit:{limit.seconds}:{digest}")
    used, left = store.attempt(
        lambda client: client.eval(COUNT, 1, key, limit.seconds * 1000), (1, limit.seconds * 1000)
    )
    return Window(limit, int(used), max(int(left), 0) / 1000)


def _whose(request: HttpRequest, limit: Limit) -> str:
    if limit.by_token:
        scheme, _, credential = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer" and credential.strip():
            return hashlib.sha256(credential.strip().encode()).hexdigest()[:16]
    return client_address(request) or ""
