"""Move the messages of RabbitMQ's dead-letter queue into the ledger."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from celery import current_app
from kombu.connection import Connection
from kombu.message import Message

from apps.ingest.feed import queues
from apps.ingest.runs import dead_letters
from apps.ingest.runs.dead_letters import DeadMessage

logger = logging.getLogger(__name__)

MESSAGES_A_ROUND = 1000
EXCERPT_CHARACTERS = 2000
# Celery's queues for delayed delivery. A message that waited there has expired there, and RabbitMQ notes that as a
# death as well.
DELAYED = "celery_delayed_"
EXPIRED = "expired"
LARGEST_KEY = 2**63 - 1


def collect(broker: Connection) -> int:
    """Turn waiting messages into dead letters, a thousand at most; return their number.

    Expired messages are acknowledged and not stored. The others are acknowledged after their row is written; a
    redelivery updates the same row.
    """
    queue = queues.dead_letters().bind(broker.default_channel)
    queue.declare()
    collected = 0
    while collected < MESSAGES_A_ROUND and (message := queue.get()) is not None:
        # An expired message was meant to go: for example, a round of the watchdog that no worker took in time.
        if death(message.headers or {})[1] != EXPIRED:
            dead_letters.record_message(read(message))
            collected += 1
        message.ack()
    if collected:
        logger.warning("%s messages died in the broker: see the dead letters", collected)
    return collected


def read(message: Message) -> DeadMessage:
    """Return the content of a message. It may be damaged or of another program, so no header and no body is trusted."""
    headers: Mapping[str, Any] = message.headers or {}
    body = message.body if isinstance(message.body, bytes) else str(message.body).encode()
    queue, reason = death(headers)
    task = str(headers.get("task") or "")
    about = getattr(current_app.tasks.get(task), "about", "")
    return DeadMessage(
        id=str(headers.get("id") or hashlib.sha256(body).hexdigest())[:64],
        task=task.rpartition(".")[2] or "unreadable",
        queue=queue,
        error=f"the broker gave the message up: {reason} in {queue or 'an unknown queue'}",
        about=about,
        pk=key(body) if about else None,
        excerpt=body[:EXCERPT_CHARACTERS].decode(errors="replace").replace("\0", ""),
    )


def death(headers: Mapping[str, Any]) -> tuple[str, str]:
    """Return (queue, reason) of a message's death from the header ``x-death``, whose first entry is the latest."""
    notes = headers.get("x-death")
    for note in notes if isinstance(notes, Sequence) else ():
        queue = str(note.get("queue") or "") if isinstance(note, Mapping) else ""
        if queue and not queue.startswith(DELAYED):
            return queue[:50], str(note.get("reason") or "unknown")
    return "", "unknown"


def key(body: bytes) -> int | None:
    """Return the task's single argument, the key of a row; None if the body is no message of our tasks."""
    try:
        pk = orjson.loads(body)[0][0]
    except (ValueError, TypeError, LookupError):
        return None
    # The exact type, since a bool is an int as well.
    return pk if type(pk) is int and 0 < pk <= LARGEST_KEY else None
