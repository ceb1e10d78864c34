"""Connections to the broker for whatever is not a task: the feed, and who asks how much is waiting."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from kombu.connection import Connection
from kombu.entity import Exchange
from kombu.messaging import Producer

from apps.ingest.feed import queues

# Messages that RabbitMQ may have without having confirmed them: waiting for each one alone would be much slower.
WINDOW = 1000


@contextmanager
def connect(timeout_seconds: float) -> Iterator[Connection]:
    """Open a connection to the broker of the tasks that waits no longer than this for any answer.

    What it raises when the broker is away are the ``connection_errors`` and ``channel_errors`` of the connection.
    """
    url = settings.CELERY_BROKER_URL
    if queues.is_rabbitmq(url):
        options = {"read_timeout": timeout_seconds, "write_timeout": timeout_seconds}
    else:
        options = {"socket_timeout": timeout_seconds, "socket_connect_timeout": timeout_seconds}
    with Connection(url, connect_timeout=timeout_seconds, transport_options=options) as connection:
        # Without this, the first use would try again without end.
        connection.ensure_connection(max_retries=1, interval_start=0, timeout=timeout_seconds)
        yield connection


class RefusedError(OSError):
    """RabbitMQ did not take a message that was sent to it."""


class Publisher:
    """Sends messages in JSON, and knows when the broker has them.

    RabbitMQ confirms what it has, in any order and several at a time; Redis and Valkey answer when they have it.
    """

    def __init__(self, connection: Connection, timeout_seconds: float) -> None:
        self.connection = connection
        self.timeout_seconds = timeout_seconds
        self.channel = connection.channel()
        self.producer = Producer(self.channel)
        self.confirms = queues.is_rabbitmq(settings.CELERY_BROKER_URL)
        self.sent = 0
        self.unconfirmed: set[int] = set()
        if self.confirms:
            self.channel.events["basic_ack"].add(self.confirm)
            self.channel.events["basic_nack"].add(self.refuse)
            self.channel.confirm_select()

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Send what the block sends; when it has ended without an error, the broker has all of it."""
        with self.producer.batch():
            yield
        self.settle()

    def send(self, exchange: Exchange, content: bytes) -> None:
        """Send one message, in a batch."""
        self.producer.publish(
            content, exchange=exchange, routing_key="", content_type="application/json", content_encoding="utf-8"
        )
        if self.confirms:
            self.sent += 1
            self.unconfirmed.add(self.sent)
            if len(self.unconfirmed) >= WINDOW:
                self.settle()

    def settle(self) -> None:
        """Wait until everything sent is confirmed.

        Raises:
            OSError: RabbitMQ refused one, or said nothing for ``timeout_seconds``.
        """
        while self.unconfirmed:
            self.connection.drain_events(timeout=self.timeout_seconds)

    def confirm(self, tag: int, multiple: bool) -> None:  # noqa: FBT001 - py-amqp calls it
        """Take note of a confirmed message, with ``multiple`` of all up to it."""
        self.unconfirmed -= {each for each in self.unconfirmed if each <= tag} if multiple else {tag}

    def refuse(self, tag: int, _: bool) -> None:  # noqa: FBT001
        """Raise because of a message that RabbitMQ did not take."""
        raise RefusedError(f"RabbitMQ refused message {tag}: is its disk or memory full?")
