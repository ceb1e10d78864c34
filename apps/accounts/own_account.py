"""What users do with their own account, by the API or by a page."""

from __future__ import annotations

from typing import IO
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django_otp import DEVICE_ID_SESSION_KEY
from rest_framework.exceptions import NotFound, ParseError

from apps.accounts import audit, belongings, logins, passwords, tokens, two_factor
from apps.accounts.authentication import SCOPES
from apps.accounts.errors import WrongCredentials
from apps.accounts.models import AppToken, Authenticator, User


def require_password(user: User, password: str, request: HttpRequest, refusal: str = "Incorrect password") -> None:
    """Raise WrongCredentials unless it is the user's password; a wrong one counts as a failed login."""
    if not passwords.is_password_of(user, password, request):
        raise WrongCredentials(refusal)


def change_password(user: User, current: str, new: str, request: HttpRequest) -> None:
    """Set a new password: all logins end, and app tokens are revoked.

    Raises:
        WrongCredentials: the current one is wrong.
    """
    require_password(user, current, request, "Incorrect current password")
    passwords.change_password(user, new, action="password.change", request=request)


def confirm_second_factor(user: User, code: str, request: HttpRequest, *, is_browser: bool) -> Authenticator:
    """Turn the second factor on, by a first code; see ``two_factor.confirm`` for what it raises."""
    device = two_factor.confirm(user, code)
    if is_browser:
        # Its session has both factors; others of before have one, which is not enough any more.
        request.session[DEVICE_ID_SESSION_KEY] = device.persistent_id
        request.session.save()
    return device


def make_app_token(user: User, name: str, scopes: list[str], request: HttpRequest) -> tuple[AppToken, str]:
    """Make a token for a program; return its row, and the token, which is nowhere afterwards.

    Raises:
        ParseError: a scope is unknown, or the name is blank.
    """
    name = name.strip()
    if unknown := [each for each in scopes if each not in SCOPES]:
        raise ParseError(f"Unknown scope: {', '.join(unknown)}. There are {', '.join(SCOPES)}")
    if not name:
        raise ParseError("A token needs a name")
    token = tokens.make_app_token()
    made = AppToken.objects.create(user=user, name=name, scopes=scopes, hash=tokens.hash_token(token))
    made.refresh_from_db()
    audit.record("app_token.make", actor=user.pk, target=str(made.pk), request=request)
    return made, token


def revoke_app_token(user_id: UUID, token_id: UUID | None, request: HttpRequest) -> None:
    """Revoke a token of a user; the row stays, as a record.

    Raises:
        NotFound: the user has no such token that is valid.
    """
    own = AppToken.objects.filter(user=user_id, revoked_at=None)
    if token_id is None or not own.filter(pk=token_id).update(revoked_at=timezone.now()):
        raise NotFound("Token not found")
    audit.record("app_token.revoke", actor=user_id, target=str(token_id), request=request)


def sign_out_everywhere(user: User, request: HttpRequest) -> int:
    """End all logins of a user, the one that asks included; return how many."""
    ended = logins.end_all(user)
    audit.record("logout.everywhere", actor=user.pk, request=request)
    return ended


def export(user: User, request: HttpRequest) -> IO[bytes]:
    """Return a zip with all that belongs to a user; the caller closes it."""
    audit.record("account.export", actor=user.pk, target=str(user.pk), request=request)
    return belongings.export_account(user)


def delete(user: User, password: str, code: str, request: HttpRequest) -> None:
    """Delete an account with all that belongs to it, by its password, and by a code where there is a second factor.

    Raises:
        WrongCredentials: the password is wrong.
        ParseError, Locked, NotAvailable: as ``two_factor.require_code``.
    """
    require_password(user, password, request)
    if two_factor.is_enabled(user):
        two_factor.require_code(user, code)
    belongings.delete_account(user, by=user.pk, request=request)
