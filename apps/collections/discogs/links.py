"""Links of users to their accounts at Discogs, by OAuth 1.0a.

``authorize`` gets a request token and an address where the user allows us in; Discogs then shows or sends a code, with
which ``verify`` gets the user's token. The secret of a request token is in Redis meanwhile.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import orjson
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, transaction
from rest_framework.exceptions import APIException, ParseError, PermissionDenied

from apps.accounts.models import User
from apps.api import caching
from apps.api.responses import BadGateway, NotAvailable
from apps.collections.discogs import application
from apps.collections.discogs.application import decrypt, encrypt
from apps.collections.discogs.client import Discogs
from apps.collections.models import Link
from apps.http.errors import RefusedError, SiteError

PROVIDER = "discogs"
STATE_SECONDS = 600


class NotStored(APIException):
    """A link was made at Discogs and could not be stored."""

    status_code = 500


def authorize(user_id: UUID) -> dict[str, Any]:
    """Begin a link: return where the user allows us in, and the state that ``verify`` needs.

    Raises:
        NotAvailable: Discogs is not set up, or Redis is away.
        BadGateway: Discogs refuses, or does not answer.
    """
    ours = application.load()
    callback = settings.DISCOGS_OAUTH_CALLBACK_URL
    try:
        token, secret = Discogs(ours, callback_uri=callback or "oob").get_token("GET", "/oauth/request_token")
    except SiteError as error:
        raise BadGateway(str(error)) from error
    stored = orjson.dumps({"secret": secret, "user_id": str(user_id)})
    if not caching.call_redis(lambda client: client.set(make_key(token), stored, ex=STATE_SECONDS), otherwise=None):
        raise NotAvailable("The request cannot be remembered now: try again later")
    return {
        "authorize_url": f"{settings.DISCOGS_SITE_URL}/oauth/authorize?{urlencode({'oauth_token': token})}",
        "state": token,
        "expires_in": STATE_SECONDS,
        "callback_mode": "callback" if callback else "oob",
    }


def verify(user: User, state: str, verifier: str) -> dict[str, Any]:
    """Finish a link with the code that Discogs gave the user, and store it.

    Raises:
        NotAvailable: as ``authorize``.
        ParseError: the state is unknown or expired, or Discogs does not accept the code.
        PermissionDenied: another user began this link.
        BadGateway: Discogs does not answer.
        NotStored: the link cannot be stored.
    """
    ours = application.load()
    secret = take_secret(user.pk, state)
    try:
        token, token_secret = Discogs(ours, state, secret, verifier=verifier).get_token("POST", "/oauth/access_token")
        identity = Discogs(ours, token, token_secret).get_json("/oauth/identity")
        name, number = str(identity["username"]), str(identity["id"])
    except RefusedError as error:
        raise ParseError(f"Discogs does not accept the code: {error}") from error
    except KeyError as error:
        raise ParseError("Discogs does not say who the user is") from error
    except SiteError as error:
        raise BadGateway(str(error)) from error
    fields = {
        "access_token": encrypt(token),
        "access_secret": encrypt(token_secret),
        "provider_username": name,
        "provider_user_id": number,
        "is_broken": False,
    }
    try:
        with transaction.atomic():
            # Another account has other copies, folders and fields: its link is a new one.
            Link.objects.filter(user=user, provider=PROVIDER).exclude(provider_user_id=number).delete()
            Link.objects.update_or_create(user=user, provider=PROVIDER, defaults=fields)
    except DatabaseError as error:
        raise NotStored("The link could not be persisted: begin again") from error
    return {"connected": True, "discogs_username": name, "discogs_user_id": number}


def take_secret(user_id: UUID, state: str) -> str:
    """Return the secret of a request token, which is taken once, also by another user."""
    key = make_key(state)
    stored: bytes | bool | None = caching.call_redis(lambda client: client.getdel(key) or False, otherwise=None)
    if stored is None:
        raise NotAvailable("What was begun cannot be looked up now: try again later")
    if not stored:
        raise ParseError("The state is unknown or expired: begin again")
    assert isinstance(stored, bytes)  # noqa: S101 - for the types
    try:
        found = orjson.loads(stored)
    except orjson.JSONDecodeError:
        # A bare text is the secret, of nobody in particular.
        return stored.decode()
    if found["user_id"] != str(user_id):
        raise PermissionDenied("A different user began this link")
    return str(found["secret"])


def make_key(state: str) -> str:
    """Return the key in Redis of a request token's secret."""
    return str(cache.make_key(f"discogs:oauth:state:{state}", version=0))


def find_link(user_id: UUID) -> Link | None:
    """Return the link of a user; None if there is none."""
    return Link.objects.filter(user=user_id, provider=PROVIDER).first()


def describe_link(user_id: UUID) -> dict[str, Any]:
    """Return whether a user is linked, and as whom."""
    link = find_link(user_id)
    if link is None:
        return {"connected": False}
    return {
        "connected": True,
        "discogs_username": link.provider_username,
        "discogs_user_id": link.provider_user_id,
        "connected_at": link.updated_at,
    }


def revoke(user_id: UUID) -> None:
    """Forget the link of a user; the collection stays."""
    Link.objects.filter(user=user_id, provider=PROVIDER).delete()


def connect(link: Link) -> Discogs:
    """Return Discogs as a linked user.

    Raises:
        NotAvailable: Discogs is not set up, or the link cannot be read.
    """
    return Discogs(application.load(), decrypt(link.access_token), decrypt(link.access_secret))
