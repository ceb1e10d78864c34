"""What the endpoints of accounts take and what they answer."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from rest_framework import serializers

from apps.accounts.models import DIGITS, normalise_email
from apps.accounts.passwords import check_password_rules
from apps.api.parameters import Integer, Pattern, Text

EMAIL_CHARACTERS = 254
PASSWORD_CHARACTERS = 8
# No white space, one @, and a dot in the domain.
EMAIL = re.compile(r"[^\s@]+@[^\s@]*\.[^\s@]*")

UUID_PATTERN = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


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


class Session(serializers.BooleanField):
    """Whether a login begins the session of a browser."""

    def __init__(self, **options: Any) -> None:
        text = "for browsers: begin a session with a cookie, answer no token"
        super().__init__(default=False, help_text=text, **options)


class RegisterBody(serializers.Serializer[Any]):
    """Of ``/api/auth/register``."""

    email = Email()
    password = NewPassword()


class LoginBody(serializers.Serializer[Any]):
    """Of logins."""

    email = Text(for_sql=True)
    password = Text()
    session = Session()


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


class Code(Text):
    """A code of a phone: six digits."""

    default_error_messages: ClassVar = {"string_pattern_mismatch": "A code has six digits"}

    def __init__(self, **options: Any) -> None:
        super().__init__(min_length=DIGITS, max_length=DIGITS, **options)

    def run_validators(self, value: Any) -> None:
        """Check the length first, then the digits."""
        super().run_validators(value)
        if not (value.isascii() and value.isdigit()):
            self.fail("string_pattern_mismatch")


class ConfirmBody(serializers.Serializer[Any]):
    """Of ``/api/auth/2fa/confirm``."""

    code = Code()


class VerifyBody(serializers.Serializer[Any]):
    """Of ``/api/auth/2fa/verify``."""

    challenge_token = Text()
    code = Code()
    session = Session()


class RecoveryBody(serializers.Serializer[Any]):
    """Of ``/api/auth/2fa/recovery``."""

    challenge_token = Text()
    code = Text(help_text="a recovery code")
    session = Session()


class CodeAndPasswordBody(serializers.Serializer[Any]):
    """Of changes of the second factor."""

    code = Code()
    password = Text()


class RecoveryCodesSerializer(serializers.Serializer[Any]):
    """Codes that log in once each, without the phone. They are shown here alone."""

    recovery_codes = serializers.ListField(child=serializers.CharField())


class SetupSerializer(RecoveryCodesSerializer):
    """A second factor that has to be confirmed."""

    secret = serializers.CharField(help_text="base32, to be typed")
    otpauth_uri = serializers.CharField(help_text="for the QR code")


class ChangePasswordBody(serializers.Serializer[Any]):
    """Of ``/api/auth/change-password``."""

    current_password = Text()
    new_password = NewPassword()


class ResetRequestBody(serializers.Serializer[Any]):
    """Of ``/api/auth/reset-request``."""

    email = Text(for_sql=True)


class ResetConfirmBody(serializers.Serializer[Any]):
    """Of ``/api/auth/reset-confirm``."""

    token = Text()
    new_password = NewPassword()


class VerifyEmailBody(serializers.Serializer[Any]):
    """Of ``/api/auth/verify-email``."""

    token = Text()


class AdminLoginBody(serializers.Serializer[Any]):
    """Of ``/api/admin/auth/login``."""

    email = Text(for_sql=True)
    password = Text()


class AppTokenBody(serializers.Serializer[Any]):
    """Of ``POST /api/user/app-tokens``."""

    name = Text(for_sql=True, min_length=1, max_length=255)
    scopes = serializers.ListField(child=Text(), min_length=1)


class NewAppTokenSerializer(serializers.Serializer[Any]):
    """A token that was made."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    scopes = serializers.ListField(child=serializers.CharField())
    token = serializers.CharField(help_text="shown here alone")
    created_at = serializers.DateTimeField()


class ActiveAppTokenSerializer(serializers.Serializer[Any]):
    """A token that is valid."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    scopes = serializers.ListField(child=serializers.CharField())
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True)


class RevokedAppTokenSerializer(serializers.Serializer[Any]):
    """A token that was revoked."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    revoked_at = serializers.DateTimeField()


class AppTokensSerializer(serializers.Serializer[Any]):
    """The app tokens of a user, newest first."""

    active = ActiveAppTokenSerializer(many=True)
    revoked = RevokedAppTokenSerializer(many=True)


class SessionSerializer(serializers.Serializer[Any]):
    """A login that is valid."""

    id = serializers.CharField()
    kind = serializers.CharField(help_text="token, browser or admin")
    begun_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    device = serializers.CharField(help_text="what it says it is")
    address = serializers.CharField(allow_null=True)
    is_current = serializers.BooleanField(help_text="it is the one with which this was asked")


class SessionsSerializer(serializers.Serializer[Any]):
    """The logins of a user, newest first."""

    sessions = SessionSerializer(many=True)


class EndedSerializer(serializers.Serializer[Any]):
    """How many logins were ended."""

    ended = serializers.IntegerField()


class DeleteAccountBody(serializers.Serializer[Any]):
    """Of ``/api/user/delete``."""

    password = Text()
    code = Code(required=False, help_text="of the phone, where one is enrolled")


class DeletedSerializer(serializers.Serializer[Any]):
    """The account is gone."""

    deleted = serializers.BooleanField()


class AuditLogQuery(serializers.Serializer[Any]):
    """Of ``/api/admin/audit-log``."""

    page = Integer(default=1)
    page_size = Integer(default=50, help_text="at most 100")
    action = Text(required=False, for_sql=True)
    admin_id = Pattern(UUID_PATTERN, required=False, help_text="a UUID in lower case")


class AuditEventSerializer(serializers.Serializer[Any]):
    """What an administrator did."""

    id = serializers.CharField()
    admin_id = serializers.CharField()
    admin_email = serializers.CharField(allow_blank=True, help_text="empty: the account is gone")
    action = serializers.CharField()
    target = serializers.CharField(allow_null=True)
    details = serializers.JSONField(allow_null=True)
    created_at = serializers.CharField()


class AuditLogSerializer(serializers.Serializer[Any]):
    """A page of the audit log."""

    entries = AuditEventSerializer(many=True)
    total = serializers.IntegerField()
    page = serializers.IntegerField()
    page_size = serializers.IntegerField()


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
