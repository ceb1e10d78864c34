"""Reading and writing the ledger: what is done, what is left, what is owed.

Every mark is set by an UPDATE that finds it unset; who changes no row does no work. So a task may come twice, late or
at the same time as its twin.
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
from django.db.models import F, Max, Q, QuerySet, Sum
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

# Stage → the mark that says it is done.
MARKS = {"extract": "extracted_at", "table": "tabled_at", "graph": "graphed_at", "link": "linked_at"}
# Stage → the mark that must be there before it begins.
BEFORE = {"table": "extracted_at", "graph": "tabled_at", "link": "graphed_at"}
# Task → its stage.
STAGES = {"extract_chunk": "extract", "load_table": "table", "load_graph": "graph", "link_graph": "link"}
# A chunk that had something for the graph, and whose relationships neither it nor a later run has written.
UNPAID = Q(paid_at__isnull=True, linked_at__isnull=True, for_graph__gt=0)
COUNTS = ("records", "new", "changed", "unchanged", "removed", "skipped", "dropped", "dead")


class GaveUpError(Exception):
    """A stage of a chunk began too often without an end: it kills its worker, or its worker is killed each time."""


@contextmanager
def attempt(chunk_id: int, stage: str) -> Iterator[Chunk | None]:
    """Hold a stage of a chunk while it is worked on; None if there is nothing to do, or a twin is at it.

    Raises:
        GaveUpError: It began ``INGEST_ATTEMPTS`` times and never ended.
    """
    with only_one(stage, chunk_id) as is_ours:
        yield begin(chunk_id, stage) if is_ours else None


def begin(chunk_id: int, stage: str) -> Chunk | None:
    """Begin a stage of a chunk.

    Return None if there is nothing to do: it is done, dead, its run has ended, or the stage before is not done, since a
    twin of that one is still at it.

    Raises:
        GaveUpError: It began ``INGEST_ATTEMPTS`` times and never ended.
    """
    chunk = Chunk.objects.select_related("file__run").get(pk=chunk_id)
    if getattr(chunk, MARKS[stage]) or chunk.failed_stage:
        return None
    if stage in BEFORE and not getattr(chunk, BEFORE[stage]):
        return None
    if chunk.file.run.is_ended or chunk.file.state == FileState.FAILED:
        return None
    if chunk.attempts >= settings.INGEST_ATTEMPTS:
        raise GaveUpError(f"its worker died {chunk.attempts} times in this stage")
    Chunk.objects.filter(pk=chunk_id).update(attempts=F("attempts") + 1)
    return chunk


def mark(chunk: Chunk, stage: str, **fields: Any) -> bool:
    """Set a stage's mark, with the fields that belong to it; return False if a twin was first."""
    column = MARKS[stage]
    unset = Chunk.objects.filter(pk=chunk.pk, failed_stage="", **{f"{column}__isnull": True})
    return bool(unset.update(attempts=0, **{column: Now()}, **fields))


def is_done(chunk_id: int, stage: str) -> bool:
    """Tell whether a stage of a chunk has its mark."""
    return Chunk.objects.filter(pk=chunk_id, **{f"{MARKS[stage]}__isnull": False}).exists()


def forgive(chunk_id: int) -> None:
    """Take back the attempt that a transient error ended: an outage never adds up to a dead letter."""
    Chunk.objects.filter(pk=chunk_id, attempts__gt=0).update(attempts=F("attempts") - 1)


def keep_time(chunk_id: int, stage: str, seconds: float) -> None:
    """Remember how long a stage of a chunk took."""
    Chunk.objects.filter(pk=chunk_id).update(**{f"{stage}_seconds": seconds})


def place(about: str, pk: int) -> dict[str, Any]:
    """Return what a ``chunk``, a ``file`` or a ``run`` is called in the log: its run, file and chunk."""
    found: tuple[Any, ...] | None = (pk,)
    if about == "chunk":
        found = Chunk.objects.filter(pk=pk).values_list("file__run", "file__type", "seq").first()
    elif about == "file":
        found = DumpFile.objects.filter(pk=pk).values_list("run", "type").first()
    return dict(zip(("run", "file", "chunk"), found or (), strict=False))


