"""The second factor, of staff and users: enrolling a phone, asking it for a code, recovery codes."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar
from urllib.parse import quote, urlencode
from uuid import UUID

import django_otp
import qrcode
from cryptography.fernet import InvalidToken as InvalidKey
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from qrcode.image.svg import SvgPathImage
from rest_framework.exceptions import ParseError

from apps.accounts import audit, background, encryption, logins, mail, tokens
from apps.accounts.errors import Locked, WrongCredentials
from apps.accounts.models import TOTP_SECRETS, Authenticator, User
from apps.accounts.tokens import InvalidToken
from apps.api import caching
from apps.api.responses import NotAvailable

ISSUER = "Linernotes"
RECOVERY_CODES = 8
RECOVERY_BYTES = 12
REDIS_AWAY = "Redis required for 2FA: try again in a moment"
NO_ENCRYPTION = "Encryption is not ready: the operator sets ENCRYPTION_MASTER_KEY"
ASKED = "Give the code of your authenticator app"

Outcome = TypeVar("Outcome")


def is_passed(request: HttpRequest) -> bool:
    """Tell whether a session passed the second factor, or its user has none and need not have one."""
    user: Any = request.user
    return user.is_verified() or not (settings.STAFF_TWO_FACTOR or is_enabled(user))


def is_enabled(user: AbstractBaseUser) -> bool:
    """Tell whether a user has confirmed a second factor."""
    return bool(Authenticator.objects.filter(user=user, confirmed=True).exists())


def find_confirmed(user: User) -> Authenticator | None:
    """Return the confirmed second factor of a user; None if there is none."""
    found: Authenticator | None = Authenticator.objects.filter(user=user, confirmed=True).first()
    return found


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


@dataclass(frozen=True, slots=True)
class Challenge:
    """A password that was right, waiting for the second factor."""

    user: User
    jti: str
    # Seconds since 1970, of the login: the token that follows has it too.
    issued: int
    is_admin: bool


def make_challenge(user: User, issued: int, *, is_admin: bool = False) -> dict[str, Any]:
    """Return the answer to a right password where a second factor is asked for.

    Raises:
        NotAvailable: Redis is away, which alone knows which challenges were used.
    """
    more = {"for": tokens.ADMIN} if is_admin else {}
    seconds = tokens.CHALLENGE_SECONDS
    token, jti = tokens.make_token(user, issued=issued, seconds=seconds, kind=tokens.CHALLENGE, **more)
    if not caching.call_redis(lambda client: client.set(name_challenge(jti), str(user.pk), ex=seconds), None):
        raise NotAvailable(REDIS_AWAY)
    return {"requires_2fa": True, "challenge_token": token, "message": ASKED}


def open_challenge(token: str) -> Challenge:
    """Return the challenge of a token.

    Raises:
        WrongCredentials: it is none, has expired, was used, or the password has changed since.
        NotAvailable: Redis is away.
    """
    try:
        claims = tokens.read_token(token)
        jti, user_id = claims.get("jti"), UUID(claims.get("sub", ""))
    except (InvalidToken, ValueError):
        raise WrongCredentials("Invalid challenge") from None
    if claims.get("type") != tokens.CHALLENGE or not jti:
        raise WrongCredentials("Invalid challenge")
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        raise WrongCredentials("Invalid challenge")
    issued = int(claims.get("iat", 0))
    if user.password_changed_at is not None and issued <= int(user.password_changed_at.timestamp()):
        raise WrongCredentials("Challenge invalidated by password change")
    is_open = caching.call_redis(lambda client: client.exists(name_challenge(jti)), None)
    if is_open is None:
        raise NotAvailable(REDIS_AWAY)
    if not is_open:
        raise WrongCredentials("Challenge expired or used")
    return Challenge(user, jti, issued, claims.get("for") == tokens.ADMIN)


def answer_challenge(challenge: Challenge, code: str, request: HttpRequest | None = None) -> Authenticator:
    """Return the second factor whose code answers a challenge, which is used up then.

    Raises:
        WrongCredentials: the code is wrong, or the challenge was answered meanwhile.
        Locked: too many codes were wrong.
        NotAvailable: the secret cannot be decrypted, or Redis is away.
    """
    with transaction.atomic():
        device = lock_authenticator(challenge.user)
        if device is None:
            raise WrongCredentials("This account has no second factor")
        # A wrong code is counted: the transaction must not be rolled back for it.
        is_right = check_code(device, device.verify_token, code)
    if not is_right:
        record_failure(challenge.user, request)
        raise WrongCredentials("Invalid TOTP code")
    use_up(challenge)
    return device


def use_recovery_code(challenge: Challenge, code: str, request: HttpRequest | None = None) -> tuple[Authenticator, int]:
    """Take a recovery code for a challenge; return the second factor and how many codes are left.

    Raises:
        WrongCredentials: it is none, or the challenge was answered meanwhile.
        NotAvailable: Redis is away.
    """
    with transaction.atomic():
        device = lock_authenticator(challenge.user)
        hashed = tokens.hash_token(code)
        is_right = device is not None and hashed in device.recovery_codes
        if device is not None and is_right:
            use_up(challenge)
            device.recovery_codes = [each for each in device.recovery_codes if each != hashed]
            device.forget_failures()
    if device is None or not is_right:
        record_failure(challenge.user, request)
        raise WrongCredentials("Invalid recovery code")
    left = len(device.recovery_codes)
    audit.record("2fa.recovery", actor=challenge.user.pk, details={"left": left}, request=request)
    return device, left


def record_failure(user: User, request: HttpRequest | None = None) -> None:
    """Write the audit log after a wrong code."""
    audit.record("2fa.failed", target=str(user.pk), request=request)


def use_up(challenge: Challenge) -> None:
    """Use a challenge up: of two requests with it one does."""
    used = caching.call_redis(lambda client: client.delete(name_challenge(challenge.jti)), None)
    if used is None:
        raise NotAvailable(REDIS_AWAY)
    if not used:
        raise WrongCredentials("Challenge expired or used")


def lock_authenticator(user: User) -> Authenticator | None:
    """Return the confirmed second factor of a user with its row locked; None if there is none."""
    found: Authenticator | None
    found = Authenticator.objects.select_for_update().filter(user=user, confirmed=True).first()
    return found


def check_code(device: Authenticator, check: Callable[[str], Outcome], code: str) -> Outcome:
    """Return what a check of a second factor finds about a code.

    Raises:
        Locked: too many codes were wrong.
        NotAvailable: the secret cannot be decrypted.
    """
    if device.is_locked and device.locked_until:
        minutes = int((device.locked_until - timezone.now()).total_seconds() // 60) + 1
        raise Locked(f"Too many wrong codes: locked for {minutes} more minutes")
    try:
        return check(code)
    except (InvalidKey, ValueError):
        raise NotAvailable(NO_ENCRYPTION) from None


def name_challenge(jti: str) -> str:
    """Return the name of an open challenge in Redis."""
    return str(cache.make_key(f"2fa_challenge:{jti}"))


def set_up(user: User) -> tuple[Authenticator, list[str]]:
    """Give a user a new secret and recovery codes, not confirmed yet; return both. The last ones count.

    Raises:
        NotAvailable: there is no key to encrypt with.
        ParseError: a second factor is confirmed already.
    """
    require_encryption()
    codes = make_recovery_codes()
    with transaction.atomic():
        # The lock of the user makes two of them follow one another.
        if not User.objects.select_for_update().filter(pk=user.pk).exists() or is_enabled(user):
            raise ParseError("2FA is already enabled")
        Authenticator.objects.filter(user=user).delete()
        device = Authenticator.objects.create(user=user, confirmed=False, recovery_codes=hash_codes(codes))
    return device, codes


def confirm(user: User, code: str) -> Authenticator:
    """Confirm a second factor by a first code. The code stays good for a login.

    Raises:
        Locked: it is confirmed already, and too many codes were wrong.
        NotAvailable: there is no key to decrypt with.
        ParseError: there is nothing to confirm, or the code is wrong.
    """
    require_encryption()
    with transaction.atomic():
        device: Authenticator | None = Authenticator.objects.select_for_update().filter(user=user).first()
        if device is None:
            raise ParseError("2FA not set up")
        is_right = check_code(device, device.find_step, code) is not None
        if is_right and not device.confirmed:
            device.confirmed = True
            device.save(update_fields=("confirmed",))
            audit.record("2fa.enable", actor=user.pk)
            tell_of_change(user.pk, "turned on")
        elif not is_right and device.confirmed:
            # Else nothing would bound how many codes a stolen login can try.
            device.count_failure()
    if not is_right:
        record_failure(user)
        raise ParseError("Invalid TOTP code")
    return device


def disable(user: User, code: str) -> None:
    """Delete a user's second factor, by a code; see ``require_code`` for what it raises."""
    require_code(user, code).delete()
    audit.record("2fa.disable", actor=user.pk)
    tell_of_change(user.pk, "turned off")


