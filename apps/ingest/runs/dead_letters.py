"""Dead letters: replay and purge them, and store the messages that the broker gave up.

While its run still waits for it, a stage that gave up is replayed in that run. Afterwards, a new run over the same dump
replays it: records that are loaded already are unchanged and cost nothing, and the steps after a load run as usual
(decision 30).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet
from django.db.models.functions import Now

from apps.ingest import ledger
from apps.ingest.errors import RunError
from apps.ingest.models import COMPLETE, Chunk, DeadLetter, DumpFile, FileState, Run
from apps.ingest.runs import starting
from apps.ingest.runs.starting import IsEmpty, Options

# The subject of a task → the model that the task's argument is a key of.
ROWS: dict[str, Any] = {"chunk": Chunk, "file": DumpFile, "run": Run}


@dataclass(frozen=True, slots=True)
class DeadMessage:
    """A message that died in the broker. ``about`` is "chunk", "file", "run" or ""; ``pk`` is the key of that row."""

    id: str
    task: str
    queue: str
    error: str
    about: str
    pk: int | None
    excerpt: str


@dataclass(frozen=True, slots=True)
class Replay:
    """What the caller must dispatch for a replay, and what the operator should know."""

    run: Run  # the run of the dead letters
    chunks: Sequence[Chunk] = ()  # to be dispatched again in that run
    resume: bool = False  # dispatch everything that the run lacks
    again: Run | None = None  # a new run that loads the dump once more
    loaded_since: Collection[str] = ()  # types that a later run has loaded already


def find_waiting(
    *, run: int | None = None, record_type: str = "", stage: str = "", ids: Collection[int] = ()
) -> QuerySet[DeadLetter]:
    """Return the dead letters that were not replayed, filtered by run, type, stage or ids."""
    letters = DeadLetter.objects.filter(replayed_at__isnull=True)
    if ids:
        letters = letters.filter(pk__in=ids)
    if run is not None:
        letters = letters.filter(run=run)
    if record_type:
        letters = letters.filter(file__type=record_type)
    if stage:
        letters = letters.filter(stage=stage)
    return letters


def group_by_run(letters: QuerySet[DeadLetter]) -> list[tuple[Run | None, list[DeadLetter]]]:
    """Group dead letters by run, the newest run first; those without a run come last."""
    found: dict[Run | None, list[DeadLetter]] = {}
    for letter in letters.select_related("run", "file").order_by("pk"):
        found.setdefault(letter.run, []).append(letter)
    return sorted(found.items(), key=lambda each: -(each[0].pk if each[0] else 0))


def replay(run: Run | None, letters: Sequence[DeadLetter], *, is_empty: IsEmpty, by: str) -> Replay:
    """Prepare the replay of dead letters of one run and return what must be dispatched. Nothing is dispatched here.

    Raises:
        IngestError: There is nothing to replay, the run does not wait for it any more but has not ended, or the dump is
            no longer known.
    """
    if run is None:
        raise RunError("A message that names no run has nothing to replay, and nothing is lost with it: purge it")
    with transaction.atomic():
        prepared = load_again(run, letters, is_empty=is_empty, by=by) if run.is_ended else reopen(run, letters)
        ledger.note(run, "replayed", f"{len(letters)} dead letters of {run} were replayed by {by}", by=by)
    return prepared


def reopen(run: Run, letters: Sequence[DeadLetter]) -> Replay:
    """Reopen the stages in their own run, which has not ended."""
    # Only stages are reopened. A record that a store refused is not in the spool any more; the next run finds it
    # missing and tries it again.
    pks = ledger.reopen(Chunk.objects.filter(pk__in=[letter.chunk_id for letter in letters if is_stage(letter)]))
    messages = [letter.pk for letter in letters if letter.message_id]
    if not pks and not messages:
        raise RunError(f"Run {run.pk} does not wait for them any more: replay them when it has ended")
    done = [letter.pk for letter in letters if is_stage(letter) and letter.chunk_id in pks]
    mark_replayed([*done, *messages])
    chunks = list(Chunk.objects.select_related("file__run").filter(pk__in=pks).order_by("pk"))
    return Replay(run, chunks, resume=bool(messages))


def is_stage(letter: DeadLetter) -> bool:
    """Tell whether a dead letter is a stage of a chunk that gave up."""
    return letter.chunk_id is not None and not letter.record_id and not letter.message_id


def load_again(run: Run, letters: Sequence[DeadLetter], *, is_empty: IsEmpty, by: str) -> Replay:
    """Enter a new run over the dump of an ended one, for the types of its dead letters.

    A type that a later run has loaded needs no replay. That run found the records missing in the table, or found the
    chunk as a debt, and loaded them.
    """
    types = {letter.file.type for letter in letters if letter.file}
    if run.state not in COMPLETE:
        # A failed or cancelled run lacks more than its dead letters say.
        types = set(run.types)
    since = {record_type for record_type in types if is_loaded_since(run, record_type)}
    again = None
    if types - since:
        dump = find_dump_run(run)
        options = Options(
            source=run.source, types=sorted(types - since), version=dump.version, stores=run.stores, force=True
        )
        again = starting.start(options, folder=Path(dump.folder), is_empty=is_empty, by=by)
        ledger.note(again, "started", f"{again} replays dead letters of {run} for {by}", by=by)
    # The new run takes over these stages, so they no longer count as failed.
    Chunk.objects.filter(pk__in=[letter.chunk_id for letter in letters if is_stage(letter)]).update(failed_stage="")
    # In the transaction of ``replay``: if the new run cannot be entered, the letters stay as they were.
    mark_replayed(letter.pk for letter in letters)
    return Replay(run, again=again, loaded_since=sorted(since))


def is_loaded_since(run: Run, record_type: str) -> bool:
    """Tell whether a later complete run loaded a type from a dump into at least the same stores."""
    files = DumpFile.objects.filter(type=record_type, state=FileState.COMPLETED, run__state__in=COMPLETE)
    later = files.filter(run__source=run.source, run__gt=run.pk, run__stores__contains=run.stores)
    return later.exclude(path="").exists()


def find_dump_run(run: Run) -> Run:
    """Return the run that knows where a run's dump is. A run that rebuilt the graph had none; its version's run has.

    Raises:
        RunError: No run knows the folder.
    """
    if run.folder:
        return run
    found = Run.objects.filter(source=run.source, version=run.version).exclude(folder="").order_by("-pk").first()
    if found is None:
        raise RunError(f"No dump of version {run.version} is known: load the next one, which does what is missing")
    return found


def mark_replayed(pks: Iterable[int]) -> None:
    """Mark dead letters as replayed."""
    DeadLetter.objects.filter(pk__in=list(pks)).update(replayed_at=Now())


def purge(letters: QuerySet[DeadLetter], *, by: str) -> int:
    """Delete dead letters and write an event for each run; return the number of dead letters.

    Raises:
        RunError: A dead letter was not replayed and its run is unfinished. As long as it exists, it vetoes the purge of
            its file's records.
    """
    with transaction.atomic():
        # Locked, so that a replay at the same time cannot change what is checked here.
        rows = list(letters.select_related("run").select_for_update(of=("self",)))
        guarding = sorted({each.run.pk for each in rows if each.run and not each.run.is_ended and not each.replayed_at})
        if guarding:
            raise RunError(
                f"Run {guarding[0]} is unfinished, and its dead letters keep records of its files from being"
                " removed: replay them, or purge them when it has ended"
            )
        counted = letters.order_by().values_list("run").annotate(Count("pk"))
        for run_id, count in list(counted):
            run = Run.objects.get(pk=run_id) if run_id else None
            ledger.note(run, "purged", f"{count} dead letters of {run or 'the broker'} were purged by {by}", by=by)
        DeadLetter.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


def record_message(message: DeadMessage) -> None:
    """Store a message that the broker gave up, as a dead letter. A duplicate delivery updates the same row.

    A message whose stage is done is not stored, since nothing is lost: only its result could not be stored, or a
    duplicate did the work. The row does not name the file: the watchdog dispatches from the ledger what the file lacks,
    so this dead letter must not veto the file's purge.
    """
    row = ROWS[message.about].objects.filter(pk=message.pk).first() if message.about and message.pk else None
    chunk = row if isinstance(row, Chunk) else None
    stage = ledger.STAGES.get(message.task, message.task)[:30]
    if chunk is not None and stage in ledger.MARKS and ledger.is_done(chunk.pk, stage):
        return
    run = chunk.file.run if chunk is not None else getattr(row, "run", row)
    _, is_new = DeadLetter.objects.update_or_create(
        run=run,
        chunk=chunk,
        file=None,
        stage=stage,
        record_id="",
        message_id=message.id,
        defaults={"queue": message.queue, "error": message.error, "excerpt": message.excerpt, "last_seen": Now()},
    )
    if is_new:
        ledger.note(run, "dead letter", f"a message of {message.task} died: {message.error}")
