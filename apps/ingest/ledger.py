"""Read and write the ledger: which stages are done, which are left, and which records the graph may lack.

Every mark is set by an UPDATE with the condition that it is unset. A task whose UPDATE changes no row does no work. So
a task may be delivered twice, late, or twice at the same time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import chain
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Max, Q, QuerySet
from django.db.models.functions import Greatest, Now

from apps.ingest.models import (
    COMPLETE,
    Chunk,
    DeadLetter,
    Debt,
    DumpFile,
    Event,
    FileState,
    RecordType,
    Run,
    RunState,
    Source,
)

# Stage → the column of its mark, the time at which it was done.
# Everything that a run still has to do follows from these four columns. No message, no key in Redis and no file says
# what is done, so all of them may be lost.
MARKS = {"extract": "extracted_at", "table": "tabled_at", "graph": "graphed_at", "link": "linked_at"}
# Stage → the mark of the stage before it, which must be set.
# Nodes come after rows because the graph asks the tables which records exist (decision 13): a record that PostgreSQL
# refused must get no node.
BEFORE = {"table": "extracted_at", "graph": "tabled_at", "link": "graphed_at"}
# Task of a chunk → its stage.
# The names of tasks are in messages that may wait in the broker over an upgrade, so they stay as they are.
STAGES = {"extract_chunk": "extract", "load_table": "table", "load_graph": "graph", "link_graph": "link"}
# A debt: a chunk with records for the graph whose relationships neither its run nor a later one has written.
# ``linked_at`` is the last mark, and it is set in the same UPDATE for chunks that have nothing for the graph. So a run
# that was cancelled, failed or gave up a stage leaves a debt without writing anything down.
UNPAID = Q(paid_at__isnull=True, linked_at__isnull=True, for_graph__gt=0)


class GaveUpError(Exception):
    """A stage of a chunk began too often and never ended: its worker died each time."""


@contextmanager
def attempt(chunk_id: int, stage: str) -> Iterator[Chunk | None]:
    """Hold a lock on a stage of a chunk and yield the chunk (decision 16).

    Yields None if there is nothing to do, or if a duplicate of the task holds the lock.

    Raises:
        GaveUpError: The stage began ``INGEST_ATTEMPTS`` times and never ended.
    """
    # The lock keeps two deliveries from working at the same time; the marks keep them from working one after the other.
    # Without the lock both would read the same blob and write the same rows, and one would wait for the other in
    # PostgreSQL and in Neo4j.
    with hold_lock(stage, chunk_id) as is_ours:
        yield begin(chunk_id, stage) if is_ours else None


def begin(chunk_id: int, stage: str) -> Chunk | None:
    """Count an attempt at a stage and return the chunk.

    Return None if there is nothing to do: the stage is done or a dead letter, the run has ended, the file has failed,
    or the stage before is not done because a duplicate of its task still works on it.

    Raises:
        GaveUpError: The stage began ``INGEST_ATTEMPTS`` times and never ended.
    """
    chunk = Chunk.objects.select_related("file__run").get(pk=chunk_id)
    # Read without a lock on the row: only the holder of the advisory lock sets this mark, and ``mark`` checks again.
    if getattr(chunk, MARKS[stage]) or chunk.failed_stage:
        return None
    if stage in BEFORE and not getattr(chunk, BEFORE[stage]):
        return None
    # Messages of a cancelled run are not searched for in the broker. They are delivered, find the run ended here, and
    # do nothing.
    if chunk.file.run.is_ended or chunk.file.state == FileState.FAILED:
        return None
    # A chunk that kills its worker, as by its size, would come back for ever, since the broker delivers the message of
    # a dead worker again.
    if chunk.attempts >= settings.INGEST_ATTEMPTS:
        raise GaveUpError(f"its worker died {chunk.attempts} times in this stage")
    # Committed before the work begins: if the work kills the process, as by its memory, the attempt still counts.
    Chunk.objects.filter(pk=chunk_id).update(attempts=F("attempts") + 1)
    return chunk


def mark(chunk: Chunk, stage: str, **fields: Any) -> bool:
    """Set a stage's mark and the fields that belong to it; return False if it was set before or the chunk gave up."""
    column = MARKS[stage]
    unset = Chunk.objects.filter(pk=chunk.pk, failed_stage="", **{f"{column}__isnull": True})
    # One UPDATE is the whole protocol: PostgreSQL locks the row, a second transaction waits, then sees the mark and
    # changes no row. The counter of attempts starts again for the next stage.
    return bool(unset.update(attempts=0, **{column: Now()}, **fields))


