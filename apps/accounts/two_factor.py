"""The second step of logging in: enrolling a phone, and asking it for a code."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote, urlencode

import django_otp
import qrcode
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest
from qrcode.image.svg import SvgPathImage

from apps.accounts import logins, tokens
from apps.accounts.models import Authenticator, User
from apps.api import caching
from apps.api.responses import NotAvailable

ISSUER = "Linernotes"
ASKED = "Give the code of your authenticator app"


def is_passed(request: HttpRequest) -> bool:
    """Tell whether a session needs no second factor, or passed it."""
    user: Any = request.user
    return not settings.STAFF_TWO_FACTOR or user.is_verified()


def is_enabled(user: AbstractBaseUser) -> bool:
    """Tell whether a user has confirmed a second factor."""
    return bool(Authenticator.objects.filter(user=user, confirmed=True).exists())


def get_authenticator(request: HttpRequest) -> Authenticator:
    """Return the user's authenticator; create an unconfirmed one if there is none."""
    found: Authenticator
    found, _ = Authenticator.objects.get_or_create(user_id=request.user.pk, defaults={"confirmed": False})
    return found


def verify_code(request: HttpRequest, code: str) -> bool:
    """Verify a code of the user's phone; if it is right, the session passes and the phone is confirmed."""
    with transaction.atomic():
        device = Authenticator.objects.select_for_update().filter(user_id=request.user.pk).first()
        if device is None or not device.verify_token(code):
            return False
        if not device.confirmed:
            device.confirmed = True
            device.save(update_fields=("confirmed",))
    # Against session fixation: the old key is of no use any more.
    request.session.cycle_key()
    logins.follow_session(request)
    django_otp.login(request, device)
    return True


def make_challenge(user: User, issued: int, *, is_admin: bool = False) -> dict[str, Any]:
    """Return the answer to a right password where a second factor is asked for.

    Raises:
        NotAvailable: Redis is away, which alone knows which challenges were used.
    """
    more = {"for": tokens.ADMIN} if is_admin else {}
    seconds = tokens.CHALLENGE_SECONDS
    token, jti = tokens.make_token(user, issued=issued, seconds=seconds, kind=tokens.CHALLENGE, **more)
    if not caching.call_redis(lambda client: client.set(name_challenge(jti), str(user.pk), ex=seconds), None):
        raise NotAvailable("Redis required for 2FA: try again in a moment")
    return {"requires_2fa": True, "challenge_token": token, "expires_in": seconds, "message": ASKED}


def name_challenge(jti: str) -> str:
    """Return the name of an open challenge in Redis."""
    return str(cache.make_key(f"2fa_challenge:{jti}"))


def reset_authenticator(user: AbstractBaseUser) -> bool:
    """Delete a user's authenticator, so that they can enrol another phone; return False if there was none."""
    deleted, _ = Authenticator.objects.filter(user=user).delete()
    return bool(deleted)


def make_address(device: Authenticator) -> str:
    """Return the ``otpauth`` URL that a phone reads from the QR code."""
    label = quote(f"{ISSUER}:{device.user.get_username()}")
    return f"otpauth://totp/{label}?{urlencode({'secret': format_secret(device), 'issuer': ISSUER})}"


def format_secret(device: Authenticator) -> str:
    """Return the secret in base32, to be typed where there is no camera."""
    return base64.b32encode(device.key).decode()


def draw_qr_code(device: Authenticator) -> str:
    """Return the address as a QR code, an SVG image in a data URL."""
    image = qrcode.make(make_address(device), image_factory=SvgPathImage)
    return f"data:image/svg+xml;base64,{base64.b64encode(image.to_string()).decode()}"
