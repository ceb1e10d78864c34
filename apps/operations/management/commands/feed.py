"""``manage.py feed tail``: follow the feed. Also an example of a program that follows it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from contextlib import suppress
from itertools import chain
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from kombu.connection import Connection
from kombu.entity import Exchange, Queue
from kombu.exceptions import OperationalError as BrokerError
from kombu.message import Message
from kombu.messaging import Consumer

from apps.ingest.feed import publishing
from apps.ingest.models import RecordType, Source
from apps.ingest.sources.registry import DUMPS

WAIT_SECONDS = 1


class Command(BaseCommand):
    """Print the messages of the feed as they arrive."""

    shown = 0
    help = "Follow the feed: print every message as a line of JSON, until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the action, the source, the types and the limit."""
        parser.add_argument("action", choices=("tail",), help="tail: from now on")
        parser.add_argument("--source", choices=Source.values, help="whose records; without it those of all sources")
        parser.add_argument(
            "--type",
            action="append",
            choices=RecordType.values,
            dest="types",
            help="only this type; may be given more than once",
        )
        parser.add_argument("--limit", type=int, help="end after so many messages")

    def handle(
        self,
        *args: Any,  # noqa: ARG002
        source: str | None,
        types: list[str] | None,
        limit: int | None,
        **options: Any,  # noqa: ARG002
    ) -> None:
        """Follow the feed until Ctrl-C, or until the limit is reached."""
        followed = {each: DUMPS[each].types for each in ([source] if source else Source.values)}
        known = list(dict.fromkeys(chain.from_iterable(followed.values())))
        if not set(types or ()) <= set(known):
            raise CommandError(f"--type: give some of {','.join(known)}", returncode=2)
        exchanges = [
            publishing.exchange(each, record_type)
            for each, of_source in followed.items()
            for record_type in of_source
            if record_type in (types or known)
        ]
        errors: tuple[type[BaseException], ...] = (BrokerError, OSError)
        try:
            with Connection(settings.CELERY_BROKER_URL, connect_timeout=publishing.TIMEOUT_SECONDS) as connection:
                errors += connection.connection_errors
                connection.ensure_connection(max_retries=1)
                self.tail(connection, exchanges, limit)
        except errors as error:
            raise CommandError(f"The broker is away ({error}): start it, then follow the feed again") from error

    def tail(self, connection: Connection, exchanges: Sequence[Exchange], limit: int | None) -> None:
        """Print messages from queues of this program alone, which the broker deletes when the program ends."""
        name = f"feed-tail-{uuid.uuid4()}"
        publishing.declare(connection)
        queues = [
            Queue(f"{name}-{each.name}", each, exclusive=True, auto_delete=True, durable=False) for each in exchanges
        ]
        with Consumer(connection.channel(), queues, on_message=self.show, accept=["application/json"]):
            self.stderr.write(f"Following {', '.join(each.exchange.name for each in queues)}")
            while limit is None or self.shown < limit:
                with suppress(TimeoutError):
                    connection.drain_events(timeout=WAIT_SECONDS)

    def show(self, message: Message) -> None:
        """Print one message, whose body is a line of JSON already, and acknowledge it."""
        body = message.body
        self.stdout.write(body.decode() if isinstance(body, bytes) else body)
        self.stdout.flush()
        message.ack()
        self.shown += 1
