"""The load of each queue: messages waiting in the broker, and work in progress by the ledger."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q
from kombu.connection import Connection

from apps.ingest.feed import broker, queues
from apps.ingest.models import ENDED, Chunk, DumpFile, FileState, Run, RunState

TIMEOUT_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Backlog:
    """One queue: messages that no worker took yet, and its consumers; None unless the broker is RabbitMQ."""

    ready: int
    consumers: int | None


def measure_queues() -> dict[str, Backlog]:
    """Ask the broker about every queue of the tasks; a queue that does not exist yet is empty."""
    # Redis and Valkey know no consumers: a worker is only a client that reads a list.
    tells_consumers = queues.is_rabbitmq(settings.CELERY_BROKER_URL)
    with broker.connect(TIMEOUT_SECONDS) as connection:
        return {
            queue.name: measure_queue(connection, queue.name, tells_consumers) for queue in settings.CELERY_TASK_QUEUES
        }


def measure_queue(connection: Connection, name: str, tells_consumers: bool) -> Backlog:  # noqa: FBT001 - one caller
    """Ask about one queue, on a channel of its own: RabbitMQ closes the channel if the queue does not exist."""
    with connection.channel() as channel:
        try:
            found = channel.queue_declare(queue=name, passive=True)
        except connection.channel_errors:
            return Backlog(0, 0 if tells_consumers else None)
    return Backlog(found.message_count, found.consumer_count if tells_consumers else None)


def find_working_queues() -> set[str]:
    """Return the queues with work in progress, by the ledger."""
    # The broker says how many messages wait, not whether a worker is busy with one that it took. The ledger does: an
    # attempt is counted when a stage begins and set to 0 when it ends.
    begun = Chunk.objects.filter(attempts__gt=0, failed_stage="").exclude(file__run__state__in=ENDED)
    splitting = DumpFile.objects.filter(state=FileState.LOADING, split_at__isnull=True)
    stages = {
        "extractor": begun.filter(extracted_at__isnull=True),
        "tableinator": begun.filter(extracted_at__isnull=False, tabled_at__isnull=True),
        "graphinator": begun.filter(
            Q(graphed_at__isnull=True) | Q(linked_at__isnull=True, file__run__state=RunState.LINKING),
            tabled_at__isnull=False,
        ),
        "maintenance": Run.objects.filter(state=RunState.MAINTAINING),
    }
    found = {name for name, rows in stages.items() if rows.exists()}
    return found | {"extractor"} if splitting.exclude(run__state__in=ENDED).exists() else found
