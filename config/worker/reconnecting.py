"""A worker survives losing its Redis or Valkey in the middle of a task.

Kombu uses a lost connection after it has dropped the server's address: to return unfinished messages when it closes the
connection a second time, and to acknowledge a task that ends later. That raises AttributeError, which nothing
handles, and the worker exits (https://github.com/celery/kombu/issues/582). Here it is a lost connection instead.

Still so in kombu 5.7. Needless once kombu raises that itself: tests/unit/config/worker/test_patches.py fails then.
"""

from __future__ import annotations

from typing import Any

from kombu.transport import redis
from redis.exceptions import ConnectionError as LostConnectionError


class Channel(redis.Channel):
    """A channel that knows when its connection is lost."""

    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002 - it overrides one
        if self.connection is None or self.connection.client is None:
            raise LostConnectionError("The connection was lost")
        return super()._connparams(asynchronous)  # type: ignore[no-any-return,no-untyped-call]


def install() -> None:
    """Let every connection to Redis use it."""
    redis.Transport.Channel = Channel