def is_done(chunk_id: int, stage: str) -> bool:
    """Tell whether a stage of a chunk is done."""
    return Chunk.objects.filter(pk=chunk_id, **{f"{MARKS[stage]}__isnull": False}).exists()


def undo_attempt(chunk_id: int) -> None:
    """Uncount an attempt that a transient error ended, so that an outage never leads to a dead letter."""
    # ``begin`` counted the attempt before the work. Deaths and bugs stay counted, since only they may lead to a dead
    # letter.
    Chunk.objects.filter(pk=chunk_id, attempts__gt=0).update(attempts=F("attempts") - 1)


def record_time(chunk_id: int, stage: str, seconds: float) -> None:
    """Store how many seconds a stage of a chunk took."""
    Chunk.objects.filter(pk=chunk_id).update(**{f"{stage}_seconds": seconds})


def get_log_context(about: str, pk: int) -> dict[str, Any]:
    """Return the log's context of a ``chunk``, a ``file`` or a ``run``: those of run, file and chunk that it has."""
    found: tuple[Any, ...] | None = (pk,)
    if about == "chunk":
        found = Chunk.objects.filter(pk=pk).values_list("file__run", "file__type", "seq").first()
    elif about == "file":
        found = DumpFile.objects.filter(pk=pk).values_list("run", "type").first()
    return dict(zip(("run", "file", "chunk"), found or (), strict=False))


def find_unsettled(file: DumpFile) -> QuerySet[Chunk]:
    """Return the file's chunks that have not finished all stages before linking."""
    # A chunk that gave up counts as settled. Otherwise one damaged chunk would keep its file open, and the run with it,
    # for ever.
    missing = Q(extracted_at__isnull=True) | Q(tabled_at__isnull=True)
    if file.run.has_graph:
        missing |= Q(graphed_at__isnull=True)
    return file.chunks.filter(missing, failed_stage="").order_by("seq")


def find_unlinked(run: Run, types: Collection[str] = tuple(RecordType)) -> QuerySet[Chunk]:
    """Return the run's chunks of these types whose links are not written yet."""
    chunks = Chunk.objects.filter(file__run=run, file__type__in=types, linked_at__isnull=True, failed_stage="")
    return chunks.order_by("pk") if run.has_graph else chunks.none()


def find_incomplete_files(run: Run) -> QuerySet[DumpFile]:
    """Return the run's files that are neither complete nor failed."""
    return run.files.filter(state=FileState.LOADING).order_by("pk")


def find_loaded_files(source: str, record_type: str) -> QuerySet[DumpFile]:
    """Return the completed files of a type from complete runs, the newest run first."""
    loaded = DumpFile.objects.filter(
        type=record_type, state=FileState.COMPLETED, run__source=source, run__state__in=COMPLETE
    )
    return loaded.select_related("run").order_by("-run")


def find_reference_files(source: str, record_type: str) -> QuerySet[DumpFile]:
    """Return the files whose numbers of records the next file is compared with, the newest run first.

    A file whose purge was vetoed is left out: it may have been short itself. So is a rebuild of the graph, whose files
    have no path. It counts the records that it reads from the table, which are too few if a chunk gave up.
    """
    return find_loaded_files(source, record_type).filter(purge_veto="").exclude(path="")


def list_debts(file: DumpFile) -> list[tuple[int, int]]:
    """Return the ids of a file's type that the graph may lack, as ascending ranges that do not touch.

    They are the ids of earlier runs' chunks that did not reach the graph, and those that ``owe`` entered.
    """
    ranges = list(Debt.objects.filter(record_type=file.type).values_list("low_id", "high_id"))
    # The range of a chunk, not its records: what the chunk brought is gone with its blob, and only the ids are needed
    # to compare with the table.
    for low_id, high_id, strays in find_earlier_debts(file).values_list("low_id", "high_id", "stray_ids"):
        ranges += [(low_id, high_id), *((each, each) for each in strays)]
    return merge_ranges(ranges)