def unsettled(file: DumpFile) -> QuerySet[Chunk]:
    """Return the file's chunks that still have a stage before links to go."""
    missing = Q(extracted_at__isnull=True) | Q(tabled_at__isnull=True)
    if file.run.has_graph:
        missing |= Q(graphed_at__isnull=True)
    return file.chunks.filter(missing, failed_stage="").order_by("seq")


def unlinked(run: Run, types: Collection[str] = tuple(RecordType)) -> QuerySet[Chunk]:
    """Return the run's chunks of some types whose links are still to be written."""
    chunks = Chunk.objects.filter(file__run=run, file__type__in=types, linked_at__isnull=True, failed_stage="")
    return chunks.order_by("pk") if run.has_graph else chunks.none()


def incomplete_files(run: Run) -> QuerySet[DumpFile]:
    """Return the files that are not complete and have not failed."""
    return run.files.filter(state=FileState.LOADING).order_by("pk")


def loaded_files(source: str, record_type: str) -> QuerySet[DumpFile]:
    """Return the files of a type that complete runs loaded, the last one first."""
    loaded = DumpFile.objects.filter(
        type=record_type, state=FileState.COMPLETED, run__source=source, run__state__in=COMPLETE
    )
    return loaded.select_related("run").order_by("-run")


def debts(file: DumpFile) -> list[tuple[int, int]]:
    """Return the ids of a file's type that the graph may lack, as ascending ranges that do not touch.

    They are the ids of the chunks of earlier runs that did not reach the graph, and what ``owe`` entered.
    """
    ranges = list(Debt.objects.filter(record_type=file.type).values_list("low_id", "high_id"))
    for low_id, high_id, strays in owed_before(file).values_list("low_id", "high_id", "stray_ids"):
        ranges += [(low_id, high_id), *((each, each) for each in strays)]
    return merge_ranges(ranges)


