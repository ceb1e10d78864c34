"""Snapshots of an exploration, in Redis, each under a token: a client that has the token may read it.

``snapshot:TOKEN`` holds ``{"nodes": [{"id", "type"}], "center": {"id", "type"}, "created_at"}`` as JSON.

Contract: docs/contract/rest.md#snapshots.
"""

from __future__ import annotations

from typing import Any

import orjson
from rest_framework.exceptions import NotFound

from apps.api import caching
from apps.api.responses import NOT_READY, NotAvailable

KEY = "snapshot:{token}"
FIELDS = {"nodes", "center", "created_at"}
# What Redis returns for an unknown token, to tell it from Redis being away.
UNKNOWN = b""


def get_snapshot(token: str) -> dict[str, Any]:
    """Return the snapshot of a token.

    Raises:
        NotFound: there is none, or it has expired.
        NotAvailable: Redis does not answer.
    """
    stored: bytes | None = caching.call_redis(lambda client: client.get(KEY.format(token=token)) or UNKNOWN, None)
    if stored is None:
        raise NotAvailable(NOT_READY)
    found = parse_snapshot(stored)
    if found is None:
        raise NotFound("There is no such snapshot, or it has expired")
    return found


def parse_snapshot(stored: bytes) -> dict[str, Any] | None:
    """Return a snapshot; None if the text is not the JSON of one."""
    try:
        found = orjson.loads(stored)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) and found.keys() >= FIELDS else None
