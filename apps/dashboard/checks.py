"""System checks of the settings of a deployment."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import Error

# The preload list of browsers demands a year at least.
PRELOAD_SECONDS = 31_536_000


def check_preload(**_: Any) -> list[Error]:
    """Refuse a ``SECURE_HSTS_PRELOAD`` that the preload list of browsers would refuse."""
    if not settings.SECURE_HSTS_PRELOAD:
        return []
    if settings.SECURE_HSTS_INCLUDE_SUBDOMAINS and settings.SECURE_HSTS_SECONDS >= PRELOAD_SECONDS:
        return []
    hint = f"Set SECURE_HSTS_INCLUDE_SUBDOMAINS=yes and SECURE_HSTS_SECONDS={PRELOAD_SECONDS} or more, or unset it"
    text = "SECURE_HSTS_PRELOAD needs all subdomains and a year: browsers refuse the name otherwise"
    return [Error(text, hint=hint, id="dashboard.E002")]
