"""Making an account of one's own, by the API or by a page."""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.http import HttpRequest
from rest_framework.exceptions import PermissionDenied

from apps.accounts import background, mail, passwords


def is_open() -> bool:
    """Tell whether anyone may make an account."""
    return bool(settings.REGISTRATION == "open")


def register(email: str, password: str, request: HttpRequest) -> None:
    """Make an account, and mail the link that verifies its address where that is required.

    Nothing happens to an address that has an account, and nothing tells that it has one.

    Raises:
        PermissionDenied: registration is closed.
    """
    if not is_open():
        raise PermissionDenied("Registration is closed: ask the operator of this site for an invitation")
    must_verify = settings.REQUIRE_EMAIL_VERIFICATION
    user = passwords.register(email, password, must_verify=must_verify, request=request)
    if user is not None and must_verify:
        background.run_later(partial(mail.ask_for_verification, user))
