"""The feed: messages about changes of the catalogue, for other programs (docs/contract/data.md#feed-messages).

There are eight fanout exchanges, one for each source and type. Only committed changes are published: the ledger says
what is due, and ``fed_at`` of a chunk, file or run is set once the broker has all of its messages. So every message is
delivered at least once, whichever process dies in between, and loading never waits for the feed (decision 40).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.db.models import Max, Q, QuerySet
from django.db.models.functions import Now
from kombu.connection import Connection
from kombu.entity import Exchange
from kombu.exceptions import OperationalError as BrokerError

from apps.ingest.errors import FeedError
from apps.ingest.feed import broker
from apps.ingest.feed.broker import Publisher
from apps.ingest.models import Chunk, DumpFile, FileState, RemovedEntity, Run
from apps.ingest.progress import summaries
from apps.ingest.progress.summaries import Summary
from apps.ingest.sources.registry import DUMPS

TIMEOUT_SECONDS = 30
# Chunks of one call, some 50,000 records. The worker is free for other tasks within a minute.
SLICE_CHUNKS = 25
# A stage that was running when its run was cancelled may still commit afterwards.
LATE = timedelta(hours=1)

# Reads back what a chunk wrote to its table: (id, SHA-256 in hex, JSON) of each record.
WrittenBy = Callable[[Chunk], Iterable[tuple[str, str, str]]]
Message = dict[str, Any]


def exchange(source: str, record_type: str) -> Exchange:
    """Return the exchange of a source's type. The exchange is durable and its messages are persistent."""
    prefixes = {"discogs": settings.DISCOGS_EXCHANGE_PREFIX, "musicbrainz": settings.MUSICBRAINZ_EXCHANGE_PREFIX}
    return Exchange(f"{prefixes[source]}-{record_type}", type="fanout", durable=True, delivery_mode="persistent")


def declare(connection: Connection) -> None:
    """Declare all exchanges of the feed; those that exist stay as they are."""
    with connection.channel() as channel:
        for source, dumps in DUMPS.items():
            for record_type in dumps.types:
                exchange(source, record_type).bind(channel).declare()


def is_due(run: Run) -> bool:
    """Tell whether a run has messages to publish, or is over, so that ``fed_at`` can be set."""
    return due_files(run).exists() or due_chunks(run).exists() or is_over(run)


def due_chunks(run: Run) -> QuerySet[Chunk]:
    """Return the chunks whose records are in their table and not yet in the feed, in the order of their keys."""
    if not run.feeds_records:
        return Chunk.objects.none()
    chunks = Chunk.objects.filter(file__run=run, tabled_at__isnull=False, fed_at__isnull=True)
    # With ``rewrite``, unchanged records are written too, and so they are due as well.
    written = Q() if run.rewrite else Q(new__gt=0) | Q(changed__gt=0)
    return chunks.filter(written).select_related("file__run").order_by("pk")


def due_files(run: Run) -> QuerySet[DumpFile]:
    """Return the complete files that are not yet in the feed. A file without a path is the rebuild of the graph."""
    return run.files.filter(state=FileState.COMPLETED, fed_at__isnull=True).exclude(path="").order_by("pk")


def is_extracted(run: Run) -> bool:
    """Tell whether every file of a run is complete."""
    states = set(run.files.values_list("state", flat=True))
    return states == {FileState.COMPLETED}


def is_over(run: Run) -> bool:
    """Tell whether the run's files will bring no more messages."""
    return is_extracted(run) or bool(run.completed_at and run.completed_at < datetime.now(UTC) - LATE)


def publish(run: Run, written_by: WrittenBy) -> bool:
    """Publish the messages that are due for a run; return False if this was one slice and more is due.

    The caller holds a lock, so that only one process publishes at a time.

    Raises:
        FeedError: The broker did not take all messages; the others stay due.
    """
    # The files are read before the chunks: a file that completes meanwhile may have chunks that were not due yet, and
    # its file_complete must come after their messages.
    files = list(due_files(run))
    with open_publisher() as publisher:
        for chunk in due_chunks(run)[:SLICE_CHUNKS]:
            # Published first, marked second: if the process dies in between, the chunk is published twice, not lost.
            publish_all(publisher, chunk.file, (data(*record) for record in written_by(chunk)))
            Chunk.objects.filter(pk=chunk.pk).update(fed_at=Now())
        if due_chunks(run).exists():
            return False
        for file in files:
            if run.feeds_records:
                publish_all(publisher, file, removals(file))
            publish_all(publisher, file, [file_complete(file)])
            DumpFile.objects.filter(pk=file.pk).update(fed_at=Now())
        if is_over(run):
            publish_end(publisher, run)
    return True


