"""Connections to the broker that do not go through Celery: for the feed, and to count waiting messages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from kombu.connection import Connection
from kombu.entity import Exchange
from kombu.messaging import Producer

from apps.ingest.feed import queues

# The most messages that RabbitMQ has not confirmed yet. Waiting for each confirmation alone would be much slower.
WINDOW = 1000


@contextmanager
def connect(timeout_seconds: float) -> Iterator[Connection]:
    """Open a connection to the broker of the tasks. No answer is waited for longer than ``timeout_seconds``.

    If the broker is away, the connection raises one of its ``connection_errors`` or ``channel_errors``.
    """
    url = settings.CELERY_BROKER_URL
    if queues.is_rabbitmq(url):
        options = {"read_timeout": timeout_seconds, "write_timeout": timeout_seconds}
    else:
        options = {"socket_timeout": timeout_seconds, "socket_connect_timeout": timeout_seconds}
    with Connection(url, connect_timeout=timeout_seconds, transport_options=options) as connection:
        # Without this, kombu would retry without end at the first use of the connection.
        connection.ensure_connection(max_retries=1, interval_start=0, timeout=timeout_seconds)
        yield connection


class RefusedError(OSError):
    """RabbitMQ refused a message."""


class Publisher:
    """Sends messages in JSON and waits until the broker has them.

    RabbitMQ confirms messages asynchronously, in any order and several at a time. Redis and Valkey answer each command,
    so nothing remains to be waited for.
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
        """Send the messages of the block. If it ends without an error, the broker has all of them."""
        with self.producer.batch():
            yield
        self.settle()

    def send(self, exchange: Exchange, content: bytes) -> None:
        """Send one message; only to be called inside ``batch``."""
        self.producer.publish(
            content, exchange=exchange, routing_key="", content_type="application/json", content_encoding="utf-8"
        )
        if self.confirms:
            self.sent += 1
            self.unconfirmed.add(self.sent)
            if len(self.unconfirmed) >= WINDOW:
                self.settle()

    def settle(self) -> None:
        """Wait until every message is confirmed.

        Raises:
            OSError: RabbitMQ refused a message, or was silent for ``timeout_seconds``.
        """
        while self.unconfirmed:
            self.connection.drain_events(timeout=self.timeout_seconds)

    def confirm(self, tag: int, multiple: bool) -> None:  # noqa: FBT001 - py-amqp calls it
        """Handle RabbitMQ's confirmation of message ``tag``, or with ``multiple`` of all messages up to it."""
        self.unconfirmed -= {each for each in self.unconfirmed if each <= tag} if multiple else {tag}

    def refuse(self, tag: int, _: bool) -> None:  # noqa: FBT001
        """Handle RabbitMQ's refusal of message ``tag`` by raising ``RefusedError``."""
        raise RefusedError(f"RabbitMQ refused message {tag}: is its disk or memory full?")
