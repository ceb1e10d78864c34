"""Who asks: the one way in which the API finds its caller, and the bases of endpoints that need one.

A program sends ``Authorization: Bearer`` with the token of a login or of an app; a browser has a session, and for
changes a CSRF token. A bearer wins over a session. Contract: docs/contract/rest.md#authentication.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, Literal
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.db import Error
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django_otp import DEVICE_ID_SESSION_KEY
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, CSRFCheck
from rest_framework.request import Request

from apps.accounts import logins, tokens, two_factor
from apps.accounts.models import AppToken, Login, User
from apps.accounts.tokens import Claims, InvalidToken
from apps.api.views import ApiView

logger = logging.getLogger(__name__)

COLLECTION_READ = "collection:read"
LIBRARY_READ = "library:read"
# Scope of an app token → what it opens.
SCOPES = {
    COLLECTION_READ: "the collection, its figures and its timeline",
    LIBRARY_READ: "wantlist, gaps, taste and recommendations",
}
SOUND_JTI = re.compile(r"[!-~]{1,64}", re.ASCII)
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
USED = timedelta(minutes=1)

NOT_AUTHENTICATED = "Not authenticated"
REQUIRED = "Authentication required"
EXPIRED = "Invalid or expired token"
INVALID = "Invalid token"
ENDS = {
    Login.End.REVOKED.value: "Token has been revoked",
    Login.End.PASSWORD.value: "Token invalidated by password change: those of before are revoked",
}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the id and address of an account, which may have been deleted since the token was made."""

    id: UUID
    email: str
    # Of a signed token; empty for a session or an app.
    claims: Claims
    is_browser: bool = False
    # DRF asks for it.
    is_authenticated: ClassVar[bool] = True

    def load_user(self) -> User:
        """Return the account.

        Raises:
            NotFound: it was deleted.
        """
        user = User.objects.filter(pk=self.id).first()
        if user is None:
            raise exceptions.NotFound("User not found")
        return user


class Authentication(BaseAuthentication):
    """Finds the caller of a ``PersonalView`` or ``AdminView``, as the view declares."""

    def authenticate(self, request: Request) -> tuple[Caller, None] | None:
        """Return the caller; None where nobody need be one.

        Raises:
            NotAuthenticated: somebody must be one.
            AuthenticationFailed: the credential is not valid, or no longer.
            PermissionDenied: it is valid, and not for this endpoint.
        """
        view: PersonalView = request.parser_context["view"]
        try:
            found = find_caller(request._request, view)  # noqa: SLF001
        except (exceptions.APIException, Error) as error:
            if view.caller_is == "optional":
                return None
            if isinstance(error, exceptions.PermissionDenied):
                logger.warning("access refused: %s %s: %s", request.method, request.path, error.detail)
            raise
        if found is None and view.caller_is != "optional":
            raise exceptions.NotAuthenticated(NOT_AUTHENTICATED if view.is_about_login else view.refusal)
        return (found, None) if found else None

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002 - as DRF has it
        """Return what a 401 asks for."""
        return "Bearer"


def find_caller(request: HttpRequest, view: PersonalView) -> Caller | None:
    """Return the caller of an endpoint; None if the request has no credential."""
    scheme, _, credential = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() == "bearer" and credential.strip():
        return read_bearer(credential.strip(), view)
    return None if view.caller_is == "admin" else find_browser(request)


def read_bearer(credential: str, view: PersonalView) -> Caller:
    """Return the caller who sent a token."""
    if credential.startswith(tokens.APP_PREFIX) and view.scope:
        return read_app_token(credential, view.scope)
    try:
        claims = tokens.read_token(credential)
    except InvalidToken:
        raise exceptions.AuthenticationFailed(EXPIRED) from None
    check_kind(claims, view)
    try:
        user_id = UUID(claims.get("sub", ""))
    except ValueError:
        raise exceptions.AuthenticationFailed(INVALID) from None
    jti = claims.get("jti")
    if jti is not None and not SOUND_JTI.fullmatch(jti):
        raise exceptions.AuthenticationFailed(INVALID)
    if end := logins.find_end(user_id, jti, claims.get("iat")):
        raise exceptions.AuthenticationFailed(ENDS[end])
    if view.caller_is == "admin" and not User.objects.filter(pk=user_id, is_active=True, is_superuser=True).exists():
        raise exceptions.PermissionDenied("Admin access required")
    return Caller(user_id, str(claims.get("email", "")), claims)


