"""What is measured: a command, what its stores hold before, and what its measurement says beyond CPU and memory."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import accumulate
from pathlib import Path
from typing import Any

from bench import floors
from bench.dumps import TYPES, Dump
from bench.processes import Measurement, measure
from bench.servers import CHECKOUT, Stack

OUR_KINDS = ("command", "worker", "worker child")
# Ends of the three phases of a run, by the ledger.
PHASES = """
SELECT extract(epoch FROM run.started_at)::float, extract(epoch FROM max(file.completed_at))::float,
    extract(epoch FROM max(linked_at))::float, extract(epoch FROM run.completed_at)::float, run.steps_done
FROM ingest_run AS run
JOIN ingest_dumpfile AS file ON file.run_id = run.id
JOIN ingest_chunk AS chunk ON chunk.file_id = file.id
GROUP BY run.id
ORDER BY run.id DESC
LIMIT 1
"""
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One line of the table; ``command`` is asked for when its turn comes."""

    name: str
    prepare: Callable[[], None]
    command: Callable[[], list[str]]
    dump: Dump
    kinds: tuple[str, ...] = ("command", "child")
    environment: dict[str, str] = field(default_factory=dict)
    add_details: Callable[[Measurement], dict[str, Any]] = lambda _: {}
    tidy: Callable[[], None] = lambda: None

    def run(self, stack: Stack, logs: Path) -> dict[str, Any]:
        """Measure it once; return everything about it as JSON."""
        self.prepare()
        variables = {**os.environ, **stack.variables, **self.environment}
        log = logs / f"{re.sub('[^a-z]+', '-', self.name)}.log"
        measured = measure(
            self.name,
            self.command(),
            roots=stack.pids(),
            kinds=self.kinds,
            folder=CHECKOUT,
            environment=variables,
            log=log,
        )
        details = self.add_details(measured)
        self.tidy()
        found = {key: value for key, value in asdict(measured).items() if key not in ("moments", "output", "name")}
        return {
            **found,
            "cpu_total": measured.cpu_total,
            "records": self.dump.total,
            "releases": self.dump.records["releases"],
            **details,
        }


def make_naive(stack: Stack, dump: Dump) -> Candidate:
    """Return the naive loader."""
    files = [str(dump.path(record_type)) for record_type in TYPES]
    return Candidate(
        "naive",
        lambda: stack.empty_database("naive"),
        lambda: [sys.executable, "-m", "bench.naive", stack.dsn("naive"), *files],
        dump,
        tidy=lambda: stack.empty_database("naive"),
    )


def discogskit(stack: Stack, dump: Dump, venv: Path, folder: Path) -> Candidate:
    """Return discogskit with its own defaults, in a database of its own.

    It unpacks each dump file beside itself, hence the links to them in a folder of their own.
    """

    def prepare() -> None:
        stack.empty_database("discogskit")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for record_type in TYPES:
            (folder / dump.path(record_type).name).hardlink_to(dump.path(record_type))

    def tidy() -> None:
        stack.empty_database("discogskit")
        shutil.rmtree(folder)

    program = str(venv / "bin" / "discogskit")
    return Candidate(
        "discogskit",
        prepare,
        lambda: [program, "load", str(folder), "--dsn", stack.dsn("discogskit"), "--no-progress"],
        dump,
        tidy=tidy,
    )


def make_ours(stack: Stack, first: Dump, second: Dump, stores: str, folder: Path) -> list[Candidate]:
    """Return our loader's three steps into some stores: first load, the same again, the next month."""
    prepare = stack.empty_both if "graph" in stores else stack.empty_tables
    title = "ours, both stores" if "graph" in stores else "ours, tables"
    run = ("discogs", "--stores", stores, "--graph", "bolt")
    return steps(stack, title, run, (first, second), prepare, folder)


def make_ours_musicbrainz(stack: Stack, first: Dump, second: Dump, folder: Path) -> list[Candidate]:
    """Return the same steps of the second source into empty tables; the first one is followed by a plain COPY."""
    run = ("musicbrainz", "--stores", "tables", "--now")
    first_load, *later = steps(stack, "musicbrainz, tables", run, (first, second), stack.empty_tables, folder)

    def add_details(measured: Measurement) -> dict[str, Any]:
        return {**first_load.add_details(measured), "plain_copy": floors.measure_rows(stack, "musicbrainz")}

    return [replace(first_load, add_details=add_details), *later]


