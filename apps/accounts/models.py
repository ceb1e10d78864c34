"""Users, who log in by email, their second factor, and what proves who they are: logins, app tokens, mailed tokens.

The second factor is a phone that makes six-digit codes (TOTP, RFC 6238), or one of eight recovery codes.
"""

from __future__ import annotations

import secrets
import time
import uuid
from collections.abc import Collection, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django_otp.models import Device
from django_otp.oath import TOTP

from apps.accounts import encryption

SECRET_BYTES = 20
# Who loses one of them is logged out.
RIGHTS = ("is_active", "is_staff", "is_superuser")
# As Django has it, so that sessions live on where nothing was ended.
SESSION_SALT = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"
# Steps of 30 seconds that a phone's clock may be ahead or behind.
TOLERANCE = 1
DIGITS = 6
# The purpose of the key that encrypts the secrets.
TOTP_SECRETS = "totp-secrets"
# Wrong codes in a row that lock the second factor, and for how long.
MOST_FAILURES = 5
LOCK_SECONDS = 900


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
    must_verify_email = models.BooleanField(default=False, help_text="cannot log in before a mailed link was opened")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    password_changed_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="tokens of this second and before are refused"
    )
    signed_out_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="the last time that all sessions were ended"
    )

    objects: ClassVar[UserManager] = UserManager()
    # Rights and time of the password, as they are stored.
    stored: Mapping[str, Any] = MappingProxyType({})

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_is_lower"),)

    def __str__(self) -> str:
        return self.email

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **more: Any) -> User:
        """Load a user, and note what decides about their logins."""
        found = super().from_db(db, field_names, values, **more)
        found.note_stored()
        return found

    def note_stored(self) -> None:
        """Note what decides about logins, as it is stored now."""
        self.stored = {name: self.__dict__.get(name) for name in (*RIGHTS, "password_changed_at")}

    @property
    def has_lost_rights(self) -> bool:
        """Whether a right that is stored will be gone once the user is saved."""
        return any(self.stored.get(name) and not getattr(self, name) for name in RIGHTS)

    def clean(self) -> None:
        """Store the email in lower case."""
        self.email = normalise_email(self.email)

    def set_password(self, raw_password: str | None) -> None:
        """Set the password; once the user is saved, all logins and tokens of before end (``apps.accounts.signals``)."""
        super().set_password(raw_password)
        self._note_change()

    def set_unusable_password(self) -> None:
        """Let no password log in; what was begun with the one of before ends once the user is saved."""
        super().set_unusable_password()
        self._note_change()

    def _note_change(self) -> None:
        if not self._state.adding:
            self.password_changed_at = timezone.now()

    def _get_session_auth_hash(self, secret: str | bytes | None = None) -> str:
        # Django compares it with that in a session: a session from before a change of either is over.
        ended = self.signed_out_at.isoformat() if self.signed_out_at else ""
        return salted_hmac(SESSION_SALT, self.password + ended, secret=secret, algorithm="sha256").hexdigest()


def make_secret() -> str:
    """Return a random secret as it is stored."""
    return encrypt_secret(secrets.token_bytes(SECRET_BYTES))


def encrypt_secret(secret: bytes) -> str:
    """Return a secret encrypted, as it is stored."""
    return encryption.get_cipher(TOTP_SECRETS).encrypt(secret).decode()


