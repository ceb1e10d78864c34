"""Users, who log in by email, and their second factor: a phone that makes six-digit codes (TOTP, RFC 6238)."""

from __future__ import annotations

import secrets
import time
import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower, Now
from django_otp.models import Device, ThrottlingMixin
from django_otp.oath import TOTP

from apps.accounts import encryption

SECRET_BYTES = 20
# Steps of 30 seconds that a phone's clock may be ahead or behind.
TOLERANCE = 1


def normalise_email(email: str) -> str:
    """Return an email address as it is stored and compared: without surrounding blanks, in lower case."""
    return email.strip().lower()


class UserManager(BaseUserManager["User"]):
    """Creates users, and finds them by email without regard to case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create a user; without a password they cannot log in."""
        if not email.strip():
            raise ValueError("A user needs an email address")
        user = self.model(email=normalise_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create a user with all permissions."""
        return self.create_user(email, password, **{"is_staff": True, "is_superuser": True, **fields})

    def get_by_natural_key(self, username: str | None) -> User:
        """Return the user with an email address; Django calls it a username."""
        return self.get(email=normalise_email(username or ""))


class User(AbstractBaseUser, PermissionsMixin):  # type: ignore[django-manager-missing] # django-otp has no types
    """A person who can log in: staff in the admin, collectors on the site."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True, help_text="in lower case")
    is_staff = models.BooleanField(default=False, help_text="may log in to the admin")
    is_active = models.BooleanField(default=True, help_text="off: cannot log in; better than deleting the account")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_is_lower"),)

    def __str__(self) -> str:
        return self.email

    def clean(self) -> None:
        """Store the email in lower case."""
        self.email = normalise_email(self.email)


def make_secret() -> str:
    """Return a random secret as it is stored."""
    return encrypt_secret(secrets.token_bytes(SECRET_BYTES))


def encrypt_secret(secret: bytes) -> str:
    """Return a secret encrypted, as it is stored."""
    return encryption.get_cipher("totp-secrets").encrypt(secret).decode()


class Authenticator(ThrottlingMixin, Device):  # type: ignore[misc] # django-otp has no types
    """A user's second factor; unconfirmed until a first code was right."""

    secret = models.TextField(default=make_secret, help_text="20 random bytes, encrypted")
    last_step = models.BigIntegerField(default=-1, help_text="that of the last code: none is taken twice")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("user",), name="one_authenticator_per_user"),)

    def __str__(self) -> str:
        return f"authenticator of {self.user}"

    @property
    def key(self) -> bytes:
        """The decrypted secret, as the phone has it."""
        return encryption.get_cipher("totp-secrets").decrypt(self.secret)

    def get_throttle_factor(self) -> int:
        """Return 1: after wrong codes the next one must wait one second, then two, four and so on."""
        return 1

    def verify_token(self, token: str) -> bool:
        """Tell whether a code is right, current and not used before; after a wrong one the next must wait.

        Call it with the row locked: two requests must not accept the same code.
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
