"""Make a worker survive the loss of its Redis or Valkey in the middle of a task.

After a connection is lost, kombu forgets the server's address but uses the connection again: to return unfinished
messages when it closes the connection a second time, and to acknowledge a task that ends later. That raises an
AttributeError, which nothing handles, and the worker exits (https://github.com/celery/kombu/issues/582). This patch
raises the error of a lost connection instead.

Still so in kombu 5.7. Needless once kombu raises that itself: tests/unit/config/worker/test_patches.py fails then.
"""

from __future__ import annotations

from typing import Any

from kombu.transport import redis
from redis.exceptions import ConnectionError as LostConnectionError


class Channel(redis.Channel):
    """A channel that raises ``LostConnectionError`` once its connection is lost."""

    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002 - it overrides one
        if self.connection is None or self.connection.client is None:
            raise LostConnectionError("The connection was lost")
        return super()._connparams(asynchronous)  # type: ignore[no-any-return,no-untyped-call]


def install() -> None:
    """Make every connection to Redis use this channel."""
    redis.Transport.Channel = Channel
