"""Processes that outlive the command that started them, and are found again by their command line.

There are no pid files: they are wrong after a ``kill -9``, a reboot or the reuse of a pid. A process is ours if it runs
the right program with a path inside the stack's folder as an argument.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from apps.stack.errors import StackError

PAUSE_SECONDS = 0.05
PROC = Path("/proc")


def find(program: str, path: Path) -> int | None:
    """Return the pid of the program that runs with this path as an argument or as an option's value, else None."""
    for pid, (executable, *arguments) in _command_lines():
        if Path(executable).name == program and any(_names(argument, str(path)) for argument in arguments):
            return pid
    return None


def spawn(command: list[str], *, log: Path, environment: Mapping[str, str] = os.environ) -> int:
    """Start a program in a session of its own, without standard input and with its output in a new log; return its pid.

    A Ctrl-C in the terminal does not reach it. The previous log is kept as ``<log>.old``.
    """
    keep_old(log)
    to_log = (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    from_nothing = (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)
    actions = [from_nothing, to_log, (os.POSIX_SPAWN_DUP2, 1, 2)]
    pid = os.posix_spawn(command[0], command, environment, file_actions=actions, setsid=True)
    _await_command_line(pid)
    return pid


def keep_old(log: Path) -> None:
    """Rename an existing log to ``<log>.old``, to make room for a new one."""
    if log.exists():
        log.replace(log.with_name(f"{log.name}.old"))


def stop(pid: int, *, by: signal.Signals, timeout_seconds: float) -> None:
    """Ask a process to end by a signal and wait; kill it if it has not ended after ``timeout_seconds``.

    Raises:
        StackError: Even SIGKILL did not end it.
    """
    for request, seconds in ((by, timeout_seconds), (signal.SIGKILL, 10)):
        _send(pid, request)
        if ends_within(pid, seconds):
            return
    raise StackError(f"process {pid} does not end, not even by kill -9")


def ends_within(pid: int, seconds: float) -> bool:
    """Wait for the end of a process; return whether it ended within ``seconds``."""
    deadline = time.monotonic() + seconds
    while _is_alive(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(PAUSE_SECONDS)
    return True


def memory_bytes(pid: int) -> int | None:
    """Return the memory of a process and its children, with shared pages in proportion; None without /proc."""
    if not PROC.exists():
        return None
    return sum(_proportional_bytes(member) for member in (pid, *children(pid)))


def _await_command_line(pid: int) -> None:
    # A process is found by its arguments, and they appear in /proc a moment after the spawn returns.
    while PROC.exists() and _is_alive(pid) and not _read(PROC / str(pid) / "cmdline"):
        time.sleep(0.001)


def _names(argument: str, path: str) -> bool:
    return argument == path or argument.endswith(f"={path}")


def _command_lines() -> Iterator[tuple[int, list[str]]]:
    return _read_proc() if PROC.exists() else _read_ps()


def _read_proc() -> Iterator[tuple[int, list[str]]]:
    for entry in PROC.glob("[0-9]*"):
        yield int(entry.name), _read(entry / "cmdline").rstrip("\0").split("\0")


def _read_ps() -> Iterator[tuple[int, list[str]]]:
    command = ["/bin/ps", "-axww", "-o", "pid=,command="]
    listing = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    for line in listing.stdout.splitlines():
        pid, *arguments = line.split()
        if arguments:
            yield int(pid), arguments


def _send(pid: int, request: signal.Signals) -> None:
    try:
        os.kill(pid, request)
    except ProcessLookupError:
        return


def _is_alive(pid: int) -> bool:
    try:
        # A child that ended stays in the process table, as a zombie, until its parent waits for it.
        if os.waitpid(pid, os.WNOHANG)[0] == pid:
            return False
    except ChildProcessError:
        pass
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # That of another process, too.
    return _read(PROC / str(pid) / "stat").rpartition(")")[2].split()[:1] != ["Z"]


def children(parent: int) -> Iterator[int]:
    """Yield the running processes that another one has started; none without /proc."""
    for entry in PROC.glob("[0-9]*"):
        # "pid (name) state parent …". The name may contain anything, including a closing bracket.
        fields = _read(entry / "stat").rpartition(")")[2].split()
        if fields[1:2] == [str(parent)]:
            yield int(entry.name)


def _proportional_bytes(pid: int) -> int:
    for line in _read(PROC / str(pid) / "smaps_rollup").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="surrogateescape")
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return ""
