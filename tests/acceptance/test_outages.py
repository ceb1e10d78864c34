"""Servers that are away in the middle of a run: nothing gives up, nothing is lost, nobody restarts a worker."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from django.db import connections

from apps.stack import environment, processes
from apps.stack.neo4j import Neo4j
from apps.stack.postgres import Postgres
from apps.stack.server import Server
from tests.acceptance import stages
from tests.acceptance.brokers import Broker, ValkeyBroker
from tests.acceptance.conftest import NO_RABBITMQ, Build, open_installation
from tests.acceptance.installation import Installation
from tests.dumps import FIRST_MONTH, pack

TINY_CHUNKS = {"INGEST_CHUNK_BYTES": "300", "INGEST_PIECE_BYTES": "1000"}
# Longer than what makes the watchdog look after a run.
SHORT_SECONDS = 4
LONG_SECONDS = 600


@dataclass(frozen=True)
class Outage:
    """A server that goes away, and the stage in the middle of which it does."""

    stage: str
    kill: Callable[[], None]
    start: Callable[[], None]


@pytest.fixture
def results(tmp_path: Path) -> Iterator[ValkeyBroker]:
    """Return a Valkey for the results alone. Like every Valkey of ours it comes back without what it knew."""
    valkey = ValkeyBroker(tmp_path / "results")
    yield valkey
    valkey.stop()


@pytest.fixture
def outages(mortal_broker: Broker, results: ValkeyBroker) -> Iterator[dict[str, Outage]]:
    postgres, graph = Postgres(environment.folder()), Neo4j(environment.folder())
    yield {
        "PostgreSQL": Outage("extract", lambda: kill(postgres), lambda: start(postgres)),
        "the broker": Outage("table", mortal_broker.kill, mortal_broker.start),
        "Neo4j": Outage("nodes", lambda: kill(graph), lambda: start(graph)),
        "the results": Outage("links", results.kill, results.start),
    }
    for server in (postgres, graph):
        start(server)
    # This process had connections to a PostgreSQL that is no more.
    connections.close_all()


def kill(server: Server) -> None:
    processes.stop(stages.pid_of(server), by=signal.SIGKILL, timeout_seconds=10)


def start(server: Server) -> None:
    server.up(lambda _: None)


@pytest.fixture
def waiting(build: Build, tmp_path: Path, mortal_broker: Broker, results: ValkeyBroker) -> Iterator[Installation]:
    variables = {**TINY_CHUNKS, "CELERY_RESULT_BACKEND": results.variables["CELERY_RESULT_BACKEND"]}
    with open_installation(build, tmp_path / "installation", mortal_broker, **variables) as installation:
        yield installation


def go_through(installation: Installation, outage: Outage, seconds: float) -> None:
    """Wait for the middle of an outage's stage, and let its server be away for a while there."""
    # What held the stage may have been in the server that went.
    with suppress(psycopg.OperationalError), stages.hold_stage(installation, outage.stage):
        outage.kill()
        time.sleep(seconds)
        outage.start()


def require_no_harm(installation: Installation, dump: Path, worker: int) -> None:
    """Fail unless the run completes by itself, with the same worker, and nothing gave up or is lacking."""
    assert installation.wait_for_end(180) == "completed", installation.report()
    assert not installation.ask("SELECT FROM ingest_deadletter"), installation.report()
    installation.require(dump)
    process = installation.worker.process
    assert process is not None
    assert (process.pid, process.poll()) == (worker, None), installation.report()


def begin(installation: Installation, dump: Path) -> int:
    """Start a run; return the worker's pid."""
    installation.manage("extract", "discogs", "--from", str(dump), "--no-wait")
    assert installation.worker.process is not None
    return installation.worker.process.pid


@pytest.mark.parametrize(
    "mortal_broker",
    ["valkey", pytest.param("rabbitmq", marks=[NO_RABBITMQ, pytest.mark.slow])],
    indirect=True,
)
def test_every_server_is_away_for_a_while(waiting: Installation, tmp_path: Path, outages: dict[str, Outage]) -> None:
    dump = pack(FIRST_MONTH, "20260101", tmp_path / "dump")
    worker = begin(waiting, dump)
    for outage in outages.values():
        go_through(waiting, outage, SHORT_SECONDS)

    require_no_harm(waiting, dump, worker)


@pytest.mark.slow
@pytest.mark.parametrize("server", ["PostgreSQL", "the broker", "Neo4j", "the results"])
def test_a_server_is_away_for_ten_minutes(
    waiting: Installation, tmp_path: Path, outages: dict[str, Outage], server: str
) -> None:
    dump = pack(FIRST_MONTH, "20260101", tmp_path / "dump")
    worker = begin(waiting, dump)
    go_through(waiting, outages[server], LONG_SECONDS)

    require_no_harm(waiting, dump, worker)
