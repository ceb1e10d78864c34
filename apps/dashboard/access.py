"""Access to what is not public: requests from internal networks, from staff, or with the token."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.db import Error
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from apps.accounts import two_factor

# Headers that a proxy adds: its own address says nothing about the client.
FORWARDED = ("X-Forwarded-For", "X-Real-IP", "Forwarded")


def is_internal(request: HttpRequest) -> bool:
    """Tell whether a request comes straight from one of ``INTERNAL_NETWORKS``."""
    # A proxy on this host makes every client look internal, so its headers alone decide against the client. A client
    # can add them to its own request, but that only takes access away.
    if any(name in request.headers for name in FORWARDED):
        return False
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return any(address in network for network in parse_networks(tuple(settings.INTERNAL_NETWORKS)))


@lru_cache(maxsize=4)
def parse_networks(given: tuple[str, ...]) -> list[IPv4Network | IPv6Network]:
    """Parse networks such as ``10.0.0.0/8``."""
    return [ip_network(each, strict=False) for each in given]


def is_staff(request: HttpRequest) -> bool:
    """Tell whether a request has a session of staff; False while PostgreSQL is away."""
    try:
        return bool(request.user.is_active and request.user.is_staff) and two_factor.is_passed(request)
    except Error:
        return False


def has_token(request: HttpRequest) -> bool:
    """Tell whether a request has ``METRICS_TOKEN``; False if no token is set."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if not settings.METRICS_TOKEN or scheme.lower() != "bearer":
        return False
    # The time of an ordinary comparison tells how many characters of a guess are right.
    return constant_time_compare(token.strip(), settings.METRICS_TOKEN)
