"""Rate limits: so many requests of a client for one path in a window that begins with the first of them.

Counted in Redis, so that all processes count together. While that is away, nobody is refused.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache

from apps.api import store
from apps.api.peers import get_address

MINUTE, HOUR = 60, 3600

# KEYS: the windows; ARGV: their milliseconds. Returns of each the count with this request, and the milliseconds left. A
# window without an end, which a crash between the two commands of a client would leave, cannot come about here.
COUNT = """
local found = {}
for number, key in ipairs(KEYS) do
    local count = redis.call('incr', key)
    if count == 1 then redis.call('pexpire', key, ARGV[number]) end
    found[number] = {count, redis.call('pttl', key)}
end
return found
"""
# What tells a client how a window stands.
HEADERS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Retry-After")
# WSGI's variable with the windows of a request that was counted before it came to its endpoint.
COUNTED = "linernotes.counted"
WINDOWS = {MINUTE: "1 minute", HOUR: "1 hour"}


@dataclass(frozen=True, slots=True)
class Limit:
    """``count_request`` requests in ``seconds``, of an address or, ``by_token``, of a bearer's credential."""

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
    # Seconds since 1970. Fixed when the request is counted: its answer may take a while.
    ends_at: float

    @property
    def is_exceeded(self) -> bool:
        """The request is one too many."""
        return self.used > self.limit.count

    def build_headers(self) -> dict[str, str]:
        """Return what tells the client."""
        values = (
            str(self.limit.count),
            str(max(self.limit.count - self.used, 0)),
            f"{self.ends_at:.3f}",
            str(max(round(self.seconds_left), 1)),
        )
        return dict(zip(HEADERS, values, strict=True))


def count_request(variables: Mapping[str, Any], path: str, limits: tuple[Limit, ...]) -> list[Window]:
    """Count a request for a path, by WSGI's variables, against every limit; return how their windows stand."""
    if not limits:
        return []
    keys = [_make_key(variables, path, limit) for limit in limits]
    spans = [limit.seconds * 1000 for limit in limits]
    found = store.attempt(lambda client: client.eval(COUNT, len(keys), *keys, *spans), [(1, span) for span in spans])
    now, windows = time.time(), []
    for limit, (used, milliseconds) in zip(limits, found, strict=True):
        left = max(int(milliseconds), 0) / 1000
        windows.append(Window(limit, int(used), left, now + left))
    return windows


def _make_key(variables: Mapping[str, Any], path: str, limit: Limit) -> str:
    place = f"{_identify_client(variables, limit)} {path}"
    # A path may be long, and a key need not be.
    digest = hashlib.blake2b(place.encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()
    return str(cache.make_key(f"limit:{limit.seconds}:{digest}"))


def _identify_client(variables: Mapping[str, Any], limit: Limit) -> str:
    if limit.by_token:
        scheme, _, credential = variables.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() == "bearer" and credential.strip():
            return hashlib.sha256(credential.strip().encode()).hexdigest()[:16]
    return get_address(variables) or ""