def check_kind(claims: Claims, view: PersonalView) -> None:
    """Refuse a token that is valid, but of another kind than an endpoint takes."""
    kind = claims.get("type")
    if view.caller_is == "admin":
        if kind != tokens.ADMIN:
            raise exceptions.PermissionDenied("Admin access required")
    elif kind == tokens.ADMIN and not view.is_about_login:
        raise exceptions.PermissionDenied("Admin tokens cannot be used here")
    elif "type" in claims:
        raise exceptions.AuthenticationFailed(INVALID)


def read_app_token(credential: str, scope: str) -> Caller:
    """Return the caller whose app sent its token."""
    found = (
        AppToken.objects.select_related("user")
        .filter(hash=tokens.hash_token(credential), revoked_at=None, user__is_active=True)
        .first()
    )
    if found is None:
        raise exceptions.AuthenticationFailed("Unknown or revoked app token")
    if scope not in found.scopes:
        if scope == LIBRARY_READ:
            # To older apps these endpoints are closed, as they always were.
            raise exceptions.AuthenticationFailed(EXPIRED)
        raise exceptions.PermissionDenied(f"The token lacks the scope {scope}")
    # Once a minute: a write for each request would cost more than most answers.
    now = timezone.now()
    used_before = Q(last_used_at=None) | Q(last_used_at__lt=now - USED)
    AppToken.objects.filter(used_before, pk=found.pk).update(last_used_at=now)
    return Caller(found.user.pk, found.user.email, {})


def find_browser(request: HttpRequest) -> Caller | None:
    """Return the user of a browser's session; None if it has none that holds.

    Raises:
        PermissionDenied: the request changes something and has no CSRF token.
    """
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    if not key:
        return None
    request.session = SessionStore(key)
    user = get_user(request)
    if not isinstance(user, User) or not has_passed_second_factor(request, user):
        return None
    if request.method not in SAFE_METHODS:
        check_csrf(request)
    return Caller(user.pk, user.email, {}, is_browser=True)


def has_passed_second_factor(request: HttpRequest, user: User) -> bool:
    """Tell whether a session gave the second factor, if its user has one: staff log in in two steps."""
    if DEVICE_ID_SESSION_KEY in request.session:
        return True
    return not two_factor.is_enabled(user)


def check_csrf(request: HttpRequest) -> None:
    """Refuse a change that a page of another site may have sent."""
    check = CSRFCheck(lambda _: HttpResponse())
    check.process_request(request)
    reason: Any = check.process_view(request, HttpResponse, (), {})
    if reason:
        raise exceptions.PermissionDenied(f"CSRF: {reason}")


class PersonalView(ApiView):
    """An endpoint of a logged-in user, who is ``self.caller``. Its answers are never shared."""

    authentication_classes: Sequence[type[BaseAuthentication]] = (Authentication,)
    # "optional": whoever has no valid credential is nobody, and ``self.caller`` is None.
    caller_is: ClassVar[Literal["required", "optional", "admin"]] = "required"
    # The scope with which the token of an app opens it; none: it does not.
    scope: ClassVar[str | None] = None
    # Accounts, OAuth and sync have other words, and 401 for the token of an administrator.
    is_about_login: ClassVar[bool] = False
    # What a request without a login is told.
    refusal: ClassVar[str] = REQUIRED

    @property
    def caller(self) -> Caller:
        """Who asks."""
        found: Any = self.request.user
        return found  # type: ignore[no-any-return]

    def reply_cached(
        self, key: str, seconds: int, compute: Callable[[], Any], *, keeps: Callable[[Any], bool] = lambda _: True
    ) -> HttpResponse:
        """Return the cached answer of a key for this caller alone, as ``ApiView`` does."""
        who = self.caller.id if self.caller else "nobody"
        return super().reply_cached(f"user:{who}:{key}", seconds, compute, keeps=keeps)

    def finalize_response(self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any) -> Any:
        """Keep the answer out of shared caches, beside what ``ApiView`` does."""
        response["Cache-Control"] = "private, no-store"
        return super().finalize_response(request, response, *args, **kwargs)


class OptionalView(PersonalView):
    """An endpoint that knows its caller, if there is one: ``self.caller`` may be None."""

    caller_is = "optional"


class AdminView(PersonalView):
    """An endpoint of an administrator: a superuser with the token of ``POST /api/admin/auth/login``."""

    caller_is = "admin"
    is_about_login = True
    family = "detail"


def is_administrator(request: HttpRequest) -> bool:
    """Tell whether a request has an administrator's token; without PostgreSQL no request has."""
    try:
        return find_caller(request, AdminView()) is not None
    except (exceptions.APIException, Error):
        return False