def merge_ranges(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Merge ranges of whole numbers into ascending ones that neither overlap nor touch; leave out empty ones."""
    merged: list[tuple[int, int]] = []
    for low, high in sorted(each for each in ranges if each[0] <= each[1]):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return merged


def find_earlier_debts(file: DumpFile) -> QuerySet[Chunk]:
    """Return the debts of earlier runs for a file's type."""
    earlier = DumpFile.objects.filter(run__source=file.run.source, type=file.type, run__lt=file.run_id)
    return Chunk.objects.filter(UNPAID, file__in=earlier)


def owe(record_type: str, ranges: Iterable[tuple[int, int]]) -> None:
    """Enter Discogs ids whose records the graph may lack. The next run of their type writes them again."""
    # Not checked for duplicates: overlapping ranges are merged when they are read, and all of them are deleted
    # together.
    Debt.objects.bulk_create(
        (Debt(record_type=record_type, low_id=low_id, high_id=high_id) for low_id, high_id in ranges), batch_size=5000
    )


def find_later_ids(chunk: Chunk, ids: Sequence[int]) -> set[int]:
    """Return the ids of a chunk for which a later chunk of the same file has a sound record."""
    if not chunk.file.may_repeat:
        return set()
    # The later chunk may be loaded already or not yet. Leaving the record out here makes the result the same in both
    # cases. ``shared_ids`` is empty for nearly all chunks, and an index covers the others.
    later = Chunk.objects.filter(file=chunk.file_id, seq__gt=chunk.seq, shared_ids__overlap=list(ids))
    shared = later.exclude(shared_ids=[]).values_list("shared_ids", flat=True)
    return set(ids).intersection(chain.from_iterable(shared))


def list_paying_files(run: Run) -> list[DumpFile]:
    """Return the files of a run that pay their type's debts: completed ones whose chunks are all linked."""
    # A file that failed, or a chunk that gave up its links, may not cross out older debts: its own ids would be missing
    # then.
    files = run.files.filter(state=FileState.COMPLETED).order_by("pk")
    return [file for file in files if not file.chunks.filter(linked_at__isnull=True).exists()]


def close_debts(run: Run) -> None:
    """Mark the debts that a run has paid."""
    for file in list_paying_files(run):
        find_earlier_debts(file).update(paid_at=Now())
        # Debts without a chunk are of Discogs: only its records have nodes of their own.
        if run.source == Source.DISCOGS:
            Debt.objects.filter(record_type=file.type).delete()


def may_lack_nodes(source: str, record_type: str) -> bool:
    """Tell whether a record of a type may be in its table without a node in the graph."""
    chunks = Chunk.objects.filter(UNPAID, file__run__source=source, file__type=record_type, graphed_at__isnull=True)
    return chunks.exists() or Debt.objects.filter(record_type=record_type).exists()


def record_dead_letter(chunk: Chunk, stage: str, queue: str, error: str) -> None:
    """Make a stage that gave up a dead letter. It then counts as settled, so that its file and run can go on."""
    with transaction.atomic():
        # Mark and dead letter are one transaction. With the mark alone, the chunk would count as settled and nobody
        # would see why its records are missing; with the letter alone, the run would wait for it.
        Chunk.objects.filter(pk=chunk.pk).update(failed_stage=stage)
        # An upsert: a stage that gives up again after a replay reopens its old dead letter.
        DeadLetter.objects.update_or_create(
            run=chunk.file.run,
            stage=stage,
            chunk=chunk,
            file=chunk.file,
            record_id="",
            message_id="",
            defaults={"queue": queue, "error": error, "last_seen": Now(), "replayed_at": None},
        )
        note(chunk.file.run, "dead letter", f"{stage} of {chunk} gave up: {error}")


def record_dead_records(chunk: Chunk, stage: str, queue: str, refused: Iterable[tuple[str, str, str]]) -> None:
    """Make dead letters of the records that a store refused, given as (id, error, excerpt)."""
    letters = [
        DeadLetter(
            run=chunk.file.run,
            chunk=chunk,
            file=chunk.file,
            stage=stage,
            queue=queue,
            record_id=record_id,
            error=error,
            excerpt=excerpt,
        )
        for record_id, error, excerpt in refused
    ]
    # The same record of the same chunk may have been refused before.
    # A table row and its dead letter are committed together by the caller, so a record is in its table or in this list.
    DeadLetter.objects.bulk_create(letters, ignore_conflicts=True)


def reopen(chunks: QuerySet[Chunk]) -> list[int]:
    """Reopen stages that gave up, where their run still waits for them; return the keys of those chunks.

    A chunk of a complete file is not reopened, except for its links: other chunks may be linking by now and would miss
    its nodes. Must be called in a transaction, since it locks the files so that none is completed meanwhile.
    """
    # Ordered by key, so that two calls lock the files in the same order and do not deadlock.
    list(DumpFile.objects.select_for_update(no_key=True).filter(pk__in=chunks.values("file")).order_by("pk"))
    awaited = Q(file__state=FileState.LOADING) | Q(failed_stage="link", file__run__state=RunState.LINKING)
    pks = list(chunks.filter(awaited).exclude(failed_stage="").values_list("pk", flat=True))
    Chunk.objects.filter(pk__in=pks).update(failed_stage="", attempts=0)
    return pks


def fail_file(file: DumpFile, error: str) -> None:
    """Fail a file that is still loading. Its run will end as failed."""
    if DumpFile.objects.filter(pk=file.pk, state=FileState.LOADING).update(state=FileState.FAILED, error=error):
        note(file.run, "file failed", error)


def end(run: Run, state: RunState, error: str = "") -> bool:
    """End a run in a state; return False if it has ended already."""
    # The condition decides between a run that completes and an operator who cancels it at the same moment: the first
    # UPDATE wins, and the other caller gets False and does not report an end that is not one.
    going_on = Run.objects.filter(pk=run.pk, completed_at__isnull=True)
    return bool(going_on.update(state=state, error=error, completed_at=Now(), heartbeat_at=Now()))


def warn(run: Run, message: str) -> None:
    """Add a warning to a run, once. A run with warnings ends as ``completed_with_warnings``."""
    with transaction.atomic():
        # Locked, so that two processes that append to the list do not overwrite each other's warning.
        locked = Run.objects.select_for_update().get(pk=run.pk)
        if message not in locked.warnings:
            locked.warnings.append(message)
            locked.save(update_fields=("warnings",))
            note(run, "warning", message)


def note(run: Run | None, kind: str, message: str, *, by: str = "") -> None:
    """Write an event of a run. ``by`` is who or what caused it, as in ``Event.by``."""
    Event.objects.create(run=run, kind=kind, message=message, by=by)


@contextmanager
def hold_lock(name: str, pk: int) -> Iterator[bool]:
    """Hold an advisory lock of PostgreSQL; yield False, without waiting, if another connection holds it.

    The lock belongs to the connection, not to a transaction: it lasts over commits, and PostgreSQL frees it when the
    process dies.
    """
    # The lock's key is a signed 64-bit number; the hash makes one of the name and the row's key.
    key = int.from_bytes(hashlib.sha256(f"{name} {pk}".encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        # A lock of the session, which a transaction cannot outlive and need not be open for. A lock with an expiry, as
        # in Redis, would run out under a slow stage and let a second worker in. A connection pooler that shares
        # connections between transactions would break it (decision 16).
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        (is_ours,) = cursor.fetchone()
    try:
        yield is_ours
    finally:
        if is_ours:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


def touch_heartbeat(run: Run) -> None:
    """Move the heartbeat of a run."""
    # By the clock of PostgreSQL, so that the heartbeats of all hosts can be compared.
    Run.objects.filter(pk=run.pk).update(heartbeat_at=Now())


def get_last_move(run: Run) -> datetime:
    """Return when the run last moved: the latest of its heartbeat and its chunks' marks."""
    # In PostgreSQL GREATEST ignores NULL, so stages without a mark do not matter.
    marks = Chunk.objects.filter(file__run=run).aggregate(last=Greatest(*(Max(column) for column in MARKS.values())))
    return max(run.heartbeat_at, marks["last"] or run.heartbeat_at)
