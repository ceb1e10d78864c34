"""What the endpoints of accounts take and what they answer."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from rest_framework import serializers

from apps.accounts.models import normalise_email
from apps.accounts.passwords import check_password_rules
from apps.api.parameters import Text

EMAIL_CHARACTERS = 254
PASSWORD_CHARACTERS = 8
# No white space, one @, and a dot in the domain.
EMAIL = re.compile(r"[^\s@]+@[^\s@]*\.[^\s@]*")


class Email(Text):
    """An address, trimmed and in lower case."""

    default_error_messages: ClassVar = {"value_error": "An address has one @, a dot behind it, and no blank"}

    def __init__(self, **options: Any) -> None:
        super().__init__(for_sql=True, **options)

    def to_internal_value(self, data: Any) -> str:
        """Return the address as it is stored."""
        email = normalise_email(str(super().to_internal_value(data)))
        if not EMAIL.fullmatch(email) or len(email) > EMAIL_CHARACTERS:
            self.fail("value_error")
        return email


class NewPassword(Text):
    """A password that follows the rules of the site."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_length=PASSWORD_CHARACTERS, **options)

    def run_validators(self, value: Any) -> None:
        """Check the length first, then the rules."""
        super().run_validators(value)
        if wrong := check_password_rules(value):
            raise serializers.ValidationError(wrong[0], "value_error")


class RegisterBody(serializers.Serializer[Any]):
    """Of ``/api/auth/register``."""

    email = Email()
    password = NewPassword()


class LoginBody(serializers.Serializer[Any]):
    """Of logins."""

    email = Text(for_sql=True)
    password = Text()
    session = serializers.BooleanField(
        default=False, help_text="for browsers: begin a session with a cookie, answer no token"
    )


class MessageSerializer(serializers.Serializer[Any]):
    """What was done."""

    message = serializers.CharField()


class TokenSerializer(serializers.Serializer[Any]):
    """The outcome of a login: a token, a session, or the second factor is asked for."""

    access_token = serializers.CharField(required=False)
    token_type = serializers.CharField(required=False)
    expires_in = serializers.IntegerField(required=False, help_text="seconds")
    session = serializers.BooleanField(required=False, help_text="a session was begun")
    requires_2fa = serializers.BooleanField(required=False)
    challenge_token = serializers.CharField(required=False, help_text="for /api/auth/2fa/verify and /recovery")
    message = serializers.CharField(required=False)
    warning = serializers.CharField(required=False, help_text="that was the last recovery code")


class LoggedOutSerializer(serializers.Serializer[Any]):
    """The login is over."""

    logged_out = serializers.BooleanField()


class MeSerializer(serializers.Serializer[Any]):
    """An account."""

    id = serializers.UUIDField()
    email = serializers.CharField()
    is_active = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    totp_enabled = serializers.BooleanField(help_text="whether a second factor is asked for")