def merge_ranges(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return ranges of whole numbers as ascending ones that neither overlap nor touch; empty ones are left out."""
    merged: list[tuple[int, int]] = []
    for low, high in sorted(each for each in ranges if each[0] <= each[1]):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return merged


def owed_before(file: DumpFile) -> QuerySet[Chunk]:
    """Return the chunks of earlier runs that have records of a file's type and did not reach the graph."""
    earlier = DumpFile.objects.filter(run__source=file.run.source, type=file.type, run__lt=file.run_id)
    return Chunk.objects.filter(UNPAID, file__in=earlier)


def owe(record_type: str, ranges: Iterable[tuple[int, int]]) -> None:
    """Enter ids of Discogs whose records the graph may lack: the next run that loads their type writes them again."""
    Debt.objects.bulk_create(
        (Debt(record_type=record_type, low_id=low_id, high_id=high_id) for low_id, high_id in ranges), batch_size=5000
    )


def later_ids(chunk: Chunk, ids: Sequence[int]) -> set[int]:
    """Return those of a chunk's ids that a later chunk of its file has a sound record of."""
    if not chunk.file.may_repeat:
        return set()
    later = Chunk.objects.filter(file=chunk.file_id, seq__gt=chunk.seq, shared_ids__overlap=list(ids))
    shared = later.exclude(shared_ids=[]).values_list("shared_ids", flat=True)
    return set(ids).intersection(chain.from_iterable(shared))


def paying_files(run: Run) -> list[DumpFile]:
    """Return the files of a run that pay the debts of their type: those whose chunks are all linked."""
    files = run.files.filter(state=FileState.COMPLETED).order_by("pk")
    return [file for file in files if not file.chunks.filter(linked_at__isnull=True).exists()]


def close_debts(run: Run) -> None:
    """Cross out the debts that a run has paid."""
    for file in paying_files(run):
        owed_before(file).update(paid_at=Now())
        if run.source == Source.DISCOGS:
            Debt.objects.filter(record_type=file.type).delete()


def may_lack_nodes(source: str, record_type: str) -> bool:
    """Tell whether a record of a type may be in its table and have no node in the graph."""
    chunks = Chunk.objects.filter(UNPAID, file__run__source=source, file__type=record_type, graphed_at__isnull=True)
    return chunks.exists() or Debt.objects.filter(record_type=record_type).exists()


def bury(chunk: Chunk, stage: str, queue: str, error: str) -> None:
    """Make a stage that gave up a dead letter, and let what waits for it go on."""
    with transaction.atomic():
        Chunk.objects.filter(pk=chunk.pk).update(failed_stage=stage)
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


def bury_records(chunk: Chunk, stage: str, queue: str, refused: Iterable[tuple[str, str, str]]) -> None:
    """Make records that a store refused dead letters: (id, error, excerpt) each."""
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
    DeadLetter.objects.bulk_create(letters, ignore_conflicts=True)


def reopen(chunks: QuerySet[Chunk]) -> list[int]:
    """Let stages that gave up begin again, where their run still waits for them; return the keys of those chunks.

    A chunk of a complete file stays as it is: others may be linking by now, and would miss what it brings. To be called
    in a transaction: a file that is locked here is not completed meanwhile.
    """
    list(DumpFile.objects.select_for_update(no_key=True).filter(pk__in=chunks.values("file")).order_by("pk"))
    awaited = Q(file__state=FileState.LOADING) | Q(failed_stage="link", file__run__state=RunState.LINKING)
    pks = list(chunks.filter(awaited).exclude(failed_stage="").values_list("pk", flat=True))
    Chunk.objects.filter(pk__in=pks).update(failed_stage="", attempts=0)
    return pks


def fail_file(file: DumpFile, error: str) -> None:
    """Give a file up: its run cannot complete."""
    if DumpFile.objects.filter(pk=file.pk, state=FileState.LOADING).update(state=FileState.FAILED, error=error):
        note(file.run, "file failed", error)


def end(run: Run, state: RunState, error: str = "") -> bool:
    """End a run; return False if it has ended already."""
    going_on = Run.objects.filter(pk=run.pk, completed_at__isnull=True)
    return bool(going_on.update(state=state, error=error, completed_at=Now(), heartbeat_at=Now()))


def warn(run: Run, message: str) -> None:
    """Tell the operators something about a run that they should know when it has completed."""
    with transaction.atomic():
        locked = Run.objects.select_for_update().get(pk=run.pk)
        if message not in locked.warnings:
            locked.warnings.append(message)
            locked.save(update_fields=("warnings",))
            note(run, "warning", message)


def note(run: Run | None, kind: str, message: str, *, by: str = "") -> None:
    """Write an event; ``by`` is who or what did it, as in ``Event.by``."""
    Event.objects.create(run=run, kind=kind, message=message, by=by)


@contextmanager
def only_one(name: str, pk: int) -> Iterator[bool]:
    """Hold a lock of the database while something is done that two must not do at once; False if another has it.

    It goes with the connection, so no dead process holds it.
    """
    key = int.from_bytes(hashlib.sha256(f"{name} {pk}".encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        (is_ours,) = cursor.fetchone()
    try:
        yield is_ours
    finally:
        if is_ours:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


def beat(run: Run) -> None:
    """Say that a run goes on."""
    Run.objects.filter(pk=run.pk).update(heartbeat_at=Now())


def last_moved(run: Run) -> datetime:
    """Return when the run's ledger last moved."""
    marks = Chunk.objects.filter(file__run=run).aggregate(last=Greatest(*(Max(column) for column in MARKS.values())))
    return max(run.heartbeat_at, marks["last"] or run.heartbeat_at)


def type_counts(run: Run) -> dict[str, dict[str, int]]:
    """Return the counts of each type: records, new, changed, unchanged, removed, skipped, dropped, dead."""
    found = {}
    for file in run.files.order_by("pk"):
        sums = file.chunks.aggregate(**{name: Sum(name, default=0) for name in COUNTS})
        found[file.type] = {**sums, "removed": file.removed}
    return found


def graph_counts(run: Run) -> dict[str, int]:
    """Return what a run wrote to the graph: nodes, relationships, relationships deleted."""
    names: Sequence[str] = ("nodes_written", "relationships_written", "relationships_deleted")
    chunks = Chunk.objects.filter(file__run=run).aggregate(**{name: Sum(name, default=0) for name in names})
    return {name: chunks[name] + getattr(run, name) for name in names}
