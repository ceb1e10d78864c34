"""A Celery worker as an operator starts it, which a test may kill."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from unittest.mock import patch

from celery import Celery

from apps.stack import processes

PROJECT = Path(__file__).parents[2]
READY_ROUNDS = 60
WORK_SECONDS = 30
STOP_SECONDS = 20
TAIL_LINES = 40


class Worker:
    """A worker for all queues with the watchdog's clock in it; two processes work."""

    def __init__(self, folder: Path, environment: Mapping[str, str], *options: str) -> None:
        self.log = folder / "worker.log"
        self.beat = folder / "beat"
        self.environment = environment
        self.options = options
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "celery", "-A", "config", "worker", "-B", "-s", str(self.beat)]
        command += ["--concurrency=2", "--loglevel=WARNING", "--without-gossip", "--without-mingle", *self.options]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=PROJECT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        # Celery prefers the address in the environment of this process to any other.
        url = {"CELERY_BROKER_URL": self.environment["CELERY_BROKER_URL"]}
        with patch.dict(os.environ, url), Celery(set_as_current=False) as asking:
            ready = any(asking.control.ping(timeout=0.5, limit=1) for _ in range(READY_ROUNDS))
            # The pool is that of every application with this address, and outlives a broker that a test kills.
            asking.pool.resize(asking.pool.limit, reset=True)
        assert ready, self.tail()

    def stop(self) -> None:
        """End it as an operator does; what does not end in time is killed."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        self.process = None

    def kill(self) -> None:
        """End all of its processes by ``kill -9``, as the loss of its host would."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def kill_children(self, port: int) -> None:
        """End the processes that work by ``kill -9``: those with a connection to the database, at this port."""
        assert self.process is not None
        until = time.monotonic() + WORK_SECONDS
        # One that was killed in the stage before may not be back yet.
        while not (working := self.list_connected(port)) and time.monotonic() < until:
            time.sleep(0.1)
        assert working, self.tail()
        for child in working:
            os.kill(child, signal.SIGKILL)

    def list_connected(self, port: int) -> list[int]:
        assert self.process is not None
        return [child for child in children(self.process.pid) if is_connected(child, port)]

    def tail(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(["The end of the worker's log:", *lines[-TAIL_LINES:]])


def children(parent: int) -> Iterator[int]:
    for task in (processes.PROC / str(parent) / "task").glob("*/children"):
        yield from map(int, task.read_text().split())


def is_connected(pid: int, port: int) -> bool:
    """Tell whether a process has a connection to a port of this host."""
    sockets = {str(each.readlink()) for each in (processes.PROC / str(pid) / "fd").iterdir() if each.is_symlink()}
    return any(f"socket:[{inode}]" in sockets for inode in connections(port))


def connections(port: int) -> Iterator[str]:
    """Yield the inodes of the sockets whose other end is a port."""
    for line in (processes.PROC / "net" / "tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[2].endswith(f":{port:04X}"):
            yield fields[9]
