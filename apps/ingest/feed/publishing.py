"""The feed: what happens to the catalogue, for programs that want to follow it (docs/contract/data.md#feed-messages).

Eight fanout exchanges, one for each source and type. What is told is committed already: the ledger says what is due,
and ``fed_at`` of a chunk, file or run is set when the broker has all that there was to tell of it. So every message is
sent at least once, whatever dies in between, and loading never waits for the feed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.db.models import Max, Q, QuerySet, Sum
from django.db.models.functions import Now
from kombu.connection import Connection
from kombu.entity import Exchange
from kombu.exceptions import OperationalError as BrokerError

from apps.ingest.errors import FeedError
from apps.ingest.feed import broker
from apps.ingest.feed.broker import Publisher
from apps.ingest.models import Chunk, DumpFile, FileState, RemovedEntity, Run
from apps.ingest.sources.registry import DUMPS

TIMEOUT_SECONDS = 30
# Chunks of one call: some 50,000 records, so that whoever calls is free again within a minute.
SLICE_CHUNKS = 25
# A stage that had begun when its run was cancelled may commit a little later.
LATE = timedelta(hours=1)
COUNTS = ("records", "new", "changed", "unchanged", "skipped", "dropped", "dead")

# What a chunk wrote into its table: (id, SHA-256 in hex, JSON) of each record.
WrittenBy = Callable[[Chunk], Iterable[tuple[str, str, str]]]
Message = dict[str, Any]


def exchange(source: str, record_type: str) -> Exchange:
    """Return the exchange of a source's type, durable and with messages that RabbitMQ keeps on disk."""
    prefixes = {"discogs": settings.DISCOGS_EXCHANGE_PREFIX, "musicbrainz": settings.MUSICBRAINZ_EXCHANGE_PREFIX}
    return Exchange(f"{prefixes[source]}-{record_type}", type="fanout", durable=True, delivery_mode="persistent")


def declare(connection: Connection) -> None:
    """Make the exchanges that the broker has not."""
    with connection.channel() as channel:
        for source, dumps in DUMPS.items():
            for record_type in dumps.types:
                exchange(source, record_type).bind(channel).declare()


def is_due(run: Run) -> bool:
    """Tell whether there is something to tell of a run, or nothing ever will be."""
    return due_files(run).exists() or due_chunks(run).exists() or is_over(run)


def due_chunks(run: Run) -> QuerySet[Chunk]:
    """Return the chunks whose records are in their table and not yet in the feed, in order."""
    if not run.feeds_records:
        return Chunk.objects.none()
    chunks = Chunk.objects.filter(file__run=run, tabled_at__isnull=False, fed_at__isnull=True)
    # A run that rewrites writes unchanged records too.
    written = Q() if run.rewrite else Q(new__gt=0) | Q(changed__gt=0)
    return chunks.filter(written).select_related("file__run").order_by("pk")


def due_files(run: Run) -> QuerySet[DumpFile]:
    """Return the files that are complete and not yet told of. A rebuilt graph comes from no file."""
    return run.files.filter(state=FileState.COMPLETED, fed_at__isnull=True).exclude(path="").order_by("pk")


def is_extracted(run: Run) -> bool:
    """Tell whether every file of a run is complete."""
    states = set(run.files.values_list("state", flat=True))
    return states == {FileState.COMPLETED}


def is_over(run: Run) -> bool:
    """Tell whether nothing more will come of a run's files."""
    return is_extracted(run) or bool(run.completed_at and run.completed_at < datetime.now(UTC) - LATE)


def publish(run: Run, written_by: WrittenBy) -> bool:
    """Tell what is due of a run; return False if that was one slice of it and more is due.

    To be called by one at a time.

    Raises:
        FeedError: The broker did not take it all; what was not taken stays due.
    """
    # Asked for first: a file may complete while its last chunks are told of.
    files = list(due_files(run))
    with opened() as publisher:
        for chunk in due_chunks(run)[:SLICE_CHUNKS]:
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
    """Tell that all of a run is extracted, if that is so, and close its account."""
    if is_extracted(run) and run.files.exclude(path="").exists():
        message = extraction_complete(run)
        with publisher.batch():
            for record_type in DUMPS[run.source].types:
                publisher.send(exchange(run.source, record_type), orjson.dumps(message))
    Run.objects.filter(pk=run.pk).update(fed_at=Now())


@contextmanager
def opened() -> Iterator[Publisher]:
    """Open a publisher, with every exchange there; an error of the broker becomes a ``FeedError``."""
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
    """Return the message of a new or changed record: its JSON beside the keys of the envelope, which win."""
    envelope = {"type": "data", "id": record_id, "sha256": content_hash}
    return {**envelope, **orjson.loads(record), **envelope}


def removals(file: DumpFile) -> Iterator[Message]:
    """Yield the message of each record of a file's type that the dump no longer has and the purge deleted."""
    gone = RemovedEntity.objects.filter(chunk__file=file, purged_at__isnull=False).order_by("data_id", "mbid")
    for data_id, mbid in gone.values_list("data_id", "mbid").iterator():
        yield {"type": "removed", "id": str(data_id or mbid)}


def file_complete(file: DumpFile) -> Message:
    """Return the message of a file whose records are all in their table."""
    counts = count(file.chunks.all())
    return {
        "type": "file_complete",
        "data_type": file.type,
        "file": Path(file.path).name,
        "total_processed": counts["records"],
        "timestamp": timestamp(file.completed_at or datetime.now(UTC)),
        "run_id": file.run_id,
        "source": file.run.source,
        "published": published(file.run, counts),
        **{name: counts[name] for name in ("new", "changed", "unchanged", "skipped", "dropped")},
        "removed": file.removed,
        "batches": file.chunks.count(),
    }


def extraction_complete(run: Run) -> Message:
    """Return the message of a run whose files are all complete; the same each time that it is asked for."""
    chunks = Chunk.objects.filter(file__run=run)
    counts = count(chunks)
    ended = run.files.aggregate(last=Max("completed_at"))["last"]
    totals = chunks.values("file__type").annotate(total=Sum("records")).values_list("file__type", "total")
    return {
        "type": "extraction_complete",
        "version": run.version,
        "started_at": timestamp(run.started_at),
        "timestamp": timestamp(ended or datetime.now(UTC)),
        "record_counts": {**dict.fromkeys(run.files.values_list("type", flat=True), 0), **dict(totals)},
        "run_id": run.pk,
        "source": run.source,
        "published": published(run, counts),
        "skipped": counts["skipped"],
        "batches": chunks.count(),
    }


def count(chunks: QuerySet[Chunk]) -> dict[str, int]:
    """Return the sums of the counts of chunks."""
    return chunks.aggregate(**{name: Sum(name, default=0) for name in COUNTS})


def published(run: Run, counts: dict[str, int]) -> int:
    """Return how many ``data`` messages there are, not counting repeats."""
    if not run.feeds_records:
        return 0
    told = counts["new"] + counts["changed"] + (counts["unchanged"] if run.rewrite else 0)
    return max(told - counts["dead"], 0)


def timestamp(moment: datetime) -> str:
    """Return a time as ``2026-06-05T12:45:23.456Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
