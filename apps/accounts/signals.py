"""What follows from a login and from a change of a user, whichever way it came: page, admin, API, command."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.db import transaction
from django.db.models.signals import post_save
from django.http import HttpRequest

from apps.accounts import audit, background, logins, mail, passwords
from apps.accounts.models import Login, User, normalise_email


def connect() -> None:
    """Receive Django's signals."""
    user_logged_in.connect(note_login, dispatch_uid="apps.accounts.logins")
    user_login_failed.connect(note_failure, dispatch_uid="apps.accounts.failures")
    post_save.connect(end_access_of_before, sender=User, dispatch_uid="apps.accounts.changes")


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


def end_access_of_before(instance: User, *, created: bool, update_fields: Collection[str] | None, **_: Any) -> None:
    """End logins and tokens of a user whose password was changed, and tell them, or who lost a right."""
    # Django saves the password alone when it hashes the same one anew.
    is_time_saved = update_fields is None or "password_changed_at" in update_fields
    is_new = instance.password_changed_at != instance.stored.get("password_changed_at")
    if not created and is_time_saved and is_new:
        passwords.end_access(instance, Login.End.PASSWORD)
        transaction.on_commit(partial(background.run_later, partial(mail.tell_of_change, instance)))
    elif not created and instance.has_lost_rights:
        passwords.end_access(instance, Login.End.REVOKED)
    instance.note_stored()
