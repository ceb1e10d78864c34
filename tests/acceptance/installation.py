"""An installation of its own for a test: a database, an empty graph, a spool and a broker without messages.

Its commands are those of a user, each a process of its own; what they did is looked up in the stores.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import neo4j
import psycopg

from tests.acceptance import expected, expected_musicbrainz, snapshots, stored, stored_musicbrainz
from tests.acceptance.brokers import Broker
from tests.acceptance.expected_musicbrainz import Tables
from tests.acceptance.stored import Connection
from tests.acceptance.workers import PROJECT, Worker

# Small dumps then have dozens of chunks, and what a kill left undone is found within seconds.
SETTINGS = {"INGEST_CHUNK_BYTES": "1500", "INGEST_STALL_SECONDS": "3", "INGEST_WATCHDOG_SECONDS": "1"}
EMPTY_GRAPH = "MATCH (node) CALL (node) { DETACH DELETE node } IN TRANSACTIONS OF 5000 ROWS"
# What of the ledger a failed test shows.
LEDGER = {
    "Runs": "SELECT id, version, state, warnings, error FROM ingest_run ORDER BY id",
    "Files (run, type, state, is split, chunks, extracted, tabled, graphed, linked, failed)": """
SELECT file.run_id, file.type, file.state, file.split_at IS NOT NULL, count(chunk.id), count(extracted_at),
       count(tabled_at), count(graphed_at), count(linked_at), count(*) FILTER (WHERE failed_stage <> '')
