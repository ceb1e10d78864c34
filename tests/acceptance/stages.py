"""Holding a run in the middle of a stage, by what a real installation suffers: locks and servers that stand still.

Nothing in the product knows of this. PostgreSQL is held by the locks of a second connection, so that the ledger can
still be asked; Neo4j is held by SIGSTOP.
"""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from apps.stack import environment, processes
from apps.stack.neo4j import Neo4j
from apps.stack.postgres import Postgres
from apps.stack.server import Server
from tests.acceptance.installation import Installation
from tests.acceptance.workers import children

# A chunk with nothing to write has all of its marks from the beginning.
MARKED = "SELECT count(*) FROM ingest_chunk WHERE for_graph > 0 AND {mark} IS NOT NULL"
STATES = "SELECT count(*) FROM ingest_run WHERE state = '{state}'"
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
DISCONNECT = """
SELECT pg_terminate_backend(pid)
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
# A run cannot end: PostgreSQL has whoever tries it begin again, as after a conflict of two transactions.
REFUSE_END = """
CREATE FUNCTION refuse_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF new.completed_at IS NOT NULL THEN
        RAISE EXCEPTION 'not yet' USING ERRCODE = 'serialization_failure';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER refuse_end BEFORE UPDATE ON ingest_run FOR EACH ROW EXECUTE FUNCTION refuse_end();
"""
ADMIT_END = "DROP FUNCTION refuse_end CASCADE"
# Until every process that works has come upon the server that stands still.
SETTLING_SECONDS = 0.5


@dataclass(frozen=True)
class Stage:
    """A stage: what the ledger shows when it is under way, and what stands still in the middle of it."""

    begun: str
    held: str  # a table that cannot be written, or "graph"


STAGES = {
    "split": Stage("SELECT count(*) FROM ingest_run", "ingest_chunk"),
    "extract": Stage(MARKED.format(mark="extracted_at"), "ingest_chunk"),
    "table": Stage(MARKED.format(mark="tabled_at"), "releases"),
    "nodes": Stage(MARKED.format(mark="graphed_at"), "graph"),
    "links": Stage(MARKED.format(mark="linked_at"), "graph"),
    "maintenance": Stage(STATES.format(state="maintaining"), "graph"),
}

# Of MusicBrainz, whose chunks make no nodes.
OF_MUSICBRAINZ = " AND file_id IN (SELECT id FROM ingest_dumpfile WHERE type = 'artists' AND path LIKE '%%.xz')"
MUSICBRAINZ_STAGES = {
    "split": Stage("SELECT count(*) FROM ingest_run WHERE source = 'musicbrainz'", "ingest_chunk"),
    "extract": Stage(MARKED.format(mark="extracted_at") + OF_MUSICBRAINZ, "ingest_chunk"),
    "table": Stage(MARKED.format(mark="tabled_at") + OF_MUSICBRAINZ, "musicbrainz.artists"),
    "links": Stage(MARKED.format(mark="linked_at") + OF_MUSICBRAINZ, "graph"),
    "maintenance": Stage(STATES.format(state="maintaining"), "graph"),
}


@contextmanager
def hold_stage(installation: Installation, name: str, stages: dict[str, Stage] = STAGES) -> Iterator[None]:
    """Wait until a stage is under way, and hold it there for the time of the block."""
    stage = stages[name]
    installation.wait_until(lambda: installation.value(stage.begun), f"{name} under way")
    with stop_graph() if stage.held == "graph" else lock_table(installation, stage.held):
        yield


@contextmanager
def keep_runs_open(installation: Installation) -> Iterator[None]:
    """Let no run end."""
    with installation.connect() as connection:
        connection.execute(REFUSE_END.encode())
        yield
        connection.execute(ADMIT_END.encode())


@contextmanager
def lock_table(installation: Installation, table: str) -> Iterator[None]:
    """Let nobody write a table, and wait until somebody wants to."""
    with installation.connect() as connection, connection.transaction():
        connection.execute(f"LOCK TABLE {table} IN SHARE MODE".encode())
        installation.wait_until(lambda: installation.value(WAITING), f"somebody to write {table}")
        yield


@contextmanager
def stop_graph() -> Iterator[None]:
    """Let Neo4j stand still."""
    with stop_processes([pid_of(Neo4j(environment.folder()))]):
        time.sleep(SETTLING_SECONDS)
        yield


@contextmanager
def stop_postgres() -> Iterator[None]:
    """Let PostgreSQL stand still, with every process that serves somebody."""
    server = pid_of(Postgres(environment.folder()))
    with stop_processes([server, *children(server)]):
        yield


@contextmanager
def stop_processes(pids: list[int]) -> Iterator[None]:
    """Let processes stand still; one that has ended meanwhile is none of our business."""
    for pid in pids:
        send(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            send(pid, signal.SIGCONT)


def send(pid: int, sent: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, sent)


def pid_of(server: Server) -> int:
    pid = server.pid()
    assert pid is not None
    return pid


def kill_graph() -> None:
    """End Neo4j by ``kill -9`` and start it again."""
    server = Neo4j(environment.folder())
    processes.stop(pid_of(server), by=signal.SIGKILL, timeout_seconds=10)
    server.up(lambda _: None)


def disconnect(installation: Installation) -> None:
    """Let PostgreSQL throw everybody out of the database."""
    installation.ask(DISCONNECT)
