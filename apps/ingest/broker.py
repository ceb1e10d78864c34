"""Connections to the broker for whatever is not a task: the feed, and who asks how much is waiting."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from kombu.connection import Connection

from config import queues


@contextmanager
def connect(timeout_seconds: float) -> Iterator[Connection]:
    """Open a connection to the broker of the tasks that waits no longer than this for any answer.

    What it raises when the broker is away are the ``connection_errors`` and ``channel_errors`` of the connection.
    """
    url = settings.CELERY_BROKER_URL
    if queues.is_rabbitmq(url):
        # Every message is confirmed: what was published is with the broker, or an error is raised.
        options = {"confirm_publish": True, "read_timeout": timeout_seconds, "write_timeout": timeout_seconds}
    else:
        options = {"socket_timeout": timeout_seconds, "socket_connect_timeout": timeout_seconds}
    with Connection(url, connect_timeout=timeout_seconds, transport_options=options) as connection:
        # Without this, the first use would try again without end.
        connection.ensure_connection(max_retries=1, interval_start=0, timeout=timeout_seconds)
        yield connection