def renew_recovery_codes(user: User, code: str) -> list[str]:
    """Replace the recovery codes of a user, by a code; see ``require_code`` for what it raises."""
    codes = give_recovery_codes(require_code(user, code))
    tell_of_change(user.pk, "given new recovery codes")
    return codes


def give_recovery_codes(device: Authenticator) -> list[str]:
    """Replace the recovery codes of a second factor, and return the new ones."""
    codes = make_recovery_codes()
    device.recovery_codes = hash_codes(codes)
    device.save(update_fields=("recovery_codes",))
    audit.record("2fa.recovery_codes", actor=device.user_id)
    return codes


def tell_of_change(user_id: UUID, change: str) -> None:
    """Mail a user what was done to their second factor, after the answer."""
    background.run_later(partial(mail.tell_of_second_factor, user_id, change))


def require_code(user: User, code: str) -> Authenticator:
    """Return the second factor of a user who gives a right code for a change; a wrong one is counted.

    Raises:
        ParseError: there is no confirmed one, or the code is wrong.
        Locked: too many codes were wrong.
        NotAvailable: the secret cannot be decrypted.
    """
    with transaction.atomic():
        device = lock_authenticator(user)
        if device is None:
            raise ParseError("2FA is not enabled")
        require_encryption()
        is_right = check_code(device, device.find_step, code) is not None
        if not is_right:
            device.count_failure()
    if not is_right:
        record_failure(user)
        raise ParseError("Invalid TOTP code")
    return device


