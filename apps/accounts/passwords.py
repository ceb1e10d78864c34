"""Passwords: making an account, proving who one is, and a new password.

Whether an address has an account shows neither in an answer nor in its time: each way does the same work.
"""

from __future__ import annotations

from django.contrib.auth import authenticate
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from apps.accounts import audit, logins
from apps.accounts.models import AppToken, MailedToken, User, normalise_email

MOST_CHARACTERS = 255


def check_password_rules(password: str, email: str = "") -> list[str]:
    """Return what is wrong with a new password, a sentence each."""
    try:
        validate_password(password, User(email=email))
    except ValidationError as error:
        return error.messages
    return []


def register(email: str, password: str, *, must_verify: bool, request: HttpRequest | None = None) -> User | None:
    """Make an account; return None if the address has one already, which stays as it is."""
    email = normalise_email(email)
    new = User(email=email, password=make_password(password), must_verify_email=must_verify)
    with transaction.atomic():
        # One statement for both cases; the id tells which it was.
        User.objects.bulk_create([new], ignore_conflicts=True)
        stored = User.objects.get(email=email)
        is_new = stored.pk == new.pk
        audit.record("register", actor=stored.pk if is_new else None, details={"new": is_new}, request=request)
    return stored if is_new else None


def check_login(email: str, password: str, request: HttpRequest) -> User | None:
    """Return the user with an address and password who may log in; None otherwise, in the same time."""
    # Failures are stored with the address; no account has one that is longer.
    found = authenticate(request, username=normalise_email(email)[:MOST_CHARACTERS], password=password)
    if not isinstance(found, User) or found.must_verify_email:
        return None
    return found


def is_password_of(user: User, password: str, request: HttpRequest) -> bool:
    """Tell whether a user who is logged in gives their password; a wrong one counts as a failed login."""
    return authenticate(request, username=user.email, password=password) == user


def change_password(user: User, password: str, *, action: str, request: HttpRequest | None = None) -> None:
    """Set a password, which ends all access of before. ``action``: what the audit log calls it."""
    with transaction.atomic():
        user.set_password(password)
        # Whoever read the mail with the link, or an operator, vouches for the address.
        user.must_verify_email = False
        user.save(update_fields=("password", "password_changed_at", "must_verify_email"))
        audit.record(action, actor=user.pk, request=request)


def end_access(user: User, reason: str) -> None:
    """End all that opens an account without its password: logins, app tokens, mailed links.

    ``reason``: a ``Login.End``.
    """
    AppToken.objects.filter(user=user, revoked_at=None).update(revoked_at=timezone.now())
    MailedToken.objects.filter(user=user, purpose=MailedToken.Purpose.RESET).delete()
    logins.end_all(user, reason)
