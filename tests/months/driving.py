"""Taking a run through its stages, in any order that workers may find, with what can happen to them on the way.

No broker and no workers: the functions of the tasks are called one by one. What comes next is found by asking the
ledger, as the watchdog and a resumed run do.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import groupby
from random import Random
from typing import Any, NamedTuple

from django.db import connection

from apps.catalog import completion
from apps.ingest import ledger
from apps.ingest.chunks import spool
from apps.ingest.errors import DumpError, SpoolError
from apps.ingest.models import Chunk, DumpFile, FileState, Run, RunState
from apps.ingest.runs import starting
from tasks.extractor import extract_chunk, extraction_complete
from tasks.graphinator import link_graph, load_graph
from tasks.maintenance import graph_complete
from tasks.pipelines import do_maintenance, finish_file, pipeline_of
from tasks.tableinator import load_table
from tests.months.entries import Id

Log = Callable[[str], None]
PEERS = ("artists", "labels")


class DiedError(BaseException):
    """Stands for the end of a process in the middle of a stage."""


@dataclass(frozen=True)
class Faults:
    """What happens during a run. ``deaths`` and the like are the share of stages that it happens to.

    ``cancelled_after``, ``failed_after``, ``resumed_after``: after so many steps, if the run has as many.
    """

    deaths: float = 0
    repeats: float = 0
    giving_up: dict[str, float] = field(default_factory=dict)
    cancelled_after: int | None = None
    failed_after: int | None = None
    resumed_after: int | None = None
    # Type → ids that PostgreSQL refuses.
    refused: dict[str, set[Id]] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """A step that is due: what is to be done to which row."""

    name: str
    pk: int


def body(task: Any) -> Callable[[int], Any]:
    """Return the function of a task without what retries it; a canvas that it returns is not dispatched."""
    function: Callable[[int], Any] = task.run.__wrapped__
    return function


STAGES = {"extract": extract_chunk, "table": load_table, "graph": load_graph, "link": link_graph}


class Look(NamedTuple):
    """A chunk of a run as the ledger has it; a file that is not split has one without a key."""

    run_state: str
    file: int
    file_type: str
    file_state: str
    is_split: bool
    chunk: int | None
    stages: list[str]
    is_linked: bool
    has_failed: bool


LOOK = """
SELECT run.state, file.id, file.type, file.state, file.split_at IS NOT NULL, chunk.id,
    array_remove(ARRAY[
        CASE WHEN extracted_at IS NULL THEN 'extract' END,
        CASE WHEN tabled_at IS NULL THEN 'table' END,
        CASE WHEN graphed_at IS NULL AND 'graph' = ANY(run.stores) THEN 'graph' END
    ], NULL),
    linked_at IS NOT NULL OR 'graph' <> ALL(run.stores), coalesce(failed_stage, '') <> ''
