"""Snapshots of what somebody has explored, in Redis, under a token that whoever has it may open.

``snapshot:TOKEN`` holds ``{"nodes": [{"id", "type"}], "center": {"id", "type"}, "created_at"}`` as JSON.

Contract: docs/contract/rest.md#snapshots.
"""

from __future__ import annotations

from typing import Any

import orjson

from apps.api import store
from apps.api.errors import NOT_READY, NotAvailable

KEY = "snapshot:{token}"
FIELDS = {"nodes", "center", "created_at"}
# Nobody's snapshot: what is told apart from there being none.
UNKNOWN = b""


def find_snapshot(token: str) -> dict[str, Any] | None:
    """Return the snapshot of a token, None if there is none or it has expired.

    Raises:
        NotAvailable: Redis does not answer.
    """
    stored: bytes | None = store.attempt(lambda client: client.get(KEY.format(token=token)) or UNKNOWN, None)
    if stored is None:
        raise NotAvailable(NOT_READY)
    return parse_snapshot(stored)


def parse_snapshot(stored: bytes) -> dict[str, Any] | None:
    """Return a snapshot; what is no JSON of one is none."""
    try:
        found = orjson.loads(stored)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) and found.keys() >= FIELDS else None
