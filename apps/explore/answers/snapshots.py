"""Snapshots of an exploration, each under a token: a client that has the token may read it.

They are rows; Redis answers most requests. There ``snapshot:TOKEN`` holds
``{"nodes": [{"id", "type"}], "center": {"id", "type"}, "created_at"}`` as JSON.

Contract: docs/contract/rest.md#snapshots.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from rest_framework import exceptions
from rest_framework.exceptions import NotFound

from apps.accounts.models import User
from apps.api import caching
from apps.api.responses import Exceeded, NotEnough
from apps.explore.models import Snapshot

KEY = "snapshot:{token}"
FIELDS = {"nodes", "center", "created_at"}
TOKEN_BYTES = 12
LIFETIME = timedelta(days=28)


class TooLarge(exceptions.APIException):
    """A snapshot has too many bytes."""

    status_code = 413


@dataclass(frozen=True, slots=True)
class Saved:
    """A snapshot that was saved."""

    token: str
    expires_at: datetime


def save_snapshot(user: User, body: Mapping[str, Any]) -> Saved:
    """Save what a user sees.

    Raises:
        NotEnough: it has too many nodes.
        TooLarge: it has too many bytes.
        Exceeded: the user has as many snapshots as one may have.
    """
    if len(body["nodes"]) > settings.SNAPSHOT_MAX_NODES:
        raise NotEnough(f"Too many nodes: {len(body['nodes'])}, maximum is {settings.SNAPSHOT_MAX_NODES}")
    now = timezone.now()
    data = {
        "nodes": [dict(each) for each in body["nodes"]],
        "center": dict(body["center"]),
        "created_at": now.isoformat(),
    }
    stored = orjson.dumps(data)
    if len(stored) > settings.SNAPSHOT_MAX_PAYLOAD_BYTES:
        raise TooLarge(f"The snapshot is too large: {len(stored)} bytes of {settings.SNAPSHOT_MAX_PAYLOAD_BYTES}")
    token, expires_at = secrets.token_urlsafe(TOKEN_BYTES), now + LIFETIME
    with transaction.atomic():
        # Two requests at once must not exceed the quota together.
        User.objects.select_for_update().get(pk=user.pk)
        Snapshot.objects.filter(user=user, expires_at__lt=now).delete()
        living = Snapshot.objects.filter(user=user).count()
        if living >= settings.SNAPSHOT_MAX_PER_USER:
            raise Exceeded(f"You have {living} snapshots: the oldest expires {LIFETIME.days} days after it was made")
        Snapshot.objects.create(token=token, user=user, data=data, expires_at=expires_at)
    put_into_cache(token, stored, LIFETIME)
    return Saved(token, expires_at)


def get_snapshot(token: str) -> dict[str, Any]:
    """Return the snapshot of a token.

    Raises:
        NotFound: there is none, or it has expired.
    """
    stored: bytes | None = caching.call_redis(lambda client: client.get(KEY.format(token=token)), None)
    found = (parse_snapshot(stored) if stored else None) or read_row(token)
    if found is None:
        raise NotFound("There is no such snapshot, or it has expired")
    return found


def read_row(token: str) -> dict[str, Any] | None:
    """Return a snapshot from its row, and put it into the cache; None if there is none that lives."""
    if "\0" in token:
        return None
    row = Snapshot.objects.filter(pk=token, expires_at__gt=timezone.now()).first()
    if row is None:
        return None
    put_into_cache(token, orjson.dumps(row.data), row.expires_at - timezone.now())
    found: dict[str, Any] = row.data
    return found


def put_into_cache(token: str, stored: bytes, lifetime: timedelta) -> None:
    """Let Redis answer for a snapshot as long as it lives."""
    seconds = max(1, int(lifetime.total_seconds()))
    caching.call_redis(lambda client: client.set(KEY.format(token=token), stored, ex=seconds), None)


def parse_snapshot(stored: bytes) -> dict[str, Any] | None:
    """Return a snapshot; None if the text is not the JSON of one."""
    try:
        found = orjson.loads(stored)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) and found.keys() >= FIELDS else None