class Authenticator(Device):  # type: ignore[misc] # django-otp has no types
    """A user's second factor; unconfirmed until a first code was right."""

    secret = models.TextField(default=make_secret, help_text="20 random bytes, encrypted")
    last_step = models.BigIntegerField(default=-1, help_text="that of the last login: a code is taken once")
    recovery_codes = models.JSONField(default=list, blank=True, help_text="SHA-256 of those that are left, in hex")
    failures = models.PositiveSmallIntegerField(default=0, help_text="wrong codes since the last right one")
    locked_until = models.DateTimeField(null=True, blank=True, help_text="no code is taken before")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("user",), name="one_authenticator_per_user"),)

    def __str__(self) -> str:
        return f"authenticator of {self.user}"

    @property
    def key(self) -> bytes:
        """The decrypted secret, as the phone has it."""
        return encryption.get_cipher(TOTP_SECRETS).decrypt(self.secret)

    @property
    def is_locked(self) -> bool:
        """Whether too many codes were wrong a moment ago."""
        return self.locked_until is not None and self.locked_until > timezone.now()

    def find_step(self, token: str) -> int | None:
        """Return the step of 30 seconds in which a phone shows a code; None if it is not a current one."""
        totp = TOTP(self.key)
        totp.time = time.time()
        is_right = len(token) == DIGITS and token.isascii() and token.isdecimal() and totp.verify(int(token), TOLERANCE)
        return totp.t() if is_right else None

    def verify_token(self, token: str) -> bool:
        """Tell whether a code logs in: it is right, current, and not used before; count it.

        Call it with the row locked: two requests must not accept the same code.
        """
        if self.is_locked:
            return False
        step = self.find_step(token)
        if step is None or step <= self.last_step:
            self.count_failure()
            return False
        self.last_step = step
        self.forget_failures()
        return True

    def count_failure(self) -> None:
        """Count a wrong code; too many in a row lock the second factor for a while."""
        if self.locked_until is not None:
            self.failures, self.locked_until = 0, None
        self.failures += 1
        if self.failures >= MOST_FAILURES:
            self.locked_until = timezone.now() + timedelta(seconds=LOCK_SECONDS)
        self.save(update_fields=("failures", "locked_until"))

    def forget_failures(self) -> None:
        """After a right code, or a recovery code, forget the wrong ones; save the rest too."""
        self.failures, self.locked_until = 0, None
        self.save()


class Login(models.Model):
    """A login that was made: of a program, which has a token, or of a browser, which has a session."""

    class Kind(models.TextChoices):
        """What was given for it."""

        TOKEN = "token", "program"
        BROWSER = "browser", "browser"
        ADMIN = "admin", "program of an administrator"

    class End(models.TextChoices):
        """Why it ended early."""

        REVOKED = "revoked", "logged out"
        PASSWORD = "password", "password changed"

    id = models.CharField(primary_key=True, max_length=64, help_text="of a token: its jti")
    user = models.ForeignKey(User, models.CASCADE, related_name="logins")
    kind = models.CharField(max_length=8, choices=Kind)
    begun_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(help_text="the row is deleted some time after")
    ended = models.CharField(max_length=8, choices=End, blank=True, default="")
    device = models.CharField(max_length=200, blank=True, help_text="what the browser or program says it is")
    address = models.GenericIPAddressField(null=True, blank=True)
    session_key = models.CharField(max_length=40, blank=True, help_text="of a browser")

    class Meta:
        indexes = (models.Index(fields=("expires_at",), name="login_expires_at"),)

    def __str__(self) -> str:
        return f"{self.kind} of {self.user}"


class AppToken(models.Model):
    """A token that a user made for a program. Revoked ones stay, as a record."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="app_tokens")
    name = models.CharField(max_length=255)
    scopes = models.JSONField(help_text="what it opens, as it was asked for")
    hash = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the token in hex")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="as of a minute ago")
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.name} of {self.user}"


class MailedToken(models.Model):
    """The token of a link in a mail: it chooses a new password, or shows that the address is the user's."""

    class Purpose(models.TextChoices):
        """What it is for."""

        RESET = "reset", "a new password"
        VERIFY = "verify", "the address is theirs"

    hash = models.CharField(primary_key=True, max_length=64, help_text="SHA-256 of the token in hex")
    user = models.ForeignKey(User, models.CASCADE, related_name="mailed_tokens")
    purpose = models.CharField(max_length=8, choices=Purpose)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.purpose} of {self.user}"


class AuditEvent(models.Model):
    """Something that people answer for. PostgreSQL refuses to change a row, and to delete one outside of pruning.

    The ids of people have no foreign key: the event stays when the account goes.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_default=Now())
    action = models.CharField(max_length=64, help_text="such as login, password.change or admin.login")
    actor_id = models.UUIDField(null=True, help_text="of the user who did it; none: nobody was logged in")
    target = models.CharField(max_length=255, blank=True, help_text="what it was done to")
    details = models.JSONField(null=True)
    address = models.GenericIPAddressField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=("-at",), name="audit_at"),
            models.Index(fields=("actor_id", "-at"), name="audit_actor"),
        )

    def __str__(self) -> str:
        return f"{self.action} at {self.at:%Y-%m-%d %H:%M}"
