"""System checks of the settings that say who may see what."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

from django.conf import settings
from django.core.checks import Error


def networks_are_networks(**_: Any) -> list[Error]:
    """Find what is no network in ``INTERNAL_NETWORKS``; until it is mended, pages for internal callers fail."""
    found = []
    for given in settings.INTERNAL_NETWORKS:
        try:
            ip_network(given, strict=False)
        except ValueError as error:
            text = f"INTERNAL_NETWORKS has {given!r}, which is no network: {error}"
            found.append(Error(text, hint="Give networks such as 10.0.0.0/8, separated by commas", id="dashboard.E001"))
    return found
