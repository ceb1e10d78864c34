"""What the commands answer: to options, to what is missing, and while a run is under way."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance import stored
from tests.acceptance.brokers import ValkeyBroker
from tests.acceptance.conftest import Build, open_installation
from tests.acceptance.installation import Finished, Installation, read
from tests.dumps import FIRST_MONTH, SECOND_MONTH, pack

NOWHERE = "127.0.0.1:1"
BAD_RULES = "skip:\n  - of: [artists]\n    where: 7\n"


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pack(FIRST_MONTH, "20260101", tmp_path_factory.mktemp("first"))


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pack(SECOND_MONTH, "20260201", tmp_path_factory.mktemp("second"))


@pytest.fixture(scope="module")
def working(build: Build, tmp_path_factory: pytest.TempPathFactory, valkey: ValkeyBroker) -> Iterator[Installation]:
    """Return an installation with a worker; the tests go on from what the ones before left there."""
    with open_installation(build, tmp_path_factory.mktemp("installation"), valkey) as installation:
        yield installation


def require_refusal(done: Finished, *parts: str) -> None:
    """Fail unless a command said all of the parts and nothing that only a programmer understands."""
    assert done.code not in (0, 130), done
    assert "Traceback" not in done.stderr
    for part in parts:
        assert part in done.error


def test_what_cannot_be_loaded_is_refused_before_anything_begins(
    working: Installation, first: Path, tmp_path: Path
) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(BAD_RULES)
    part = pack(FIRST_MONTH, "20260101", tmp_path / "part")
    (part / "discogs_20260101_masters.xml.gz").unlink()

    def extract(*options: str, **variables: str) -> Finished:
        return working.manage("extract", "discogs", *options, **variables)

    require_refusal(extract(), "http://127.0.0.1:1/ does not answer")
    require_refusal(extract("--from", str(rules)), f"{rules} is not a folder", "--from")
    require_refusal(extract("--from", str(tmp_path)), f"{tmp_path} has no complete dump", "discogs_VERSION_TYPE.xml.gz")
    require_refusal(extract("--from", str(part), "--version", "20260101"), "masters missing")
    require_refusal(extract("--from", str(first), "--types", "songs"), "labels,artists,masters,releases")
    require_refusal(extract("--from", str(first), DATA_QUALITY_RULES=str(rules)), str(rules))
    assert working.ask("SELECT FROM ingest_run") == []


def test_servers_that_do_not_answer_are_named(working: Installation, first: Path) -> None:
    def extract(**variables: str) -> Finished:
        return working.manage("extract", "discogs", "--from", str(first), **variables)

    require_refusal(extract(DATABASE_URL=f"postgresql://{NOWHERE}/none"), "PostgreSQL does not answer", "stack up")
    require_refusal(extract(NEO4J_URL=f"bolt://neo4j:secret@{NOWHERE}"), "Neo4j does not answer", "stack up")
    require_refusal(extract(CELERY_BROKER_URL=f"redis://{NOWHERE}/0"), "The broker does not answer", "stack up")
    assert working.ask("SELECT FROM ingest_run") == []


def test_a_dry_run_says_what_it_would_load(working: Installation, first: Path) -> None:
    done = working.manage("extract", "discogs", "--from", str(first), "--dry-run")

    assert done.code == 0, done.stderr
    assert "Would load version 20260101 into tables, graph" in done.stdout
    assert str(first / "discogs_20260101_artists.xml.gz") in done.stdout
    assert working.ask("SELECT FROM ingest_run") == []


def test_the_tables_alone_and_the_graph_later(working: Installation, first: Path) -> None:
    working.load(first, "--stores", "tables")

    assert working.value("SELECT count(*) FROM releases") == len(read(first).records["releases"])
    assert working.cypher("MATCH (node) RETURN count(node)") == [[0]]

    working.load(first)

    working.require(first)


def test_a_rewrite_heals_a_graph_that_somebody_changed(working: Installation, first: Path) -> None:
    working.cypher("MATCH (:Release {id: '1000'})-[edge:BY|ON|CREDITED_ON]-() DELETE edge")
    working.cypher("MATCH (:Artist)-[edge:MEMBER_OF|ALIAS_OF]->() DELETE edge")
    working.cypher("MATCH (release:Release {id: '1002'}), (artist:Artist {id: '12'}) CREATE (release)-[:BY]->(artist)")
    working.cypher("MATCH (master:Master {id: '100'})-[edge:BY]->(artist) CREATE (master)-[:BY]->(artist)")
    working.cypher("MATCH (label:Label {id: '50'}) SET label.name = 'Another'")

    working.load(first, "--rewrite")

    working.require(first)


def test_a_rebuilt_graph_is_the_same(working: Installation, first: Path) -> None:
    working.cypher("MATCH (node:Release) WHERE node.id > '1005' DETACH DELETE node")

    done = working.manage("rebuild_graph")

    assert done.code == 0, f"{done.stderr}\n{working.report()}"
    working.require(first)


def test_artists_alone_change_nothing_else(working: Installation, first: Path, second: Path) -> None:
    working.load(second, "--types", "artists")

    with working.connect() as connection:
        rows = stored.tables(connection)
    assert rows["artists"].keys() == read(second).records["artists"].keys()
    for type_ in ("labels", "masters", "releases"):
        assert rows[type_].keys() == read(first).records[type_].keys()


def test_a_run_that_is_interrupted_here_goes_on_and_can_be_followed_and_cancelled(
    working: Installation, second: Path
) -> None:
    command = working.start("extract", "discogs", "--from", str(second))
    working.wait_until(lambda: working.run[1] == "extracting", "a run of the command")
    number, _ = working.run
    with working.connect() as connection, connection.transaction():
        # Extraction cannot ask the tables now, so the run does not end.
        connection.execute("LOCK TABLE artists, labels, masters, releases")
        # The run is there a moment before the command follows it.
        time.sleep(1)
        os.kill(command.pid, signal.SIGINT)
        interrupted = working.finish(command)
        again = working.manage("extract", "discogs", "--from", str(second))
        listed = working.manage("runs")
        shown = working.manage("runs", str(number))
        resumed = working.manage("runs", "resume", str(number))
        followed = working.manage("extract", "discogs", "--resume", "--no-wait")
        cancelled = working.manage("runs", "cancel", str(number))

    assert interrupted.code == 130, interrupted
    assert f"Run {number} goes on." in interrupted.error
    assert "follow or resume: manage.py extract discogs --resume" in interrupted.error
    assert f"cancel: manage.py runs cancel {number}" in interrupted.error
    assert "Traceback" not in interrupted.stderr
    require_refusal(again, f"Run {number} is unfinished", "extract discogs --resume", f"runs cancel {number}")
    assert f"{number}  discogs 20260201  extracting" in listed.stdout
    assert f"Run {number}: discogs 20260201 extracting for " in shown.stdout
    assert f"from      {second}" in shown.stdout
    assert f"end it: manage.py runs cancel {number}" in shown.stdout
    assert resumed.stdout == f"Run {number}: resumed\n"
    assert f"Run {number} is under way" in followed.stdout
    assert cancelled.stdout == f"Run {number}: cancelled\n"
    assert working.run == (number, "cancelled")


def test_what_a_cancelled_run_left_undone_the_next_one_does(working: Installation, second: Path) -> None:
    done = working.manage("extract", "discogs", "--from", str(second), "--resume", "--no-wait")

    assert done.code == 0, done.stderr
    assert working.wait_for_end() == "completed", working.report()
    working.require(second)


def test_runs_that_have_ended_cannot_be_cancelled_or_resumed(working: Installation) -> None:
    number, _ = working.run

    require_refusal(working.manage("runs", "cancel", str(number)), f"Run {number} has ended (completed)")
    require_refusal(working.manage("runs", "resume", str(number)), f"Run {number} has ended (completed)")
    for of_none in (["cancel", "999"], ["show", "999"], ["999"], [f"{10**30}"]):
        require_refusal(working.manage("runs", *of_none), f"There is no run {of_none[-1]}: manage.py runs lists them")
    require_refusal(working.manage("runs", "begin"), "'begin': give the number of a run, or one of list, show")
    shown = working.manage("runs", str(number))
    assert shown.code == 0, shown
    assert f"Run {number}: discogs 20260201 completed in " in shown.stdout
    assert "ended     " in shown.stdout
    assert "cancel" not in shown.stdout
    assert max(map(len, shown.stdout.splitlines()[:15])) <= 80


def test_without_a_worker_the_command_says_how_to_start_one(working: Installation, second: Path) -> None:
    working.worker.stop()
    began = time.monotonic()

    done = working.manage("extract", "discogs", "--from", str(second))

    require_refusal(done, "No worker answers", "make worker", "--local")
    assert time.monotonic() - began < 15
