"""The account of a login, for django-axes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from apps.accounts.models import normalise_email


def get_username(request: HttpRequest | None, credentials: Mapping[str, Any] | None) -> str | None:
    """Return the normalised email of a login, so that all its spellings count as one account."""
    typed = (credentials or {}).get("username") or (request.POST.get("username") if request else None)
    return normalise_email(typed) if typed else None
