"""The second factor: the program on somebody's phone that makes six-digit codes (TOTP, RFC 6238)."""

from __future__ import annotations

import secrets
import time
from typing import Any

from django.db import models
from django_otp.models import Device, ThrottlingMixin
from django_otp.oath import TOTP

from apps.accounts import encryption

SECRET_BYTES = 20
# Steps of 30 seconds that a phone's clock may be ahead or behind.
TOLERANCE = 1


def new_secret() -> str:
    """Return a random secret as it is stored."""
    return encrypted(secrets.token_bytes(SECRET_BYTES))


def encrypted(secret: bytes) -> str:
    """Return a secret as it is stored."""
    return encryption.cipher("totp-secrets").encrypt(secret).decode()


class Authenticator(ThrottlingMixin, Device):  # type: ignore[misc] # django-otp has no types
    """Somebody's second factor; unconfirmed until a first code was right."""

    secret = models.TextField(default=new_secret, help_text="20 random bytes, encrypted")
    last_step = models.BigIntegerField(default=-1, help_text="that of the last code: none is taken twice")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("user",), name="one_authenticator_per_user"),)

    def __str__(self) -> str:
        return f"authenticator of {self.user.get_username()}"

    @property
    def key(self) -> bytes:
        """The secret as the phone has it."""
        return encryption.cipher("totp-secrets").decrypt(self.secret)

    def get_throttle_factor(self) -> int:
        """Let wrong codes wait one second, then two, four and so on."""
        return 1

    def verify_token(self, token: str) -> bool:
        """Tell whether a code is right, now and for the first time; a wrong one has the next one wait.

        To be called with the row locked: two requests must not take the same code.
        """
        if not self.verify_is_allowed()[0]:
            return False
        totp = TOTP(self.key)
        totp.time = time.time()
        is_right = token.isdecimal() and totp.verify(int(token), TOLERANCE, self.last_step + 1)
        if is_right:
            self.last_step = totp.t()
            self.throttle_reset()
        else:
            self.throttle_increment()
        return bool(is_right)

    def locked_until(self) -> Any:
        """Return when the next code may come; None: now."""
        return (self.verify_is_allowed()[1] or {}).get("locked_until")
