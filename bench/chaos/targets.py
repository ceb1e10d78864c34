"""What suffers: Celery's processes and the servers, each brought back by a thread of its own as a supervisor would."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

import neo4j
import psycopg
import redis

from apps.stack import processes
from apps.stack.errors import StackError
from apps.stack.server import Server
from tests.acceptance.stages import DISCONNECT
from tests.acceptance.workers import PROJECT, children

LOOK_SECONDS = 0.5
STOP_SECONDS = 15
Report = Callable[[str], None]


class Target(ABC):
    """A process, with its children, that is started again whenever it has ended."""

    kinds: ClassVar[tuple[str, ...]]

    def __init__(self, name: str) -> None:
        self.name = name

    @abstractmethod
    def pid(self) -> int | None:
        """Return the process that the others come from, None when it does not run."""

    @abstractmethod
    def start(self) -> None:
        """Start it."""

    @abstractmethod
    def stop(self) -> None:
        """End it in an orderly way."""

    def pids(self) -> list[int]:
        """Return all of its processes, the first one first."""
        pid = self.pid()
        if pid is None:
            return []
        try:
            return [pid, *children(pid)]
        except (FileNotFoundError, ProcessLookupError):
            # One of them has ended while we looked.
            return [pid]

    def kill(self) -> None:
        """End it by ``kill -9``."""
        send(self.pids()[:1], signal.SIGKILL)

    def disconnect(self) -> None:
        """Close all connections to it."""
        raise NotImplementedError

    def supervise(self, over: threading.Event, report: Report) -> None:
        """Start it whenever it does not run, until all is over."""
        while not over.wait(LOOK_SECONDS):
            if self.pid() is None:
                try:
                    self.start()
                except (StackError, OSError) as error:
                    # It was hit while it started, or what it left behind is not gone yet.
                    report(f"{self.name} did not start, next try: {str(error).splitlines()[0]}")


class Program(Target):
    """A program of Celery's in a session of its own."""

    def __init__(self, name: str, options: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        super().__init__(name)
        self.command = [sys.executable, "-m", "celery", "-A", "config", *options, "--loglevel=WARNING"]
        self.log = folder / f"{name}.log"
        self.environment = environment
        self.started: list[subprocess.Popen[bytes]] = []

    def pid(self) -> int | None:
        if self.started and self.started[-1].poll() is None:
            return self.started[-1].pid
        return None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.started.append(
                subprocess.Popen(
                    self.command,
                    cwd=PROJECT,
                    env=self.environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            )

    def stop(self) -> None:
        if self.pid() is not None:
            self.started[-1].terminate()
            try:
                self.started[-1].wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """End all of its processes, as the loss of its host would."""
        if self.started:
            with suppress(ProcessLookupError):
                os.killpg(self.started[-1].pid, signal.SIGKILL)
            self.started[-1].wait()

    def end(self) -> None:
        """End it for good, and what an earlier one left behind."""
        self.stop()
        for process in self.started:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)

    def tail(self, lines: int = 15) -> str:
        """Return the end of its log."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join([f"The end of {self.log.name}:", *text.splitlines()[-lines:]])


class Worker(Program):
    """A worker with its children."""

    kinds = ("kill", "kill child", "kill parent", "pause", "restart")


class Beat(Program):
    """The clock of the watchdog."""

    kinds = ("kill", "pause", "restart")


class Served(Target):
    """A server of the stack."""

    def __init__(self, server: Server, url: str) -> None:
        super().__init__(server.name)
        self.server = server
        self.url = url

    def pid(self) -> int | None:
        return self.server.pid()

    def start(self) -> None:
        self.server.up(lambda _: None)

    def stop(self) -> None:
        self.server.down(lambda _: None)


class Postgres(Served):
    """PostgreSQL; its children are the processes that serve somebody, and the end of one restarts all."""

    kinds = ("kill", "kill child", "pause", "restart", "disconnect")

    def disconnect(self) -> None:
        with suppress(psycopg.Error), psycopg.connect(self.url, autocommit=True, connect_timeout=5) as connection:
            connection.execute(DISCONNECT.encode())


class Valkey(Served):
    """Valkey, which loses everything with its process."""

    kinds = ("kill", "pause", "restart", "disconnect")

    def disconnect(self) -> None:
        with suppress(redis.RedisError), redis.Redis.from_url(self.url, socket_timeout=5) as client:
            for kind in ("normal", "pubsub"):
                client.client_kill_filter(_type=kind, skipme=True)


class Neo4j(Served):
    """Neo4j."""

    kinds = ("kill", "pause", "restart", "disconnect")

    def disconnect(self) -> None:
        url = urlsplit(self.url)
        auth = (url.username or "", url.password or "")
        with (
            suppress(neo4j.exceptions.DriverError, neo4j.exceptions.Neo4jError),
            neo4j.GraphDatabase.driver(f"bolt://{url.hostname}:{url.port}", auth=auth) as driver,
            driver.session() as session,
        ):
            ids = session.run("CALL dbms.listConnections() YIELD connectionId").value()
            session.run("CALL dbms.killConnections($ids)", ids=ids).consume()


class RabbitMQ(Target):
    """A RabbitMQ that ``.ci/rabbitmq.sh`` runs in a folder; it keeps its queues on disk."""

    kinds = ("kill", "pause", "restart")

    def __init__(self, script: Path, folder: Path) -> None:
        super().__init__("rabbitmq")
        self.script = script
        self.folder = folder

    def pid(self) -> int | None:
        try:
            pid = int((self.folder / "server.pid").read_text())
        except (FileNotFoundError, ValueError):
            return None
        return None if processes.ends_within(pid, 0) else pid

    def start(self) -> None:
        self.control("stop")
        self.control("start")

    def stop(self) -> None:
        self.control("stop")

    def control(self, action: str) -> None:
        """Call the script.

        Raises:
            StackError: It failed.
        """
        done = subprocess.run([str(self.script), action, str(self.folder)], capture_output=True, text=True, check=False)
        if done.returncode:
            raise StackError(f"rabbitmq.sh {action} failed: {done.stderr}")


def send(pids: Sequence[int], sent: signal.Signals) -> None:
    """Send a signal to processes; one that has ended meanwhile needs none."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, sent)
