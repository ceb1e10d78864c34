"""Taking a run through its stages, in any order that workers may find, with what can happen to them on the way.

No broker and no workers: the functions of the tasks are called one by one. What comes next is found by asking the
ledger, as the watchdog and a resumed run do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

from django.db import connection

from apps.catalog import completion
from apps.ingest import ledger
from apps.ingest.chunks import spool
from apps.ingest.errors import DumpError, SpoolError
from apps.ingest.models import Chunk, DumpFile, Run, RunState
from apps.ingest.runs import starting
from tasks.extractor import extract_chunk, extraction_complete
from tasks.graphinator import link_graph, load_graph
from tasks.maintenance import graph_complete
from tasks.pipelines import do_maintenance, finish_file, pipeline_of
from tasks.tableinator import load_table

Log = Callable[[str], None]
PEERS = ("artists", "labels")
TABLE_STAGES = ("extract", "table")


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


class Driver:
    """Takes one run to its end. ``order`` decides what comes next, ``chance`` what happens."""

    def __init__(self, run: Run, chance: Random, faults: Faults, log: Log) -> None:
        self.run = run
        self.chance = chance
        self.faults = faults
        self.log = log
        self.buried: list[tuple[str, str, int]] = []
        # File → content of its chunks, by their keys, as they were cut.
        self.contents: dict[str, dict[int, bytes]] = {}

    def drive(self) -> Run:
        steps = 0
        while not self.run.is_ended:
            if self.happens_to_the_run(steps):
                break
            due = list(self.due())
            assert due, f"{self.run} stands still in {self.run.state}"
            self.take(self.chance.choice(due))
            self.run.refresh_from_db()
            steps += 1
            assert steps < 5000, f"{self.run} comes to no end"
        self.run.refresh_from_db()
        return self.run

    def happens_to_the_run(self, steps: int) -> bool:
        """Let happen what is due after so many steps; return whether it ended the run."""
        if steps == self.faults.resumed_after:
            self.log(f"resumed after {steps} steps")
            starting.resume(self.run)
            self.buried = [each for each in self.buried if self.is_buried(each)]
        if steps == self.faults.cancelled_after:
            self.log(f"cancelled in {self.run.state}, after {steps} steps")
            starting.cancel(self.run)
            return True
        if steps == self.faults.failed_after:
            self.log(f"failed in {self.run.state}, after {steps} steps")
            ledger.end(self.run, RunState.FAILED, "a task of the run gave up")
            return True
        return False

    def is_buried(self, buried: tuple[str, str, int]) -> bool:
        stage, record_type, seq = buried
        return self.run.files.get(type=record_type).chunks.filter(seq=seq, failed_stage=stage).exists()

    # --- what is due ------------------------------------------------------------------------------------------
    def due(self) -> Iterator[Step]:
        match self.run.state:
            case RunState.EXTRACTING:
                yield from self.due_of_files()
            case RunState.LINKING:
                yield from self.due_links()
            case RunState.MAINTAINING:
                yield Step("maintain", self.run.pk)

    def due_of_files(self) -> Iterator[Step]:
        loading = dict(ledger.incomplete_files(self.run).values_list("pk", "split_at"))
        chunks = self.stages_left(file__in=loading)
        for file, split_at in loading.items():
            if split_at is None:
                yield Step("split", file)
                continue
            left = [(chunk, missing[0]) for chunk, (of, _, missing) in chunks.items() if of == file and missing]
            for chunk, stage in left:
                yield Step(stage, chunk)
            if not left:
                yield Step("complete", file)
        if not loading:
            yield Step("extracted", self.run.pk)

    def due_links(self) -> Iterator[Step]:
        """Yield the next chunk of artists and of labels; when there is none, the others in any order."""
        left = {chunk: of_type for chunk, (_, of_type, missing) in self.stages_left().items() if missing}
        first = {of_type: chunk for chunk, of_type in reversed(left.items())}
        for chunk in [first[each] for each in PEERS if each in first] or left:
            yield Step("link", chunk)
        if not left:
            yield Step("linked", self.run.pk)

    def stages_left(self, **conditions: Any) -> dict[int, tuple[int, str, list[str]]]:
        """Return for every chunk that did not give up its file, its type, and which stages it lacks."""
        stages = [each for each in STAGES if each in TABLE_STAGES or self.run.has_graph]
        if self.run.state == RunState.EXTRACTING:
            stages = [each for each in stages if each != "link"]
        chunks = Chunk.objects.filter(file__run=self.run, failed_stage="", **conditions).order_by("pk")
        marks = [ledger.MARKS[each] for each in stages]
        return {
            pk: (file, of_type, [stage for stage, mark in zip(stages, done, strict=True) if mark is None])
            for pk, file, of_type, *done in chunks.values_list("pk", "file", "file__type", *marks)
        }

    # --- doing it ---------------------------------------------------------------------------------------------
    def take(self, step: Step) -> None:
        if step.name in STAGES and self.chance.random() < self.faults.giving_up.get(step.name, 0):
            self.give_up(step)
        elif self.chance.random() < self.faults.deaths:
            number = self.chance.randint(1, 25)
            with dying(number) as died:
                self.perform(step)
            if died:
                self.log(f"died in {self.named(step)}, at statement {number}")
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
                if not do_maintenance(self.run):
                    starting.complete(self.run)
            case stage:
                body(STAGES[stage])(step.pk)

    def split(self, file: DumpFile) -> None:
        try:
            pipeline_of(file).split(file)
        except DumpError as error:
            self.log(f"{file.type} failed: {error}")
            ledger.fail_file(file, str(error))
            return
        if file.path:
            self.contents[file.type] = {each.pk: spool.read(each.xml_blob) for each in file.chunks.order_by("seq")}

    def give_up(self, step: Step) -> None:
        chunk = Chunk.objects.select_related("file__run").get(pk=step.pk)
        self.log(f"gave up {self.named(step)}")
        ledger.bury(chunk, step.name, "tests", "it gave up")
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

    def named(self, step: Step) -> str:
        if step.name in STAGES:
            chunk = Chunk.objects.select_related("file").get(pk=step.pk)
            return f"{step.name} of {chunk.file.type} {chunk.seq}"
        if step.name in ("split", "complete"):
            return f"{step.name} of {DumpFile.objects.get(pk=step.pk).type}"
        return step.name


@contextmanager
def dying(number: int) -> Iterator[list[str]]:
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
