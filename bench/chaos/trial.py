"""One trial: two months loaded one after the other under a schedule of faults, then looked at.

The first month has a record that PostgreSQL refuses, whose dead letter is the only one that may come. In the second one
it is refused no more. While faults are left, the second month is written anew again and again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from bench.chaos import targets
from bench.chaos.disturbance import Disturbance
from bench.chaos.schedule import Fault
from bench.chaos.targets import Report, Target
from tests.acceptance import snapshots
from tests.acceptance.installation import ENDED, Installation

LOOK_SECONDS = 0.5
START_SECONDS = 120
# A trigger refuses it as a column would that cannot hold a value.
REFUSE_POISON = """
CREATE FUNCTION refuse_poison() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF new.data_id = {poison} THEN
        RAISE EXCEPTION 'poison' USING ERRCODE = 'invalid_text_representation';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER refuse_poison BEFORE INSERT ON releases FOR EACH ROW EXECUTE FUNCTION refuse_poison();
"""
ADMIT_POISON = "DROP FUNCTION IF EXISTS refuse_poison CASCADE"
DEAD_LETTERS = "SELECT stage, record_id, error FROM ingest_deadletter WHERE run_id = %s ORDER BY 1, 2"
RUNS = "SELECT id, state FROM ingest_run WHERE id > %s ORDER BY id LIMIT 1"


@dataclass(frozen=True)
class Months:
    """Folders with the dumps of two months, and a release of the first one that is to be refused."""

    first: Path
    second: Path
    poison: int


@dataclass
class Verdict:
    """What became of a trial: what is wrong, and what happened in it."""

    wrong: list[str] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)
    inflicted: int = 0
    seconds: float = 0

    @property
    def is_good(self) -> bool:
        """Tell whether everything is as if nothing had happened."""
        return not self.wrong


class UnendedError(Exception):
    """A run did not begin or did not end in time."""


def targets_of(installation: Installation, servers: Sequence[Target]) -> dict[str, Target]:
    """Return all that can suffer: workers and clock of an installation, and the servers."""
    folder, environment = installation.folder, installation.environment()
    options = ["--concurrency=2", "--without-gossip", "--without-mingle"]
    programs = [
        targets.Worker(
            "loaders", ["worker", "-Q", "extractor,tableinator", "-n", "loaders@%h", *options], folder, environment
        ),
        targets.Worker(
            "graph", ["worker", "-Q", "graphinator,maintenance", "-n", "graph@%h", *options], folder, environment
        ),
        targets.Beat("beat", ["beat", "-s", str(folder / "beat"), "--pidfile="], folder, environment),
    ]
    return {target.name: target for target in (*programs, *servers)}


def load_undisturbed(installation: Installation, month: Path) -> snapshots.Snapshot:
    """Return what the stores hold when a month is loaded into empty ones and nothing happens."""
    done = installation.manage("extract", "discogs", "--from", str(month), "--local", "--json")
    if done.code:
        raise UnendedError(f"The undisturbed load failed: {done.stderr}")
    found = installation.snapshot()
    installation.empty_graph()
    return found


def carry_out(
    installation: Installation,
    months: Months,
    wanted: snapshots.Snapshot,
    suffering: dict[str, Target],
    faults: Sequence[Fault],
    run_seconds: float,
    report: Report,
) -> Verdict:
    """Load both months while the faults come, and compare; no run may take longer than ``run_seconds``."""
    verdict, began = Verdict(), time.monotonic()
    execute(installation, REFUSE_POISON.format(poison=months.poison))
    disturbance = Disturbance(suffering, faults, report)
    for target in suffering.values():
        if target.pid() is None:
            target.start()
    installation.worker.wait_until_ready()
    try:
        with disturbance.run():
            for number, (options, is_expected) in enumerate(loads(months)):
                if number == 1:
                    ask_patiently(lambda: execute(installation, ADMIT_POISON), START_SECONDS)
                found = load(installation, options, run_seconds, report)
                verdict.runs.append(found.text)
                verdict.wrong += is_expected(found)
                if number and disturbance.is_over:
                    break
        verdict.wrong += snapshots.differences(wanted, installation.snapshot())
    except UnendedError as error:
        verdict.wrong.append(str(error))
    verdict.inflicted = disturbance.inflicted
    verdict.seconds = time.monotonic() - began
    if verdict.wrong:
        verdict.wrong.append(installation.ledger())
        verdict.wrong += [each.tail() for each in suffering.values() if isinstance(each, targets.Program)]
    return verdict


@dataclass(frozen=True)
class Loaded:
    """A run that has ended, with (stage, record, error) of its dead letters."""

    pk: int
    state: str
    dead: list[tuple[Any, ...]]
    seconds: float

    @property
    def text(self) -> str:
        """One line about it."""
        return f"run {self.pk} {self.state} in {self.seconds:.0f} s, {len(self.dead)} dead letters"


def loads(months: Months) -> Iterator[tuple[list[str], Callable[[Loaded], list[str]]]]:
    """Yield the options of one load after the other, with what tells how its run is not as it should be."""
    poison = [("table", str(months.poison), "poison")]
    yield ["--from", str(months.first)], lambda found: find_faults(found, "completed_with_warnings", poison)
    second = ["--from", str(months.second)]
    yield second, lambda found: find_faults(found, "completed", [])
    while True:
        yield [*second, "--rewrite"], lambda found: find_faults(found, "completed", [])


def find_faults(found: Loaded, state: str, dead: list[tuple[Any, ...]]) -> list[str]:
    """Return how a run differs from what it should have become."""
    lines = [f"Run {found.pk} is {found.state}, not {state}"] if found.state != state else []
    return lines + ([f"Run {found.pk} has the dead letters {found.dead}, not {dead}"] if found.dead != dead else [])


def load(installation: Installation, options: Sequence[str], seconds: float, report: Report) -> Loaded:
    """Start a run, as often as it takes, and wait for its end.

    Raises:
        UnendedError: There was no end in time.
    """
    last = ask_patiently(lambda: installation.run, START_SECONDS)[0]
    began = time.monotonic()
    while (found := find_newer_run(installation, last)) is None:
        if time.monotonic() - began > START_SECONDS:
            raise UnendedError(f"No run could be started within {START_SECONDS} s")
        command = installation.start("extract", "discogs", "--no-wait", *options)
        try:
            done = installation.finish(command, START_SECONDS)
        except AssertionError as error:
            raise UnendedError(f"The command hangs: {error}") from error
        if done.code:
            report(f"extract said: {done.error[-160:]}")
    while found is None or found[1] not in ENDED:
        if time.monotonic() - began > seconds:
            raise UnendedError(f"Run {last + 1} has not ended within {seconds:.0f} s")
        time.sleep(LOOK_SECONDS)
        found = find_newer_run(installation, last)
    pk, state = found
    dead = ask_patiently(lambda: installation.ask(DEAD_LETTERS, pk), START_SECONDS)
    report(f"run {pk} {state}")
    return Loaded(pk, state, dead, time.monotonic() - began)


def find_newer_run(installation: Installation, last: int) -> tuple[int, str] | None:
    """Return number and state of the run after the last one; None if there is none, or nobody answers."""
    try:
        found = installation.ask(RUNS, last)
    except psycopg.Error:
        return None
    return next(((pk, state) for pk, state in found), None)


def execute(installation: Installation, statement: str) -> None:
    """Change the database."""
    with installation.connect() as connection:
        connection.execute(statement.encode())


def ask_patiently(ask: Callable[[], Any], seconds: float) -> Any:
    """Ask PostgreSQL until it answers.

    Raises:
        UnendedError: It did not within so many seconds.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            return ask()
        except psycopg.Error as error:
            if time.monotonic() > deadline:
                raise UnendedError(f"PostgreSQL does not come back: {error}") from error
            time.sleep(LOOK_SECONDS)
