"""Users for tests, and what proves to the API who they are."""

from __future__ import annotations

import itertools
import time
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from apps.accounts import tokens
from apps.accounts.models import AuditEvent, Login, User

PASSWORD = "right horse"

numbers = itertools.count(1)


def make_user(email: str = "", **fields: Any) -> User:
    """Make a user with ``PASSWORD``, by default of an address of its own."""
    return User.objects.create_user(email or f"user{next(numbers)}@example.com", PASSWORD, **fields)


def bearer(user: User, *, kind: str = "", seconds: int = 600, issued: int | None = None) -> dict[str, str]:
    """Return the header with which a user asks, as after a login. ``kind``: "admin" for the token of one."""
    issued = int(time.time()) if issued is None else issued
    token, jti = tokens.make_token(user, issued=issued, seconds=seconds, kind=kind)
    expires = timezone.now() + timedelta(seconds=seconds)
    Login.objects.create(
        id=jti, user=user, kind=Login.Kind.ADMIN if kind == tokens.ADMIN else Login.Kind.TOKEN, expires_at=expires
    )
    return authorize(token)


def authorize(token: str) -> dict[str, str]:
    """Return the header with a token."""
    return {"Authorization": f"Bearer {token}"}


def forget_users() -> None:
    """Delete all users and what there is of them, also the audit log."""
    User.objects.all().delete()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL linernotes.pruning = 'on'")
        AuditEvent.objects.all().delete()
