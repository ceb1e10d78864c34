"""Programs that the demo runs and ends itself, unlike the servers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from apps.stack import environment
from apps.stack.errors import StackError

MANAGE = [sys.executable, str(environment.CHECKOUT / "manage.py")]
END_SECONDS = 30
PAUSE_SECONDS = 0.3


@dataclass(frozen=True)
class Child:
    """A program in a session of its own, so that a Ctrl-C reaches us and we end it, once and in order."""

    title: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def is_running(self) -> bool:
        """Tell whether the program has not ended yet."""
        return self.process.poll() is None


def manage(*arguments: str) -> None:
    """Run one of our management commands, which talks to the terminal itself.

    Raises:
        StackError: the command failed; it has said why.
    """
    command = [*MANAGE, *arguments]
    process = subprocess.Popen(command, cwd=environment.CHECKOUT, start_new_session=True)  # noqa: S603
    try:
        status = process.wait()
    finally:
        _end(process, by=signal.SIGINT)
    if status:
        raise StackError(f"manage.py {' '.join(arguments)} failed (status {status})")


@contextmanager
def running(title: str, module: str, arguments: Sequence[str]) -> Iterator[Child]:
    """Run a program of our environment, its output in a log, until the block ends."""
    log = environment.folder() / "logs" / f"{title}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", module, *arguments],
            cwd=environment.CHECKOUT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield Child(title, process, log)
    finally:
        _end(process, by=signal.SIGTERM)


def watch(children: Sequence[Child]) -> None:
    """Wait for the end of any of the programs, which none of them should have.

    Raises:
        StackError: one has ended.
    """
    while all(child.is_running for child in children):
        time.sleep(PAUSE_SECONDS)
    ended = next(child for child in children if not child.is_running)
    raise StackError(f"The {ended.title} ended by itself; its output is in {ended.log}")


def _end(process: subprocess.Popen[bytes], *, by: signal.Signals) -> None:
    if process.poll() is not None:
        return
    process.send_signal(by)
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        # The whole session: a worker's children outlive their killed parent.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
