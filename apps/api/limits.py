"""Rate limits: so many requests of a client for one path, in a window that begins with the first of them.

A client is the address of its TCP peer or, behind a trusted proxy, the address that the proxy reports. Requests are
counted in Redis, so that all processes count together; while Redis is away, no request is refused.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from apps.api import caching

ANYBODY = "*"
# The half of an IPv6 address that a client chooses by itself.
HOST_BITS = 64


def get_client_address(request: HttpRequest) -> str | None:
    """Return the address by which limits and locks count the client that sent a request."""
    return get_address(request.META)


def get_address(variables: Mapping[str, Any]) -> str | None:
    """Return the address by which a client counts, from WSGI's variables; None if there is none.

    Proxies append to ``X-Forwarded-For``. The client is the last address that is not a trusted proxy: addresses that an
    untrusted proxy reports are ignored, and so are values that are no address.

    An IPv6 client counts by its /64 network, of which this is the first address: a provider gives each household a
    whole one, so a client could use 2^64 addresses.
    """
    peer = variables.get("REMOTE_ADDR", "")
    forwarded = variables.get("HTTP_X_FORWARDED_FOR")
    trusted = tuple(settings.FORWARDED_ALLOW_IPS)
    found = None
    # From the nearest proxy outwards. A client can write anything at the beginning of the header, and each proxy adds
    # to its end; so only what trusted proxies added is believed.
    for hop in map(str.strip, [peer, *reversed(forwarded.split(","))] if forwarded else [peer]):
        address = _parse_address(hop)
        if address is None:
            break
        found = address
        if not _is_trusted(address, trusted):
            break
    return _get_counted_address(found) if found else None


def _get_counted_address(address: IPv4Address | IPv6Address) -> str:
    if isinstance(address, IPv4Address):
        return str(address)
    return str(IPv6Address(int(address) >> HOST_BITS << HOST_BITS))


@lru_cache(maxsize=1024)
def _parse_address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    # A server that listens on an IPv6 socket sees an IPv4 client as ::ffff:192.0.2.1. Both forms are one client, and a
    # network such as 172.20.0.0/16 contains only the short form.
    return getattr(address, "ipv4_mapped", None) or address


@lru_cache(maxsize=1024)
def _is_trusted(address: IPv4Address | IPv6Address, trusted: tuple[str, ...]) -> bool:
    return ANYBODY in trusted or any(address in network for network in _parse_networks(trusted))


@lru_cache(maxsize=4)
def _parse_networks(trusted: tuple[str, ...]) -> list[IPv4Network | IPv6Network]:
    return [ip_network(each) for each in trusted]


MINUTE, HOUR = 60, 3600

# KEYS: the windows; ARGV: their milliseconds. Returns for each the count with this request and the milliseconds left.
# A script, because a crash between two commands of a client would leave a window without an end.
COUNT = """
local found = {}
for number, key in ipairs(KEYS) do
    local count = redis.call('incr', key)
    if count == 1 then redis.call('pexpire', key, ARGV[number]) end
    found[number] = {count, redis.call('pttl', key)}
end
return found
"""
# They tell a client the state of its window.
HEADERS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Retry-After")
# WSGI's variable with the windows of a request that was counted before it reached its endpoint.
COUNTED = "linernotes.counted"
WINDOWS = {MINUTE: "1 minute", HOUR: "1 hour"}


@dataclass(frozen=True, slots=True)
class Limit:
    """``count`` requests in ``seconds``, by address or, with ``by_token``, by the credential of a bearer."""

    count: int
    seconds: int = MINUTE
    by_token: bool = False

    def __str__(self) -> str:
        return f"{self.count} per {WINDOWS[self.seconds]}"


@dataclass(frozen=True, slots=True)
class Window:
    """The state of a limit after a request was counted."""

    limit: Limit
    used: int
    seconds_left: float
    # Seconds since 1970. Fixed when the request is counted: its answer may take a while.
    ends_at: float

    @property
    def is_exceeded(self) -> bool:
        """Whether this request exceeds the limit."""
        return self.used > self.limit.count

    def build_headers(self) -> dict[str, str]:
        """Return the headers that tell the client its state, by name."""
        values = (
            str(self.limit.count),
            str(max(self.limit.count - self.used, 0)),
            f"{self.ends_at:.3f}",
            str(max(round(self.seconds_left), 1)),
        )
        return dict(zip(HEADERS, values, strict=True))


def count_request(variables: Mapping[str, Any], path: str, limits: tuple[Limit, ...]) -> list[Window]:
    """Count a request for a path, by WSGI's variables, against every limit; return the state of each.

    A request that was counted before it came to its endpoint is not counted again.
    """
    counted: list[Window] | None = variables.get(COUNTED)
    if counted is not None:
        return counted
    if not limits:
        return []
    keys = [_make_key(variables, path, limit) for limit in limits]
    spans = [limit.seconds * 1000 for limit in limits]
    # While Redis is away each request counts as the first of its window: refusing everybody would turn an outage of a
    # cache into one of the site.
    found = caching.call_redis(
        lambda client: client.eval(COUNT, len(keys), *keys, *spans), [(1, span) for span in spans]
    )
    now, windows = time.time(), []
    for limit, (used, milliseconds) in zip(limits, found, strict=True):
        # PTTL returns -1 or -2 for a key without an expiry or one that has just gone.
        left = max(int(milliseconds), 0) / 1000
        windows.append(Window(limit, int(used), left, now + left))
    return windows


def _make_key(variables: Mapping[str, Any], path: str, limit: Limit) -> str:
    place = f"{_identify_client(variables, limit)} {path}"
    # A path may be long; a key of Redis should not.
    digest = hashlib.blake2b(place.encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()
    return str(cache.make_key(f"limit:{limit.seconds}:{digest}"))


def _identify_client(variables: Mapping[str, Any], limit: Limit) -> str:
    if limit.by_token:
        # By credential, because people behind one address, as in an office, should not use up each other's requests.
        scheme, _, credential = variables.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() == "bearer" and credential.strip():
            # A digest, so that no credential is stored in Redis. It need not be valid: an invalid one is refused later.
            return hashlib.sha256(credential.strip().encode()).hexdigest()[:16]
    return get_address(variables) or ""
