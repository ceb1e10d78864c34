"""Child programs of a command. Unlike the servers, they end with it, even if it is killed; not those of ``start``."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from apps.stack import environment, processes, tether
from apps.stack.errors import StackError

MANAGE = [sys.executable, str(environment.CHECKOUT / "manage.py")]
END_SECONDS = 30.0


@dataclass(frozen=True)
class Child:
    """A program in a session of its own. A Ctrl-C reaches only this process, which then ends the program."""

    title: str
    process: subprocess.Popen[bytes]
    log: Path

    def require(self) -> None:
        """Raise StackError if the program has ended unexpectedly."""
        if (status := self.process.poll()) is not None:
            raise StackError(f"The {self.title} ended by itself (status {status}); its output is in {self.log}")


def manage(*arguments: str) -> None:
    """Run one of our management commands and wait for it. It prints to the terminal itself.

    Raises:
        StackError: The command failed; it has printed the reason.
    """
    command = tether.command("manage", arguments, by=signal.SIGINT)
    process = subprocess.Popen(command, cwd=environment.CHECKOUT, start_new_session=True)  # noqa: S603
    try:
        status = process.wait()
    finally:
        end(process, by=signal.SIGINT)
    if status:
        raise StackError(f"manage.py {' '.join(arguments)} failed (status {status})")


def start(*arguments: str, log: Path, lock: IO[str]) -> subprocess.Popen[bytes]:
    """Start one of our management commands, which goes on if this process ends and keeps a lock until its own end."""
    with log.open("wb") as output:
        return subprocess.Popen(  # noqa: S603
            [*MANAGE, *arguments],
            cwd=environment.CHECKOUT,
            # Its standard input, as that is not inherited by the servers that it starts.
            stdin=lock,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


@contextmanager
def run_in_background(
    title: str, module: str, arguments: Sequence[str], *, end_by: signal.Signals = signal.SIGTERM
) -> Iterator[Child]:
    """Run a module as a program until the block ends, with its output in a log.

    ``end_by`` is the signal that it gets when this process is killed.
    """
    log = environment.log_folder() / f"{title.replace(' ', '-')}.log"
    processes.keep_old(log)
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603
            tether.command(module, arguments, by=end_by),
            cwd=environment.CHECKOUT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield Child(title, process, log)
    finally:
        end(process, by=signal.SIGTERM)


def end(process: subprocess.Popen[bytes], *, by: signal.Signals, seconds: float = END_SECONDS) -> None:
    """End a program by a signal; after ``seconds`` kill what is left of it and of its children."""
    if process.poll() is None:
        process.send_signal(by)
    with suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
        process.wait(seconds)
    # The whole session is killed, which has no other members: a worker that is ended while it starts leaves its beat
    # process behind.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
