"""Programs that a command runs and ends itself, unlike the servers. They end with the command, even if it is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from apps.stack import environment, processes, tether
from apps.stack.errors import StackError

MANAGE = [sys.executable, str(environment.CHECKOUT / "manage.py")]
END_SECONDS = 30.0


@dataclass(frozen=True)
class Child:
    """A program in a session of its own: a Ctrl-C reaches only us, and we end the program."""

    title: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def is_running(self) -> bool:
        """Tell whether the program has not ended yet."""
        return self.process.poll() is None

    def require(self) -> None:
        """Raise StackError if the program has ended, which it should not have done."""
        if (status := self.process.poll()) is not None:
            raise StackError(f"The {self.title} ended by itself (status {status}); its output is in {self.log}")


def manage(*arguments: str) -> None:
    """Run one of our management commands, which talks to the terminal itself.

    Raises:
        StackError: the command failed; it has said why.
    """
    command = tether.command("manage", arguments, by=signal.SIGINT)
    process = subprocess.Popen(command, cwd=environment.CHECKOUT, start_new_session=True)  # noqa: S603
    try:
        status = process.wait()
    finally:
        end(process, by=signal.SIGINT)
    if status:
        raise StackError(f"manage.py {' '.join(arguments)} failed (status {status})")


@contextmanager
def running(
    title: str, module: str, arguments: Sequence[str], *, end_by: signal.Signals = signal.SIGTERM
) -> Iterator[Child]:
    """Run a program of our environment, its output in a log, until the block ends.

    ``end_by`` is what it gets when this process is killed.
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
    """End a program by a signal, and kill what is left of it: itself, if that takes longer, or children of it."""
    if process.poll() is None:
        process.send_signal(by)
    with suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
        process.wait(seconds)
    # Its session has no other members. A worker that is ended while it starts leaves its clock behind.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
