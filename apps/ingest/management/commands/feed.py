"""``manage.py feed tail``: follow the feed, and an example of how a program does so."""

from __future__ import annotations

import uuid
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from kombu.connection import Connection
from kombu.entity import Queue
from kombu.exceptions import OperationalError as BrokerError
from kombu.message import Message
from kombu.messaging import Consumer

from apps.ingest import feed

SOURCE = "discogs"
WAIT_SECONDS = 1


class Command(BaseCommand):
    """Print the messages of the feed as they come."""

    shown = 0
    help = "Follow the feed: print every message as a line of JSON, until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the action and what to follow."""
        parser.add_argument("action", choices=("tail",), help="tail: from now on")
        parser.add_argument(
            "--type",
            action="append",
            choices=feed.TYPES[SOURCE],
            dest="types",
            help="only this type; may be given more than once",
        )
        parser.add_argument("--limit", type=int, help="end after so many messages")

    def handle(self, *args: Any, types: list[str] | None, limit: int | None, **options: Any) -> None:  # noqa: ARG002
        """Follow until Ctrl-C, or until the limit is reached."""
        errors: tuple[type[BaseException], ...] = (BrokerError, OSError)
        try:
            with Connection(settings.CELERY_BROKER_URL, connect_timeout=feed.TIMEOUT_SECONDS) as connection:
                errors += connection.connection_errors
                connection.ensure_connection(max_retries=1)
                self.tail(connection, types or feed.TYPES[SOURCE], limit)
        except errors as error:
            raise CommandError(f"The broker is away ({error}): start it, then follow the feed again") from error

    def tail(self, connection: Connection, types: Any, limit: int | None) -> None:
        """Print messages from a queue that is there for this program alone and goes with it."""
        name = f"feed-tail-{uuid.uuid4()}"
        feed.declare(connection)
        queues = [
            Queue(f"{name}-{each}", feed.exchange(SOURCE, each), exclusive=True, auto_delete=True, durable=False)
            for each in types
        ]
        with Consumer(connection.channel(), queues, on_message=self.show, accept=["application/json"]):
            self.stderr.write(f"Following {', '.join(each.exchange.name for each in queues)}")
            while limit is None or self.shown < limit:
                with suppress(TimeoutError):
                    connection.drain_events(timeout=WAIT_SECONDS)

    def show(self, message: Message) -> None:
        """Print one message; it is a line of JSON as it is."""
        body = message.body
        self.stdout.write(body.decode() if isinstance(body, bytes) else body)
        self.stdout.flush()
        message.ack()
        self.shown += 1