FROM ingest_dumpfile AS file
LEFT JOIN ingest_chunk AS chunk ON chunk.file_id = file.id
GROUP BY file.id
ORDER BY file.id""",
    "Dead letters": "SELECT run_id, stage, record_id, error FROM ingest_deadletter",
    "Events": "SELECT run_id, at::text, kind, message FROM ingest_event ORDER BY id",
}
ENDED = ("completed", "completed_with_warnings", "failed", "cancelled")


@dataclass(frozen=True)
class Finished:
    """A command that has ended."""

    code: int
    stdout: str
    stderr: str

    @property
    def error(self) -> str:
        """What it says on stderr, on one line as far as it wraps only for the width of a screen."""
        return re.sub(r"\s+", " ", self.stderr).strip()

    @property
    def result(self) -> dict[str, Any]:
        """What ``--json`` printed."""
        found = json.loads(self.stdout)
        assert isinstance(found, dict)
        return found


@dataclass
class Installation:
    """What one test works with. ``patience``: seconds that a command may take."""

    folder: Path
    database_url: str
    neo4j_url: str
    broker: Broker
    driver: neo4j.Driver
    variables: dict[str, str] = field(default_factory=dict)
    patience: float = 120

    def __post_init__(self) -> None:
        self.worker = Worker(self.folder, self.environment())
        self.commands: list[subprocess.Popen[str]] = []

    def stop(self) -> None:
        """End what still runs of it."""
        for command in self.commands:
            if command.returncode is None:
                os.killpg(command.pid, signal.SIGKILL)
                command.communicate()
        self.worker.stop()

    def environment(self, **variables: str) -> dict[str, str]:
        """Return the environment of its commands."""
        ours = {
            "DATABASE_URL": self.database_url,
            "NEO4J_URL": self.neo4j_url,
            "SPOOL_URL": str(self.folder / "spool"),
            # No servers of a stack are meant, neither by the settings nor by the commands.
            "LINERNOTES_STACK_DIR": str(self.folder / "stack"),
        }
        return {**os.environ, **self.broker.variables, **ours, **SETTINGS, **self.variables, **variables}

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        """Start a management command; see ``manage``."""
        command = subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=PROJECT,
            env=self.environment(**variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            # A shell that runs the tests in the background has them, and so their commands, ignore Ctrl-C.
            preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no threads use locks here
        )
        self.commands.append(command)
        return command

    def manage(self, *arguments: str, **variables: str) -> Finished:
        """Run a management command to its end, with more variables in its environment."""
        return self.finish(self.start(*arguments, **variables))

    def finish(self, command: subprocess.Popen[str], seconds: float | None = None) -> Finished:
        """Wait for the end of a command, with our patience or another one."""
        seconds = seconds or self.patience
        try:
            stdout, stderr = command.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(command.pid, signal.SIGKILL)
            _, stderr = command.communicate()
            raise AssertionError(f"It goes on after {seconds} s: {stderr}\n{self.report()}") from None
        return Finished(command.returncode, stdout, stderr)

    def load(self, folder: Path, *options: str) -> dict[str, Any]:
        """Load a dump, which must complete, and return what the command said of it."""
        done = self.manage("extract", "discogs", "--from", str(folder), "--json", *options)
        assert done.code == 0, f"{done.stderr}\n{self.report()}"
        return done.result

    def enrich(self, folder: Path, *options: str) -> dict[str, Any]:
        """Load a dump of MusicBrainz, which must complete, and return what the command said of it."""
        done = self.manage("extract", "musicbrainz", "--from", str(folder), "--json", *options)
        assert done.code == 0, f"{done.stderr}\n{self.report()}"
        return done.result

    def require_musicbrainz(self, folder: Path, before: Tables | None = None) -> Tables:
        """Fail unless both stores hold a dump of MusicBrainz as the independent check reads it; return its rows."""
        wanted = expected_musicbrainz.tables(folder, before)
        with self.connect() as connection:
            found = stored_musicbrainz.table_differences(wanted, stored_musicbrainz.tables(connection))
        found += stored_musicbrainz.graph_differences(wanted, self.driver)
        assert not found, "\n".join([*found, self.report()])
        return wanted

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            yield connection

    def ask(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Ask the database."""
        with self.connect() as connection:
            return connection.execute(query.encode(), parameters).fetchall()

    def value(self, query: str, *parameters: Any) -> Any:
        """Ask the database for one value."""
        return self.ask(query, *parameters)[0][0]

    def cypher(self, query: str, **parameters: Any) -> list[list[Any]]:
        """Ask the graph, or change it."""
        with self.driver.session() as session:
            return [list(record.values()) for record in session.run(query, parameters)]

    @property
    def run(self) -> tuple[int, str]:
        """The number and the state of the last run; 0 and none before the first one."""
        number, state = next(iter(self.ask("SELECT id, state FROM ingest_run ORDER BY id DESC LIMIT 1")), (0, ""))
        return number, state

    def wait_until(self, holds: Callable[[], object], what: str, seconds: float = 90) -> None:
        """Wait for something; if it does not come, the test fails and says what the ledger has."""
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline, f"Not within {seconds} s: {what}\n{self.report()}"
            time.sleep(0.01)

    def wait_for_end(self, seconds: float = 90) -> str:
        """Wait until the last run has ended; return its state."""
        self.wait_until(lambda: self.run[1] in ENDED, "the run's end", seconds)
        return self.run[1]

    def snapshot(self) -> snapshots.Snapshot:
        with self.connect() as connection:
            return snapshots.take(connection, self.driver)

    def require(self, folder: Path) -> None:
        """Fail unless both stores hold a dump, as the independent check reads it, to the last row and node."""
        wanted = read(folder)
        with self.connect() as connection:
            rows, dangling = stored.tables(connection), stored.read_dangling(connection)
        found = stored.differences(wanted, stored.graph(self.driver))
        found += stored.describe_cases("dangling references missing", wanted.dangling - dangling)
        found += stored.describe_cases("dangling references not expected", dangling - wanted.dangling)
        for type_ in stored.TABLES:
            found += stored.describe_cases(f"{type_} rows missing", wanted.records[type_].keys() - rows[type_].keys())
            found += stored.describe_cases(
                f"{type_} rows not expected", rows[type_].keys() - wanted.records[type_].keys()
            )
            wrong = [id_ for id_, row in rows[type_].items() if row.hash != stored.hash_of(type_, row.data)]
            found += stored.describe_cases(f"{type_} rows with a wrong hash", wrong)
        assert not found, "\n".join([*found, self.report()])

    def require_leaves(self, folder: Path) -> None:
        """Fail unless every text and attribute of the dump is in the stored JSON."""
        with self.connect() as connection:
            rows = stored.tables(connection)
        for type_ in stored.TABLES:
            # Of two records with one id the later one is stored.
            for id_, leaves in dict(expected.leaves(folder, type_)).items():
                missing = expected.missing_leaves(leaves, rows[type_][id_].data)
                assert not missing, f"{type_} {id_} lacks {missing}"

    def empty_graph(self) -> None:
        with self.driver.session() as session:
            session.run(EMPTY_GRAPH).consume()

    def report(self) -> str:
        """Return what the ledger and the worker's log say, for the message of a failed test."""
        parts = [self.ledger(), self.worker.tail()]
        return "\n".join(parts)

    def ledger(self) -> str:
        """Return the rows of the ledger as text."""
        return "\n".join(f"{name}: " + "\n  ".join(["", *map(str, self.ask(query))]) for name, query in LEDGER.items())

    def postgres_port(self) -> int:
        return urlsplit(self.database_url).port or 5432


@cache
def read(folder: Path) -> expected.Expected:
    """Return what the independent check says of a dump, read once."""
    return expected.read(folder)