def publish_end(publisher: Publisher, run: Run) -> None:
    """Publish ``extraction_complete`` if all files of the run are complete, and set the run's ``fed_at``."""
    if is_extracted(run) and run.files.exclude(path="").exists():
        message = extraction_complete(run)
        with publisher.batch():
            for record_type in DUMPS[run.source].types:
                publisher.send(exchange(run.source, record_type), orjson.dumps(message))
    Run.objects.filter(pk=run.pk).update(fed_at=Now())


@contextmanager
def open_publisher() -> Iterator[Publisher]:
    """Open a publisher and declare every exchange; an error of the broker becomes a ``FeedError``."""
    # The connection knows the errors of its transport only once it is open.
    errors: tuple[type[BaseException], ...] = (BrokerError, OSError)
    try:
        with broker.connect(TIMEOUT_SECONDS) as connection:
            errors += (*connection.connection_errors, *connection.channel_errors)
            declare(connection)
            yield Publisher(connection, TIMEOUT_SECONDS)
    except errors as error:
        raise FeedError(f"The broker did not take the feed ({error!r}): it is told again later") from error


def publish_all(publisher: Publisher, file: DumpFile, messages: Iterable[Message]) -> None:
    """Send messages about a file to the exchange of its type, and wait until the broker has them."""
    target = exchange(file.run.source, file.type)
    with publisher.batch():
        for message in messages:
            publisher.send(target, orjson.dumps(message))


def data(record_id: str, content_hash: str, record: str) -> Message:
    """Return the message of a new or changed record: the keys of the envelope and those of the record's JSON."""
    # The envelope comes twice: first for the order of the keys, last so that its values win over the record's.
    envelope = {"type": "data", "id": record_id, "sha256": content_hash}
    return {**envelope, **orjson.loads(record), **envelope}


def removals(file: DumpFile) -> Iterator[Message]:
    """Yield one message for each record that the purge of this file deleted."""
    gone = RemovedEntity.objects.filter(chunk__file=file, purged_at__isnull=False).order_by("data_id", "mbid")
    for data_id, mbid in gone.values_list("data_id", "mbid").iterator():
        yield {"type": "removed", "id": str(data_id or mbid)}


def file_complete(file: DumpFile) -> Message:
    """Return the ``file_complete`` message: all records of the file are in their table."""
    summary = summaries.summarise_files([file])[file.pk]
    return {
        "type": "file_complete",
        "data_type": file.type,
        "file": Path(file.path).name,
        "total_processed": summary.records,
        "timestamp": timestamp(file.completed_at or datetime.now(UTC)),
        "run_id": file.run_id,
        "source": file.run.source,
        "published": count_published(file.run, summary),
        **{name: getattr(summary, name) for name in ("new", "changed", "unchanged", "skipped", "dropped", "removed")},
        "batches": summary.chunks,
    }


def extraction_complete(run: Run) -> Message:
    """Return the ``extraction_complete`` message: all files of the run are complete. Repeated calls give the same."""
    found = summaries.summarise_run(run)
    total = summaries.add_up(found.values())
    ended = run.files.aggregate(last=Max("completed_at"))["last"]
    return {
        "type": "extraction_complete",
        "version": run.version,
        "started_at": timestamp(run.started_at),
        "timestamp": timestamp(ended or datetime.now(UTC)),
        "record_counts": {record_type: summary.records for record_type, summary in found.items()},
        "run_id": run.pk,
        "source": run.source,
        "published": count_published(run, total),
        "skipped": total.skipped,
        "batches": total.chunks,
    }


def count_published(run: Run, summary: Summary) -> int:
    """Return the number of ``data`` messages, without duplicates; 0 if the run does not publish records."""
    if not run.feeds_records:
        return 0
    written = summary.new + summary.changed + (summary.unchanged if run.rewrite else 0)
    return max(written - summary.dead, 0)


def timestamp(moment: datetime) -> str:
    """Format a time as ``2026-06-05T12:45:23.456Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
