"""System checks of the settings that say who is believed."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

from django.conf import settings
from django.core.checks import Error

from apps.api.peers import ANYBODY


def peers_are_networks(**_: Any) -> list[Error]:
    """Find what is neither an address nor a network in ``FORWARDED_ALLOW_IPS``."""
    found = []
    for given in settings.FORWARDED_ALLOW_IPS:
        try:
            if given != ANYBODY:
                ip_network(given)
        except ValueError as error:
            text = f"FORWARDED_ALLOW_IPS has {given!r}, which is no network: {error}"
            found.append(Error(text, hint="Give networks such as 10.0.0.0/8, separated by commas", id="api.E001"))
    return found