def steps(
    stack: Stack,
    title: str,
    run: tuple[str, ...],
    months: tuple[Dump, Dump],
    prepare: Callable[[], None],
    folder: Path,
) -> list[Candidate]:
    """Return the steps that every loader is for: first load, the same again, the next month."""
    first, second = months
    whats = (("first load", first, prepare), ("same again", first, lambda: None), ("next month", second, lambda: None))
    return [step(stack, f"{title}: {what}", dump, run, before, folder / "stage-times") for what, dump, before in whats]


def step(
    stack: Stack, name: str, dump: Dump, run: tuple[str, ...], before: Callable[[], None], times: Path
) -> Candidate:
    """Return one step of ours: our command with workers of its own, as many as there are cores."""

    def prepare() -> None:
        before()
        times.write_text("")

    options = [*run, "--from", str(dump.folder), "--local", "--json"]
    watched = {"DJANGO_SETTINGS_MODULE": "bench.settings", "BENCH_STAGE_TIMES": str(times)}
    return Candidate(
        name,
        prepare,
        lambda: [sys.executable, "manage.py", "extract", *options],
        dump,
        OUR_KINDS,
        {**watched, "CONCURRENCY": str(os.cpu_count())},
        lambda measured: details_of_ours(stack, measured, times),
    )


def details_of_ours(stack: Stack, measured: Measurement, times: Path) -> dict[str, Any]:
    """Return what the run says of itself: result, CPU of its stages, use of its phases, what was tried again."""
    lines = [json.loads(line) for line in times.read_text().splitlines()]
    with stack.connect() as connection:
        *ends, steps_done = connection.execute(PHASES).fetchone() or (None,)
        deadlocks = connection.execute(DEADLOCKS).fetchone()
    return {
        "result": json.loads(measured.output.splitlines()[-1]),
        "stages": stages([line for line in lines if "stage" in line], measured.cpu["client"]),
        "phases": phases(measured, ends),
        "steps": maintenance(measured, steps_done, [line for line in lines if line.get("stage") == "maintain"]),
        "retries": [line["retry"] for line in lines if "retry" in line],
        "postgresql_deadlocks": (deadlocks or (None,))[0],
    }


def stages(lines: list[dict[str, Any]], client_cpu: float) -> dict[str, dict[str, float]]:
    """Return tasks, seconds and CPU seconds of each task's name, and what is left: start, waiting, Celery itself."""
    found: dict[str, dict[str, float]] = {}
    for line in lines:
        stage = found.setdefault(line["stage"], {"tasks": 0, "seconds": 0.0, "cpu_seconds": 0.0})
        stage["tasks"] += 1
        stage["seconds"] += line["seconds"]
        stage["cpu_seconds"] += line["cpu_seconds"]
    inside = sum(stage["cpu_seconds"] for stage in found.values())
    found["outside of tasks"] = {"tasks": 0, "seconds": 0.0, "cpu_seconds": client_cpu - inside}
    return found


def phases(measured: Measurement, ends: Sequence[Any]) -> dict[str, dict[str, Any]]:
    """Return seconds and CPU of: the start, loading tables and nodes, linking, maintenance, the end."""
    names: tuple[str, ...] = ("start", "tables and nodes", "links", "maintenance", "end")
    last = measured.moments[-1][0]
    # Chunks without links are marked as linked long before the last file is complete.
    marks = list(accumulate([measured.moments[0][0], *(end for end in ends if end is not None), last], max))
    if ends[2:3] == [None]:
        names = ("start", "tables", "completion", "end")
    return {name: used_between(measured, begin, end) for name, begin, end in zip(names, marks, marks[1:], strict=False)}


def maintenance(measured: Measurement, steps: Any, lines: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return seconds and CPU of each step of maintenance; each is a task of its own, in this order."""
    return {
        step: used_between(measured, line["ended"] - line["seconds"], line["ended"])
        for step, line in zip(steps or (), lines, strict=False)
    }


def used_between(measured: Measurement, begin: float, end: float) -> dict[str, Any]:
    """Return the seconds between two moments and what each role used in them."""
    used = {role: cpu_at(measured, end, role) - cpu_at(measured, begin, role) for role in measured.cpu}
    return {"seconds": end - begin, "cpu": used}


def cpu_at(measured: Measurement, moment: float, role: str) -> float:
    """Return what a role had used by a moment, to the last sample before it."""
    return max((used[role] for at, used in measured.moments if at <= moment), default=0.0)
