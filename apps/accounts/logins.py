"""Logins: each that was made is a row, and can be ended before it expires (decision 161).

The row decides. In front of it Redis remembers for a few seconds that a token is valid, and until it expires that it is
not; while Redis is away, or after it lost everything, PostgreSQL is asked.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import django_otp
from django.contrib.auth import login as begin_session
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils import timezone

from apps.accounts.models import Authenticator, Login, User, normalise_email
from apps.api import caching
from apps.api.limits import get_client_address

# What Redis knows of a token.
VALID = "valid"
# Seconds that Redis may say so without PostgreSQL: a token that was ended while Redis was away is refused after them.
VALID_SECONDS = 10
# In a session: the id of its row.
LOGIN_KEY = "linernotes_login"
DEVICE_CHARACTERS = 200
# Rows are kept so long after their tokens have expired: the clocks of hosts differ.
KEPT = timedelta(hours=1)
LEAST_SECONDS = 60
# The last second that a date can have.
MOST_SECONDS = 253_402_300_799
BACKEND = "django.contrib.auth.backends.ModelBackend"


def get_username(request: HttpRequest | None, credentials: Mapping[str, Any] | None) -> str | None:
    """Return the normalised email of a login, for django-axes, so that all its spellings count as one account."""
    typed = (credentials or {}).get("username") or (request.POST.get("username") if request else None)
    return normalise_email(typed) if typed else None


def add_token(user: User, request: HttpRequest, jti: str, seconds: int, kind: str) -> None:
    """Add the login of a program, which has a token with this ``jti``."""
    Login.objects.create(
        id=jti, user=user, kind=kind, expires_at=timezone.now() + timedelta(seconds=seconds), **describe(request)
    )


def add_session(user: User, request: HttpRequest) -> None:
    """Add the login of a browser, whose session has just begun."""
    session = request.session
    session[LOGIN_KEY] = f"browser:{secrets.token_hex(16)}"
    Login.objects.create(
        id=session[LOGIN_KEY],
        user=user,
        kind=Login.Kind.BROWSER,
        expires_at=session.get_expiry_date(),
        session_key=session.session_key or "",
        **describe(request),
    )


def follow_session(request: HttpRequest) -> None:
    """Note the new key of a browser's session, which a change of rights gives it."""
    Login.objects.filter(pk=request.session.get(LOGIN_KEY)).update(session_key=request.session.session_key or "")


def describe(request: HttpRequest) -> dict[str, Any]:
    """Return what a request says of the program and the address that it comes from."""
    device = request.headers.get("User-Agent", "").replace("\0", "")
    return {"device": device[:DEVICE_CHARACTERS], "address": get_client_address(request)}


def log_in_browser(user: User, request: HttpRequest, device: Authenticator | None = None) -> None:
    """Begin a session. ``device``: the second factor that was given."""
    request.session = SessionStore()
    begin_session(request, user, BACKEND)
    if device is not None:
        django_otp.login(request, device)


def log_out_browser(request: HttpRequest) -> None:
    """End the login of a browser, and its session."""
    end_logins(Login.objects.filter(pk=request.session.get(LOGIN_KEY)), Login.End.REVOKED)
    request.session.flush()


def find_end(user_id: UUID, jti: str | None, issued: float | None) -> str:
    """Return why a token is refused, a ``Login.End``; "" if it is valid. A deleted user's is."""
    known = caching.call_redis(lambda client: client.get(make_key(jti)), None) if jti else None
    if known is not None:
        word = known.decode()
        return "" if word == VALID else word
    user = find_state(user_id, jti)
    if user is None:
        return ""
    if not user["is_active"]:
        return Login.End.REVOKED
    end: str = user["ended"] or ""
    changed = user["password_changed_at"]
    if not end and changed is not None and (issued is None or issued <= int(changed.timestamp())):
        end = Login.End.PASSWORD
    if jti and not end:
        # Where nothing stands: the token may just have been ended.
        remember(jti, VALID, VALID_SECONDS, is_new=True)
    return end


def find_state(user_id: UUID, jti: str | None) -> Mapping[str, Any] | None:
    """Return what decides about a token, by PostgreSQL; None if the user is gone."""
    ended = Login.objects.filter(pk=jti, user=OuterRef("pk")).values("ended")
    users = User.objects.filter(pk=user_id).annotate(ended=Subquery(ended))
    return users.values("is_active", "password_changed_at", "ended").first()


def end_token(user_id: UUID, jti: str | None, expires: float | None) -> None:
    """End the login of a token; also of one that has no row, since another site may share the key."""
    if not jti:
        return
    until = datetime.fromtimestamp(min(expires or 0, MOST_SECONDS), UTC) if expires else timezone.now() + KEPT
    if not Login.objects.filter(pk=jti).update(ended=Login.End.REVOKED) and User.objects.filter(pk=user_id).exists():
        Login.objects.create(id=jti, user_id=user_id, kind=Login.Kind.TOKEN, expires_at=until, ended=Login.End.REVOKED)
    remember_ends([(jti, until)], Login.End.REVOKED)


def end_logins(logins: QuerySet[Login], reason: str) -> int:
    """End logins that have not expired; return how many."""
    found = list(logins.filter(ended="", expires_at__gt=timezone.now()))
    Login.objects.filter(pk__in=[each.pk for each in found]).update(ended=reason)
    for each in found:
        if each.session_key:
            SessionStore(each.session_key).delete()
    remember_ends([(each.pk, each.expires_at) for each in found if not each.session_key], reason)
    return len(found)


def end_all(user: User, reason: str = Login.End.REVOKED) -> int:
    """End all logins of a user, also sessions of before there were rows; return how many."""
    User.objects.filter(pk=user.pk).update(signed_out_at=timezone.now())
    return end_logins(user.logins.all(), reason)


def remember_ends(ended: list[tuple[str, datetime]], reason: str) -> None:
    """Let Redis know of tokens that have ended, until they expire."""
    for jti, until in ended:
        remember(jti, reason, max(int((until - timezone.now()).total_seconds()), LEAST_SECONDS))


def remember(jti: str, word: str, seconds: int, *, is_new: bool = False) -> None:
    """Let Redis know for so long what a token is. ``is_new``: only if it knows nothing yet."""
    caching.call_redis(lambda client: client.set(make_key(jti), word, ex=seconds, nx=is_new), None)


def list_current(user_id: UUID) -> QuerySet[Login]:
    """Return the logins of a user that are valid, the newest first."""
    return Login.objects.filter(user=user_id, ended="", expires_at__gt=timezone.now()).order_by("-begun_at", "pk")


def make_key(jti: str) -> str:
    """Return the name of what Redis knows of a token."""
    return str(cache.make_key(f"token:{jti}"))
