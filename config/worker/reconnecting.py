"""Keeps a worker alive that loses its Redis or Valkey in the middle of a task.

Kombu 5.7 goes on using a lost connection after it has forgotten the server's address: to give back unfinished messages
when it closes it a second time, and to acknowledge a task that ends later. That is an AttributeError, which nobody
expects, and the worker ends. As an error of the connection, which it is, it is taken for what it is.
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
