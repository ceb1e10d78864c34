"""System checks of the settings about accounts."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import Error

from apps.accounts import encryption


def check_master_key(**_: Any) -> list[Error]:
    """Refuse an ``ENCRYPTION_MASTER_KEY`` that is malformed, or missing although the second factor needs it."""
    if not encryption.list_keys() and not settings.STAFF_TWO_FACTOR:
        return []
    try:
        encryption.get_cipher("checks")
    except ValueError as error:
        hint = "Make one with: head -c 32 /dev/urandom | base64, or with scripts/create-secrets.sh"
        return [Error(str(error), hint=hint, id="accounts.E001")]
    return []
