"""What is wrong with what somebody gave to show who they are."""

from __future__ import annotations

from rest_framework.exceptions import APIException


class WrongCredentials(APIException):
    """A password, a code or a challenge is wrong. DRF's own exceptions for it become 403 where nobody need log in."""

    status_code = 401

    def __init__(self, detail: str, auth_header: str | None = None) -> None:
        super().__init__(detail)
        self.auth_header = auth_header


class Locked(APIException):
    """Too many codes of a second factor were wrong."""

    status_code = 429
