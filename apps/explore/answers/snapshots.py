"""Snapshots of an exploration, each under a token: a client that has the token may read it.

They are rows; Redis answers most requests. There ``snapshot:TOKEN`` holds
``{"nodes": [{"id", "type"}], "center": {"id", "type"}, "created_at"}`` as JSON; of version 2 also what
``serializers.snapshots.Picture`` has.

Contract: docs/contract/rest.md#snapshots.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from rest_framework.exceptions import NotFound

from apps.accounts.models import User
from apps.api import caching
from apps.api.responses import Exceeded, NotEnough, TooLarge
from apps.explore.models import Snapshot
from apps.graph.readers import expanding

KEY = "snapshot:{token}"
FIELDS = {"nodes", "center", "created_at"}
TOKEN_BYTES = 12
LIFETIME = timedelta(days=28)


class Unknown(NotFound):
    """There is no snapshot of a token, or it has expired."""


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
    picture = {name: value for name, value in body.items() if value is not None and name not in FIELDS}
    data = {"nodes": body["nodes"], "center": body["center"], "created_at": now.isoformat(), **picture}
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
        Unknown: there is none, or it has expired.
    """
    stored: bytes | None = caching.call_redis(lambda client: client.get(KEY.format(token=token)), None)
    found = (parse_snapshot(stored) if stored else None) or read_row(token)
    if found is None:
        raise Unknown("There is no such snapshot, or it has expired")
    return found


def simplify(snapshot: dict[str, Any]) -> dict[str, Any]:
    """Return a snapshot as version 1 has it: ``{nodes: [{id, type}], center: {id, type}, created_at}``."""
    return {
        "nodes": [make_plain(each) for each in snapshot["nodes"]],
        "center": make_plain(snapshot["center"]),
        "created_at": snapshot["created_at"],
    }


def make_plain(entity: dict[str, Any]) -> dict[str, Any]:
    """Return id and type of an entity."""
    return {name: entity[name] for name in ("id", "type")}


def add_names(snapshot: dict[str, Any]) -> dict[str, Any]:
    """Return a snapshot in which every entity has a ``name``: as shared, else as the graph has it, else its id."""
    nameless: dict[str, set[str]] = {}
    for each in (*snapshot["nodes"], snapshot["center"]):
        if not each.get("name"):
            nameless.setdefault(each["type"], set()).add(each["id"])
    names = {(kind, id_): name for kind, ids in nameless.items() for id_, name in find_names(kind, ids).items()}

    def name(entity: dict[str, Any]) -> dict[str, Any]:
        key = (entity["type"], entity["id"])
        return {**entity, "name": entity.get("name") or names.get(key) or entity["id"]}

    return {**snapshot, "nodes": [name(each) for each in snapshot["nodes"]], "center": name(snapshot["center"])}


def find_names(kind: str, ids: Iterable[str]) -> dict[str, str]:
    """Return id → name of entities; those that the graph does not have are left out."""
    if kind == "release":
        return {id_: name for id_, name, _ in expanding.list_releases(ids)}
    return expanding.get_names(kind, sorted(ids))


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
