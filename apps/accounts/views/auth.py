"""Endpoints of accounts: register, log in and out, passwords."""

from __future__ import annotations

import time
from functools import partial
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from rest_framework.exceptions import ParseError
from rest_framework.request import Request

from apps.accounts import (
    audit,
    background,
    logins,
    mail,
    own_account,
    passwords,
    registration,
    serializers,
    tokens,
    two_factor,
)
from apps.accounts.authentication import PersonalView
from apps.accounts.errors import WrongCredentials
from apps.accounts.models import Authenticator, Login, User
from apps.api.limits import Limit
from apps.api.responses import reply
from apps.api.views import ApiView

WRONG = "Incorrect email or password"
TOKEN = {"access_token": "eyJhbGciOiJIUzI1NiIs…", "token_type": "bearer", "expires_in": 1800}


class AccountView(ApiView):
    """An endpoint of accounts that needs no login."""

    family = "detail"


class AccountOwnerView(PersonalView):
    """An endpoint of the account of a logged-in user."""

    family = "detail"
    is_about_login = True
    errors: ClassVar[tuple[int, ...]] = (401, 403)


class RegisterView(AccountView):
    """``POST /api/auth/register``: make an account; the answer is the same if the address has one."""

    operation = "registerUser"
    body_parameters = serializers.RegisterBody
    limits = (Limit(3),)
    output = serializers.MessageSerializer
    errors = (403,)
    status = 201
    example = {"message": "Registration processed"}

    def post(self, request: Request) -> HttpResponse:
        registration.register(self.body["email"], self.body["password"], request._request)  # noqa: SLF001
        return reply({"message": "Registration processed"}, 201)


class LoginView(AccountView):
    """``POST /api/auth/login``: log in with email and password."""

    operation = "logIn"
    body_parameters = serializers.LoginBody
    limits = (Limit(5),)
    output = serializers.TokenSerializer
    errors = (401, 503)
    example = TOKEN

    def post(self, request: Request) -> HttpResponse:
        # Before the password is read: a change meanwhile ends this login too.
        issued = int(time.time())
        user = passwords.check_login(self.body["email"], self.body["password"], request._request)  # noqa: SLF001
        if user is None:
            raise WrongCredentials(WRONG, auth_header="Bearer")
        if two_factor.is_enabled(user):
            return reply(two_factor.make_challenge(user, issued))
        return finish_login(request._request, user, issued, is_browser=self.body["session"])  # noqa: SLF001


def finish_login(
    request: HttpRequest,
    user: User,
    issued: int,
    *,
    is_browser: bool = False,
    device: Authenticator | None = None,
    **more: Any,
) -> HttpResponse:
    """Return the answer to a login that has everything: with a token, or to a browser with the cookie of a session."""
    if is_browser:
        logins.log_in_browser(user, request, device)
        return set_cookies(request, reply({"session": True, "expires_in": settings.SESSION_COOKIE_AGE, **more}))
    return reply({**give_token(request, user, issued, settings.JWT_EXPIRE_MINUTES * 60), **more})


def give_token(request: HttpRequest, user: User, issued: int, seconds: int, kind: str = "") -> dict[str, Any]:
    """Log a program in and return its token, as answers have it. ``kind``: ``tokens.ADMIN`` for an administrator's."""
    token, jti = tokens.make_token(user, issued=issued, seconds=seconds, kind=kind)
    logins.add_token(user, request, jti, seconds, Login.Kind.ADMIN if kind == tokens.ADMIN else Login.Kind.TOKEN)
    user_logged_in.send(sender=User, request=request, user=user)
    return {"access_token": token, "token_type": "bearer", "expires_in": seconds}


def set_cookies(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Set the cookies of the session and of the CSRF token, as Django's middleware does for pages."""
    SessionMiddleware(lambda _: response).process_response(request, response)
    CsrfViewMiddleware(lambda _: response).process_response(request, response)
    return response


class LogoutView(AccountOwnerView):
    """``POST /api/auth/logout``: end the login with which it is sent."""

    operation = "logOut"
    output = serializers.LoggedOutSerializer
    example = {"logged_out": True}

    def post(self, request: Request) -> HttpResponse:
        bare = request._request  # noqa: SLF001
        response = reply({"logged_out": True})
        if self.caller.is_browser:
            logins.log_out_browser(bare)
            response = set_cookies(bare, response)
        else:
            claims = self.caller.claims
            logins.end_token(self.caller.id, claims.get("jti"), claims.get("exp"))
        audit.record("logout", actor=self.caller.id, request=bare)
        return response


class ResetRequestView(AccountView):
    """``POST /api/auth/reset-request``: mail a link for a new password; the answer says nothing of the address."""

    operation = "requestPasswordReset"
    body_parameters = serializers.ResetRequestBody
    limits = (Limit(3),)
    output = serializers.MessageSerializer
    example = {"message": "If the address has an account, a link is on its way"}

    def post(self, request: Request) -> HttpResponse:
        background.run_later(partial(mail.request_reset, self.body["email"]))
        return self.reply(self.example)


class ResetConfirmView(AccountView):
    """``POST /api/auth/reset-confirm``: set a new password by the token of a mailed link."""

    operation = "confirmPasswordReset"
    body_parameters = serializers.ResetConfirmBody
    limits = (Limit(5),)
    output = serializers.MessageSerializer
    errors = (400,)
    example = {"message": "Password has been reset"}

    def post(self, request: Request) -> HttpResponse:
        if not mail.confirm_reset(self.body["token"], self.body["new_password"], request._request):  # noqa: SLF001
            raise ParseError("Invalid or expired reset token")
        return self.reply(self.example)


class VerifyEmailView(AccountView):
    """``POST /api/auth/verify-email``: show by the token of a mailed link that the address is one's own."""

    operation = "verifyEmail"
    body_parameters = serializers.VerifyEmailBody
    limits = (Limit(5),)
    output = serializers.MessageSerializer
    errors = (400,)
    example = {"message": "The address is verified"}

    def post(self, request: Request) -> HttpResponse:
        if not mail.confirm_email(self.body["token"]):
            raise ParseError("Invalid or expired token")
        return self.reply(self.example)


class ChangePasswordView(AccountOwnerView):
    """``POST /api/auth/change-password``: set a new password; all logins end and app tokens are revoked."""

    operation = "changePassword"
    body_parameters = serializers.ChangePasswordBody
    limits = (Limit(5),)
    output = serializers.MessageSerializer
    errors = (401, 403, 404)
    example = {"message": "Password has been changed"}

    def post(self, request: Request) -> HttpResponse:
        user, bare = self.caller.load_user(), request._request  # noqa: SLF001
        own_account.change_password(user, self.body["current_password"], self.body["new_password"], bare)
        return self.reply(self.example)


class MeView(AccountOwnerView):
    """``GET /api/auth/me``: the account of the caller."""

    operation = "getMe"
    output = serializers.MeSerializer
    errors = (401, 403, 404)
    example = {
        "id": "6f1c1f0e-6a3c-4d0a-9a57-0d6f5b0c5d11",
        "email": "nina@example.com",
        "is_active": True,
        "created_at": "2026-11-30T12:00:00+00:00",
        "totp_enabled": False,
    }

    def get(self, request: Request) -> HttpResponse:
        user = self.caller.load_user()
        return reply(
            {
                "id": str(user.pk),
                "email": user.email,
                "is_active": user.is_active,
                "created_at": user.created_at.isoformat(),
                "totp_enabled": two_factor.is_enabled(user),
            }
        )