FROM ingest_run AS run
JOIN ingest_dumpfile AS file ON file.run_id = run.id
LEFT JOIN ingest_chunk AS chunk ON chunk.file_id = file.id
WHERE run.id = %(run)s
ORDER BY file.id, chunk.id
"""


def find_due_of_files(rows: list[Look]) -> Iterator[Step]:
    """Yield the next stage of each chunk, and each file that is to be split or completed."""
    for file, chunks in groupby(rows, key=lambda row: row.file):
        of_file = [row for row in chunks if row.file_state == FileState.LOADING]
        left = [row for row in of_file if row.chunk and row.stages and not row.has_failed]
        if of_file and not of_file[0].is_split:
            yield Step("split", file)
        elif of_file and not left:
            yield Step("complete", file)
        else:
            yield from (Step(row.stages[0], row.chunk) for row in left if row.chunk)


def find_due_links(rows: list[Look]) -> Iterator[Step]:
    """Yield the next chunk of artists and of labels; when there is none, the others in any order."""
    left = [row for row in rows if row.chunk and not row.is_linked and not row.has_failed]
    first = {row.file_type: row for row in reversed(left) if row.file_type in PEERS}
    yield from (Step("link", row.chunk) for row in first.values() or left if row.chunk)


class Driver:
    """Takes one run to its end. ``order`` decides what comes next, ``chance`` what happens."""

    def __init__(self, run: Run, chance: Random, faults: Faults, log: Log) -> None:
        self.run = run
        self.chance = chance
        self.faults = faults
        self.log = lambda line: log(f"run {run.pk} {line}")
        self.buried: list[tuple[str, str, int]] = []
        # File → content of its chunks, by their keys, as they were cut.
        self.contents: dict[str, dict[int, bytes]] = {}

    def steps(self) -> Iterator[None]:
        """Take one step after another, to the run's end."""
        steps = 0
        while self.find_due() and not self.let_happen(steps):
            step = self.chance.choice(self.find_due())
            self.take(step)
            if step.name == "split":
                self.note_contents(DumpFile.objects.get(pk=step.pk))
            steps += 1
            assert steps < 5000, f"{self.run} comes to no end"
            yield
        self.run.refresh_from_db()

    def let_happen(self, steps: int) -> bool:
        """Let happen what is due after so many steps; return whether it ended the run."""
        if steps == self.faults.resumed_after:
            self.log(f"is resumed after {steps} steps")
            starting.resume(self.run)
            self.buried = [each for each in self.buried if self.is_buried(each)]
        if steps == self.faults.cancelled_after:
            self.log(f"is cancelled in {self.run.state}, after {steps} steps")
            starting.cancel(self.run)
            return True
        if steps == self.faults.failed_after:
            self.log(f"fails in {self.run.state}, after {steps} steps")
            ledger.end(self.run, RunState.FAILED, "a task of the run gave up")
            return True
        return False

    def is_buried(self, buried: tuple[str, str, int]) -> bool:
        stage, record_type, seq = buried
        return self.run.files.get(type=record_type).chunks.filter(seq=seq, failed_stage=stage).exists()

    # --- what is due ------------------------------------------------------------------------------------------
    def find_due(self) -> list[Step]:
        """Return what the run lacks, by what the ledger has: one look at it, for it is asked before each step."""
        with connection.cursor() as cursor:
            cursor.execute(LOOK, {"run": self.run.pk})
            rows = [Look(*row) for row in cursor.fetchall()]
        self.run.state = rows[0].run_state
        match self.run.state:
            case RunState.EXTRACTING:
                return list(find_due_of_files(rows)) or [Step("extracted", self.run.pk)]
            case RunState.LINKING:
                return list(find_due_links(rows)) or [Step("linked", self.run.pk)]
            case RunState.MAINTAINING:
                return [Step("maintain", self.run.pk)]
        return []

    # --- doing it ---------------------------------------------------------------------------------------------
    def take(self, step: Step) -> None:
        if step.name in STAGES and self.chance.random() < self.faults.giving_up.get(step.name, 0):
            self.give_up(step)
        elif self.chance.random() < self.faults.deaths:
            number = self.chance.randint(1, 25)
            with die_before(number) as died:
                self.perform(step)
            if died:
                self.log(f"dies in {self.name_step(step)}, at statement {number}")
        elif step.name in STAGES and self.chance.random() < self.faults.repeats:
            self.repeat(step)
        else:
            self.perform(step)

    def perform(self, step: Step) -> None:
        match step.name:
            case "split":
                self.split(DumpFile.objects.select_related("run").get(pk=step.pk))
            case "complete":
                assert completion.complete(step.pk, finish_file), f"file {step.pk} is settled and cannot be completed"
            case "extracted":
                body(extraction_complete)(step.pk)
            case "linked":
                body(graph_complete)(step.pk)
            case "maintain":
                self.run.refresh_from_db()
                if not do_maintenance(self.run):
                    starting.complete(self.run)
            case stage:
                body(STAGES[stage])(step.pk)

    def split(self, file: DumpFile) -> None:
        try:
            pipeline_of(file).split(file)
        except DumpError as error:
            self.log(f"cannot split {file.type}: {error}")
            ledger.fail_file(file, str(error))

    def note_contents(self, file: DumpFile) -> None:
        """Keep what the chunks of a file hold: extraction takes it away."""
        if file.path and file.split_at is not None:
            self.contents[file.type] = {each.pk: spool.read(each.xml_blob) for each in file.chunks.order_by("seq")}

    def give_up(self, step: Step) -> None:
        chunk = Chunk.objects.select_related("file__run").get(pk=step.pk)
        self.log(f"gives up {self.name_step(step)}")
        ledger.record_dead_letter(chunk, step.name, "tests", "it gave up")
        self.buried.append((step.name, chunk.file.type, chunk.seq))

    def repeat(self, step: Step) -> None:
        """Let two workers do a stage, the second one with what it read before the first one was done."""
        stale = Chunk.objects.select_related("file__run").get(pk=step.pk)
        self.perform(step)
        twin = {"extract": "extract", "table": "load", "link": "link"}.get(step.name)
        try:
            if twin:
                getattr(pipeline_of(stale.file), twin)(stale)
        except SpoolError:
            # What the first one was done with is gone; a task takes that for the end of its work.
            assert ledger.is_done(stale.pk, step.name)
        body(STAGES[step.name])(step.pk)

    def name_step(self, step: Step) -> str:
        if step.name in STAGES:
            chunk = Chunk.objects.select_related("file").get(pk=step.pk)
            return f"{step.name} of {chunk.file.type} {chunk.seq}"
        if step.name in ("split", "complete"):
            return f"{step.name} of {DumpFile.objects.get(pk=step.pk).type}"
        return step.name


ENDED = object()


def drive(drivers: list[Driver], chance: Random) -> None:
    """Take runs to their ends, side by side."""
    going_on = [each.steps() for each in drivers]
    while going_on:
        run = chance.choice(going_on)
        if next(run, ENDED) is ENDED:
            going_on.remove(run)


REFUSE = """
CREATE OR REPLACE FUNCTION refuse_some() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(to_jsonb(new)->>'data_id', to_jsonb(new)->>'mbid') = ANY(TG_ARGV) THEN
        RAISE EXCEPTION 'refused' USING ERRCODE = 'data_exception';
    END IF;
    RETURN new;
END $$
"""
REFUSE_IN = "CREATE TRIGGER refuse_some BEFORE INSERT OR UPDATE ON {} FOR EACH ROW EXECUTE FUNCTION refuse_some({})"


@contextmanager
def refuse_rows(ids: Mapping[str, Collection[str]]) -> Iterator[None]:
    """Let PostgreSQL refuse rows while the block runs; ``ids`` is table → which."""
    with connection.cursor() as cursor:
        if ids:
            cursor.execute(REFUSE)
        for table, refused in ids.items():
            cursor.execute(REFUSE_IN.format(table, ", ".join(f"'{each}'" for each in refused)))
        try:
            yield
        finally:
            for table in ids:
                cursor.execute(f"DROP TRIGGER refuse_some ON {table}")


@contextmanager
def die_before(number: int) -> Iterator[list[str]]:
    """Let the process that works in the block die before its ``number``-th statement, if it comes so far.

    The list has that statement. PostgreSQL rolls back what was not committed; Neo4j and the spool keep what they have.
    """
    died: list[str] = []
    left = number

    def count(execute: Any, sql: str, *given: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0:
            died.append(sql)
            raise DiedError
        return execute(sql, *given)

    with connection.execute_wrapper(count), suppress(DiedError):
        yield died
