"""How a worker reads its messages: those that it cannot read are not lost (RabbitMQ).

Celery acknowledges a message that cannot be decoded, and it is gone. Refused, it goes to the dead-letter exchange, as
an unknown task does. The exchange must be there before, or RabbitMQ drops what goes to it: so it is declared with
every connection of a worker.
"""

from __future__ import annotations

import logging
from typing import Any

from celery import bootsteps
from celery.worker import consumer
from django.conf import settings

from apps.ingest.feed import queues

logger = logging.getLogger("tasks.consuming")


class Consumer(consumer.Consumer):  # type: ignore[misc] # Celery has no types
    """A consumer that refuses what it cannot read."""

    def on_decode_error(self, message: Any, exc: Exception) -> None:
        """Refuse a message whose content cannot be decoded."""
        logger.error("a message cannot be read and is refused: %s", exc)
        message.reject()


class DeclareDeadLetters(bootsteps.StartStopStep):  # type: ignore[misc] # Celery has no types
    """Declares the dead-letter exchange and its queue, where the broker has them."""

    requires = ("celery.worker.consumer.connection:Connection",)

    def start(self, parent: Any) -> None:
        """Declare them by the connection that the worker has just made."""
        if queues.is_rabbitmq(settings.CELERY_BROKER_URL):
            queues.dead_letters().bind(parent.connection.default_channel).declare()  # type: ignore[no-untyped-call]
