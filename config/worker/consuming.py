"""Make a worker reject messages that it cannot read, so that RabbitMQ keeps them.

Celery acknowledges a message that cannot be decoded (https://github.com/celery/celery/pull/5044), so the message is
lost. A rejected one goes to the dead-letter exchange, like the message of an unknown task. RabbitMQ drops dead letters
while that exchange does not exist, so every connection of a worker declares it.

Still so in Celery 5.7. Needless once Celery rejects such messages: tests/unit/config/worker/test_patches.py fails then.
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
    """A consumer that rejects messages which it cannot read."""

    def on_decode_error(self, message: Any, exc: Exception) -> None:
        """Reject a message that cannot be decoded."""
        logger.error("a message cannot be read and is refused: %s", exc)
        message.reject()


class DeclareDeadLetters(bootsteps.StartStopStep):  # type: ignore[misc] # Celery has no types
    """Declares the dead-letter exchange and its queue on RabbitMQ."""

    requires = ("celery.worker.consumer.connection:Connection",)

    def start(self, parent: Any) -> None:
        """Declare both on the connection that the worker has just opened."""
        if queues.is_rabbitmq(settings.CELERY_BROKER_URL):
            queues.dead_letters().bind(parent.connection.default_channel).declare()  # type: ignore[no-untyped-call]
