"""The life of the embedded servers: up, down, and up again after the worst that can happen to them."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import neo4j
import psycopg
import pytest
import redis
from neo4j import GraphDatabase

from apps.stack import environment, ports, processes, servers
from apps.stack.errors import StackError
from apps.stack.neo4j import Neo4j
from apps.stack.postgres import Postgres
from apps.stack.server import Server
from apps.stack.valkey import Valkey

pytestmark = pytest.mark.usefixtures("without_neo4j")


def kill(server: Server) -> None:
    pid = server.pid()
    assert pid is not None
    processes.stop(pid, by=signal.SIGKILL, timeout_seconds=5)


def start_in_another_process() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", "from apps.stack import servers; servers.up(print)"])


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def read(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()
    return row and row[0]


def test_up_gives_addresses_that_answer(stack: Path) -> None:
    variables = servers.up()

    assert read(variables["DATABASE_URL"], "SELECT current_setting('fsync')") == "on"
    for name in ("CELERY_BROKER_URL", "CELERY_RESULT_BACKEND", "CACHE_URL"):
        with redis.Redis.from_url(variables[name]) as client:
            assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    assert {entry.title: entry.state for entry in servers.status()} == {
        "PostgreSQL": "running",
        "Valkey": "running",
        "Neo4j": "external",
    }


def test_a_password_is_asked_for(stack: Path) -> None:
    variables = servers.up()

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        read(variables["DATABASE_URL"].replace("linernotes:", "linernotes:wrong", 1), "SELECT 1")
    with redis.Redis(port=Valkey(stack).address().port) as client, pytest.raises(redis.AuthenticationError):
        client.ping()


def test_up_twice_changes_nothing(stack: Path) -> None:
    first, before = servers.up(), [entry.pid for entry in servers.status()]

    assert servers.up() == first
    assert [entry.pid for entry in servers.status()] == before


def test_down_leaves_no_process_and_up_brings_the_data_back(stack: Path) -> None:
    url = servers.up()["DATABASE_URL"]
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")

    servers.down()

    assert [entry.state for entry in servers.status()] == ["stopped", "stopped", "external"]
    assert servers.up()["DATABASE_URL"] == url
    assert read(url, "SELECT answer FROM kept") == 42


def test_killed_servers_come_back_with_their_data(stack: Path) -> None:
    url = servers.up()["DATABASE_URL"]
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")

    kill(Postgres(stack))
    kill(Valkey(stack))

    assert servers.up()["DATABASE_URL"] == url
    assert read(url, "SELECT answer FROM kept") == 42


@pytest.mark.parametrize("content", ["", f"{os.getpid()}\n/data\n"], ids=["empty", "pid of another program"])
def test_a_lock_file_that_lies_does_not_keep_postgres_from_starting(stack: Path, content: str) -> None:
    servers.up()
    servers.down()
    lock = stack / "postgres" / "data" / "postmaster.pid"
    lock.write_text(content)

    servers.up()

    assert (lock.with_name("postmaster.pid.stale")).read_text() == content


def test_a_folder_that_was_not_finished_is_moved_aside(stack: Path) -> None:
    other = start_in_another_process()
    wait_until((stack / "postgres.new" / "data" / "PG_VERSION").exists)
    other.kill()
    other.wait()
    said: list[str] = []

    servers.up(said.append)

    assert [path.name for path in stack.glob("postgres.broken-*/data/PG_VERSION")] == ["PG_VERSION"]
    assert any("it was not finished: moved to" in text for text in said)


def test_a_folder_without_an_address_is_moved_aside(stack: Path) -> None:
    (stack / "valkey").mkdir(parents=True)
    (stack / "valkey" / "mine").touch()

    servers.up()

    assert len(list(stack.glob("valkey.broken-*/mine"))) == 1


def test_a_second_up_at_the_same_time_waits_for_the_first(stack: Path) -> None:
    other = start_in_another_process()
    wait_until((stack / "postgres.new").exists)
    said: list[str] = []

    servers.up(said.append)

    assert other.wait() == 0
    assert said == [f"Another command is starting or stopping the servers of {stack}: waiting for it"]


def test_a_port_that_somebody_took_is_given_up(stack: Path) -> None:
    servers.up()
    servers.down()
    taken = Valkey(stack).address().port

    with socket.create_server((ports.HOST, taken)):
        variables = servers.up()

    assert str(taken) not in variables["CACHE_URL"]
    assert environment.read()["CACHE_URL"] == variables["CACHE_URL"]


def test_a_server_that_dies_shows_the_end_of_its_log(stack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.stack.valkey.CONFIGURATION", "no-such-setting {host}{port}{password}{folder}\n")

    with pytest.raises(StackError, match=rf"(?s)Valkey died while starting.*{stack}/logs/valkey\.log.*no-such-setting"):
        servers.up()


def test_only_the_variables_that_the_environment_lacks_are_ours(stack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CELERY_BROKER_URL", "amqp://elsewhere")
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere")

    variables = servers.up()

    assert variables["CELERY_BROKER_URL"] == "amqp://elsewhere"
    assert variables["CACHE_URL"].startswith("redis://:")
    assert [entry.state for entry in servers.status()] == ["external", "running", "external"]


def test_what_apply_set_is_not_taken_for_a_server_of_somebody_else(stack: Path) -> None:
    servers.up()
    environment.apply()

    assert [entry.state for entry in servers.status()] == ["running", "running", "external"]


def test_servers_of_the_file_are_ours_also_in_a_shell_that_has_read_it(
    stack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``. .stack/env``, then ``make down`` and ``make up``."""
    servers.up()
    for name, value in environment.read().items():
        monkeypatch.setenv(name, value)

    servers.down()
    assert [entry.state for entry in servers.status()] == ["stopped", "stopped", "external"]

    servers.up()
    assert [entry.state for entry in servers.status()] == ["running", "running", "external"]


