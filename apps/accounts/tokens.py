"""Tokens of programs: the signed ones (JWT) that a login gives, and those that users make for apps.

A signed token carries ``sub`` (the user's id), ``email``, ``iat``, ``exp``, ``jti``; the kinds other than that of a
user's login carry ``type``. ``JWT_PREVIOUS_SECRET_KEY`` is accepted too, so that the key can be replaced.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from typing import Any

import jwt
from django.conf import settings
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError

from apps.accounts.models import User

Claims = Mapping[str, Any]

ALGORITHM = "HS256"
ADMIN = "admin"
CHALLENGE = "2fa_challenge"
ADMIN_SECONDS = 1800
CHALLENGE_SECONDS = 300
APP_PREFIX = "dscg_"
APP_BYTES = 32


class InvalidToken(Exception):  # noqa: N818 - the contract's word
    """A token is malformed, expired or not signed by us."""


class SigningKey(TokenBackend):
    """A key that signs and verifies; its id is in the header of what it signed."""

    def __init__(self, secret: str) -> None:
        super().__init__(ALGORITHM, signing_key=secret)
        self.id = hashlib.sha256(secret.encode()).hexdigest()[:8]

    def encode(self, payload: dict[str, Any]) -> str:
        """Sign claims."""
        return jwt.encode(payload, self.prepared_signing_key, algorithm=ALGORITHM, headers={"kid": self.id})


def list_keys() -> list[SigningKey]:
    """Return the keys, that which signs first."""
    secret = settings.JWT_SECRET_KEY or derive_secret(settings.SECRET_KEY)
    return [SigningKey(each) for each in (secret, settings.JWT_PREVIOUS_SECRET_KEY) if each]


def derive_secret(secret_key: str) -> str:
    """Return the key that is made of Django's, for sites that give none."""
    return hmac.new(secret_key.encode(), b"linernotes tokens", hashlib.sha256).hexdigest()


def make_token(user: User, *, issued: int, seconds: int, kind: str = "", **claims: Any) -> tuple[str, str]:
    """Return a signed token of a user and its ``jti``. ``issued``: seconds since 1970, before the password was read."""
    jti = secrets.token_hex(16)
    if kind == ADMIN:
        jti = f"admin:{jti}"
    claims |= {"sub": str(user.pk), "email": user.email, "iat": issued, "exp": int(time.time()) + seconds, "jti": jti}
    if kind:
        claims["type"] = kind
    return list_keys()[0].encode(claims), jti


def read_token(token: str) -> Claims:
    """Return the claims of a signed token.

    Raises:
        InvalidToken: it is none, has expired, or no key of ours signed it.
    """
    for key in list_keys():
        try:
            found: dict[str, Any] = key.decode(token)  # type: ignore[arg-type] # its types are wrong
        except (TokenBackendError, ValueError):
            continue
        return found
    raise InvalidToken


def make_app_token() -> str:
    """Return a random token for an app."""
    return APP_PREFIX + secrets.token_urlsafe(APP_BYTES)


def hash_token(token: str) -> str:
    """Return the SHA-256 of a random token in hex: that alone is stored."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