def require_encryption() -> None:
    """Raise NotAvailable unless secrets can be encrypted."""
    try:
        encryption.get_cipher(TOTP_SECRETS)
    except ValueError:
        raise NotAvailable(NO_ENCRYPTION) from None


def make_recovery_codes() -> list[str]:
    """Return new recovery codes, of 16 characters each."""
    return [secrets.token_urlsafe(RECOVERY_BYTES) for _ in range(RECOVERY_CODES)]


def hash_codes(codes: list[str]) -> list[str]:
    """Return recovery codes as they are stored."""
    return [tokens.hash_token(code) for code in codes]


def reset_authenticator(user: AbstractBaseUser) -> bool:
    """Delete a user's authenticator, so that they can enrol another phone; return False if there was none."""
    deleted, _ = Authenticator.objects.filter(user=user).delete()
    return bool(deleted)


def make_address(device: Authenticator, email: str) -> str:
    """Return the ``otpauth`` URL that a phone reads from the QR code."""
    label = quote(f"{ISSUER}:{email}", safe=":@")
    return f"otpauth://totp/{label}?{urlencode({'secret': format_secret(device), 'issuer': ISSUER})}"


def format_secret(device: Authenticator) -> str:
    """Return the secret in base32, to be typed where there is no camera."""
    return base64.b32encode(device.key).decode()


def draw_qr_code(device: Authenticator) -> str:
    """Return the address as a QR code, an SVG image in a data URL."""
    image = qrcode.make(make_address(device, device.user.email), image_factory=SvgPathImage)
    return f"data:image/svg+xml;base64,{base64.b64encode(image.to_string()).decode()}"