def test_what_waits_for_a_server_gives_up_when_it_is_interrupted(stack: Path) -> None:
    """Ctrl-C while servers start: those that were launched can be stopped at once, and start again later."""
    other = start_in_another_process()
    wait_until((stack / "postgres.new").exists)
    other.send_signal(signal.SIGINT)
    other.wait(20)

    servers.down()

    assert [entry.state for entry in servers.status()] == ["stopped", "stopped", "external"]
    servers.up()
    assert [entry.state for entry in servers.status()] == ["running", "running", "external"]
    assert not list(stack.glob("*.broken-*"))


def test_down_keeps_what_it_is_told_to(stack: Path) -> None:
    servers.up()

    servers.down(keep={"PostgreSQL"})

    assert [entry.state for entry in servers.status()] == ["running", "stopped", "external"]


@pytest.mark.parametrize("name", ["NEO4J_HEAP", "NEO4J_PAGECACHE"])
def test_an_amount_of_memory_that_is_none_is_refused(stack: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delenv("NEO4J_URL")
    monkeypatch.setenv(name, "lots")

    with pytest.raises(StackError, match=f"{name} is 'lots': give an amount of memory"):
        servers.up()


@pytest.mark.slow
def test_neo4j_is_killed_and_comes_back_with_its_data(stack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEO4J_URL")
    monkeypatch.setenv("NEO4J_HEAP", "256m")
    url = servers.up()["NEO4J_URL"]
    run(url, "CREATE (:Artist {id: '1'})")

    kill(next(server for server in servers.list_embedded() if server.name == "neo4j"))

    assert servers.up()["NEO4J_URL"] == url
    assert [record["id"] for record in run(url, "MATCH (artist:Artist) RETURN artist.id AS id")] == ["1"]


def run(url: str, query: str) -> list[neo4j.Record]:
    password = url.partition("neo4j:")[2].partition("@")[0]
    with GraphDatabase.driver(f"bolt://{url.partition('@')[2]}", auth=("neo4j", password)) as driver:
        return driver.execute_query(query).records


# What other users of this machine see


def test_no_process_is_given_a_password_as_an_argument(stack: Path, started: list[list[str]]) -> None:
    up = servers.up()
    graph = stack / "graph"
    graph.mkdir()
    Neo4j(stack).create(graph, "of-sixteen-letters")

    assert {Path(program).name for program, *_ in started} >= {"initdb", "pg_ctl", "valkey-server", "java"}
    passwords = [str(urlsplit(up[name]).password) for name in ("DATABASE_URL", "CACHE_URL")]
    for password in [*passwords, "of-sixteen-letters"]:
        assert not [command for command in started if any(password in argument for argument in command)]
    assert "neo4j:SHA-256" in (graph / "data" / "dbms" / "auth.ini").read_text()
    assert not (graph / "password").exists()


class Starts:
    """Notes the command of each process that Python starts; a hook of this kind stays for as long as Python runs."""

    def __init__(self) -> None:
        self.commands: list[list[str]] | None = None
        sys.addaudithook(self)

    def __call__(self, event: str, details: Any) -> None:
        if self.commands is not None and event in ("subprocess.Popen", "os.posix_spawn"):
            self.commands.append([os.fsdecode(argument) for argument in details[1]])


@pytest.fixture(scope="session")
def starts() -> Starts:
    return Starts()


@pytest.fixture
def started(starts: Starts) -> Iterator[list[list[str]]]:
    """Return the commands of the processes that are started from now on."""
    starts.commands = []
    yield starts.commands
    starts.commands = None
