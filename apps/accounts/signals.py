"""What follows from a login, whichever way it was made: on a page, in the admin, by the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.http import HttpRequest

from apps.accounts import audit, logins
from apps.accounts.models import User, normalise_email


def connect() -> None:
    """Receive Django's signals."""
    user_logged_in.connect(note_login, dispatch_uid="apps.accounts.logins")
    user_login_failed.connect(note_failure, dispatch_uid="apps.accounts.failures")


def note_login(request: HttpRequest, user: User, **_: Any) -> None:
    """Add the row of a browser's session, and write the audit log."""
    if hasattr(request, "session"):
        logins.add_session(user, request)
    audit.record("login", actor=user.pk, request=request)


def note_failure(credentials: Mapping[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    """Write the audit log, not the name that was typed: it may be a password."""
    typed = normalise_email(str(credentials.get("username") or ""))
    known = User.objects.filter(email=typed).values_list("pk", flat=True).first()
    audit.record("login.failed", target=str(known or ""), request=request)
