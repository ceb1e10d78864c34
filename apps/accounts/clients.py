"""Where a request comes from, for whatever counts by address."""

from __future__ import annotations

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def address(request: HttpRequest) -> str | None:
    """Return the address of whoever asks: the last one that is no proxy of ``FORWARDED_ALLOW_IPS``.

    What a proxy of somebody else says of those before it is not to be believed, nor is what is no address.
    """
    hops = [request.META.get("REMOTE_ADDR", ""), *reversed(request.headers.get("X-Forwarded-For", "").split(","))]
    found = None
    for hop in map(str.strip, hops):
        if not is_address(hop):
            break
        found = hop
        if not {hop, "*"} & set(settings.FORWARDED_ALLOW_IPS):
            break
    return found


def is_address(text: str) -> bool:
    """Tell whether a text is an IP address."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
