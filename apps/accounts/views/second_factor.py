"""Endpoints of the second factor."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from apps.accounts import own_account, serializers, two_factor
from apps.accounts.models import User
from apps.accounts.views.admin import finish_admin_login
from apps.accounts.views.auth import TOKEN, AccountOwnerView, AccountView, finish_login
from apps.api.limits import Limit

CODES = ["vJ7o0k1ZQX2mTn4A", "…"]


class SetUpView(AccountOwnerView):
    """``POST /api/auth/2fa/setup``: get a secret and recovery codes; a code of the phone then confirms them."""

    operation = "startSecondFactor"
    output = serializers.SetupSerializer
    errors = (400, 401, 403, 503)
    example = {
        "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
        "otpauth_uri": "otpauth://totp/Linernotes:nina@example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Linernotes",
        "recovery_codes": CODES,
    }

    def post(self, request: Request) -> HttpResponse:
        device, codes = two_factor.set_up(User(pk=self.caller.id))
        address = two_factor.make_address(device, self.caller.email)
        secret = two_factor.format_secret(device)
        return self.reply({"secret": secret, "otpauth_uri": address, "recovery_codes": codes})


class ConfirmView(AccountOwnerView):
    """``POST /api/auth/2fa/confirm``: turn the second factor on, by a first code."""

    operation = "confirmSecondFactor"
    body_parameters = serializers.ConfirmBody
    output = serializers.MessageSerializer
    errors = (400, 401, 403, 429, 503)
    example = {"message": "2FA is enabled"}

    def post(self, request: Request) -> HttpResponse:
        user, bare = User(pk=self.caller.id), request._request  # noqa: SLF001
        own_account.confirm_second_factor(user, self.body["code"], bare, is_browser=self.caller.is_browser)
        return self.reply(self.example)


class VerifyView(AccountView):
    """``POST /api/auth/2fa/verify``: finish a login by a code of the phone."""

    operation = "verifySecondFactor"
    body_parameters = serializers.VerifyBody
    limits = (Limit(10),)
    output = serializers.TokenSerializer
    errors = (401, 429, 503)
    example = TOKEN

    def post(self, request: Request) -> HttpResponse:
        challenge = two_factor.open_challenge(self.body["challenge_token"])
        device = two_factor.answer_challenge(challenge, self.body["code"], request._request)  # noqa: SLF001
        return finish(request, challenge, device, is_browser=self.body["session"])


class RecoveryView(AccountView):
    """``POST /api/auth/2fa/recovery``: finish a login by a recovery code, which works once."""

    operation = "verifyRecoveryCode"
    body_parameters = serializers.RecoveryBody
    limits = (Limit(5),)
    output = serializers.TokenSerializer
    errors = (401, 503)
    example = TOKEN

    def post(self, request: Request) -> HttpResponse:
        challenge = two_factor.open_challenge(self.body["challenge_token"])
        device, left = two_factor.use_recovery_code(challenge, self.body["code"], request._request)  # noqa: SLF001
        more = {} if left else {"warning": "That was the last recovery code: make new ones"}
        return finish(request, challenge, device, is_browser=self.body["session"], **more)


def finish(
    request: Request, challenge: two_factor.Challenge, device: Any, *, is_browser: bool, **more: str
) -> HttpResponse:
    """Return the answer to a login that passed its challenge."""
    bare = request._request  # noqa: SLF001
    if challenge.is_admin:
        return finish_admin_login(bare, challenge.user, challenge.issued, **more)
    return finish_login(bare, challenge.user, challenge.issued, is_browser=is_browser, device=device, **more)


class DisableView(AccountOwnerView):
    """``POST /api/auth/2fa/disable``: turn the second factor off, by password and code."""

    operation = "disableSecondFactor"
    body_parameters = serializers.CodeAndPasswordBody
    output = serializers.MessageSerializer
    errors = (400, 401, 403, 404, 429, 503)
    example = {"message": "2FA is disabled"}

    def post(self, request: Request) -> HttpResponse:
        two_factor.disable(load_user_with_password(self, request), self.body["code"])
        return self.reply(self.example)


class RecoveryCodesView(AccountOwnerView):
    """``POST /api/auth/2fa/recovery-codes``: replace the recovery codes, by password and code."""

    operation = "makeRecoveryCodes"
    body_parameters = serializers.CodeAndPasswordBody
    output = serializers.RecoveryCodesSerializer
    errors = (400, 401, 403, 404, 429, 503)
    example = {"recovery_codes": CODES}

    def post(self, request: Request) -> HttpResponse:
        user = load_user_with_password(self, request)
        return self.reply({"recovery_codes": two_factor.renew_recovery_codes(user, self.body["code"])})


def load_user_with_password(view: AccountOwnerView, request: Request) -> User:
    """Return the account of the caller, who gives its password in the body."""
    user = view.caller.load_user()
    own_account.require_password(user, view.body["password"], request._request)  # noqa: SLF001
    return user
