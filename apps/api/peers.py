"""Whose request it is: the address of the TCP peer, or what a proxy of ours says of its own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from django.conf import settings
from django.http import HttpRequest

ANYBODY = "*"
# Of an IPv6 address: the half that a client chooses by itself.
HOST_BITS = 64


def get_client_address(request: HttpRequest) -> str | None:
    """Return the address by which limits and locks count the client that sent a request."""
    return get_address(request.META)


def get_address(variables: Mapping[str, Any]) -> str | None:
    """Return the address by which a client counts, from WSGI's variables; None if there is none.

    The client is the last address that is no proxy of ours. Proxies append to ``X-Forwarded-For``. What another proxy
    says of the addresses before its own is not believed, nor is a value that is no address.

    An IPv6 client counts by its network of 64 bits, of which this is the first address: a provider gives each household
    a whole one, so that its clients would have 2^64 addresses to choose from.
    """
    peer = variables.get("REMOTE_ADDR", "")
    forwarded = variables.get("HTTP_X_FORWARDED_FOR")
    trusted = tuple(settings.FORWARDED_ALLOW_IPS)
    found = None
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
    return getattr(address, "ipv4_mapped", None) or address


@lru_cache(maxsize=1024)
def _is_trusted(address: IPv4Address | IPv6Address, trusted: tuple[str, ...]) -> bool:
    return ANYBODY in trusted or any(address in network for network in _parse_networks(trusted))


@lru_cache(maxsize=4)
def _parse_networks(trusted: tuple[str, ...]) -> list[IPv4Network | IPv6Network]:
    return [ip_network(each) for each in trusted]
