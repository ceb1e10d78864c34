"""The base class of the three embedded servers: it creates their folder atomically, and starts and stops them."""

from __future__ import annotations

import json
import secrets
import signal
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import ClassVar

from apps.stack import environment, ports, processes
from apps.stack.errors import StackError

Report = Callable[[str], None]
# Set on an interrupt: the threads that wait for a server or for its files then give up.
given_up = threading.Event()
LOG_LINES_SHOWN = 15
# A killed process holds its port until its memory is freed.
PORT_SECONDS = 5.0


@dataclass(frozen=True)
class Address:
    """The port of an embedded server on loopback, and its password."""

    port: int
    password: str


class Server(ABC):
    """One embedded server below the stack's folder.

    A new folder gets its ``address.json`` last, and its final name after that. So a folder without that file was made
    by someone else or is damaged. It is moved aside, never deleted.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    executable: ClassVar[str]
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM
    start_seconds: ClassVar[float] = 60
    stop_seconds: ClassVar[float] = 60

    def __init__(self, stack: Path) -> None:
        self.folder = stack / self.name
        self.log = stack / "logs" / f"{self.name}.log"

    @abstractmethod
    def create(self, folder: Path, password: str) -> None:
        """Fill a new, empty folder with everything that is created only once."""

    @abstractmethod
    def launch(self, address: Address) -> None:
        """Write the configuration and start the process."""

    @abstractmethod
    def is_ready(self, address: Address) -> bool:
        """Tell whether the server answers its clients."""

    @abstractmethod
    def mark(self, folder: Path) -> Path:
        """Return the path by which processes that work in the folder are found: an argument of each of them."""

    @abstractmethod
    def variables(self, address: Address) -> dict[str, str]:
        """Return the environment variables with the server's addresses, for the settings."""

    def up(self, report: Report) -> Address:
        """Create the folder and start the server, unless that is done already; return when it is ready. Idempotent."""
        if self.pid() is None:
            self._prepare(report)
            self.launch(self._usable_address(report))
        self._wait()
        return self.address()

    def down(self, report: Report) -> None:
        """Stop the server if it runs, and wait until it has ended."""
        if (pid := self.pid()) is not None:
            processes.stop(pid, by=self.stop_signal, timeout_seconds=self.stop_seconds)
            report(f"{self.title} stopped")

    # Asked of the system, not of a file with a pid: after a crash such a file may name a process of another program.
    def pid(self) -> int | None:
        """Return the server's pid, or None if it does not run."""
        return processes.find(self.executable, self.mark(self.folder))

    def address(self) -> Address:
        """Return the server's address, which is stored in its folder.

        Raises:
            StackError: The file cannot be read.
        """
        path = self.folder / "address.json"
        try:
            return Address(**json.loads(path.read_text()))
        except (OSError, ValueError, TypeError) as error:
            raise StackError(f"{path} cannot be read: {error}") from error

    def is_made(self) -> bool:
        """Tell whether the folder is complete."""
        return (self.folder / "address.json").exists()

    def _prepare(self, report: Report) -> None:
        new = self.folder.with_name(f"{self.name}.new")
        if new.exists():
            self._end_leftovers(new)
            move_aside(new, "it was not finished", report)
        if self.folder.exists() and not self.is_made():
            move_aside(self.folder, "its address.json is missing", report)
        if not self.folder.exists():
            report(f"{self.title}: making {self.folder}")
            self._make(new)

    def _make(self, new: Path) -> None:
        new.mkdir(mode=0o700)
        address = Address(ports.choose(), secrets.token_hex(16))
        self.create(new, address.password)
        _save(address, new)
        new.replace(self.folder)

    def _end_leftovers(self, folder: Path) -> None:
        # An "up" that was killed may have left a program that still writes to the folder or is about to clear it.
        for executable in {self.executable, "initdb"}:
            while (pid := processes.find(executable, self.mark(folder))) is not None:
                processes.stop(pid, by=signal.SIGKILL, timeout_seconds=10)

    def _usable_address(self, report: Report) -> Address:
        address, deadline = self.address(), time.monotonic() + PORT_SECONDS
        while not ports.is_free(address.port) and time.monotonic() < deadline:
            time.sleep(processes.PAUSE_SECONDS)
        if ports.is_free(address.port):
            return address
        # The port is stored, so the next start uses the same one and the variables that clients have read stay true.
        other = replace(address, port=ports.choose())
        report(f"{self.title}: port {address.port} is taken by another program, using {other.port} from now on")
        _save(other, self.folder)
        return other

    def _wait(self) -> None:
        address, deadline = self.address(), time.monotonic() + self.start_seconds
        while not self.is_ready(address):
            if given_up.is_set():
                raise StackError(f"{self.title} was not waited for")
            if self.pid() is None:
                raise self.failure("died while starting")
            if time.monotonic() > deadline:
                raise self.failure(f"did not answer within {self.start_seconds:.0f} s")
            time.sleep(processes.PAUSE_SECONDS)

    def failure(self, what: str, log: Path | None = None) -> StackError:
        """Return an error that shows the end of a log, the server's own if none is given."""
        log = log or self.log
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        end = "".join(f"\n  {line}" for line in lines[-LOG_LINES_SHOWN:])
        return StackError(f"{self.title} {what}. The end of {log}:{end or ' (empty)'}")


def move_aside(folder: Path, why: str, report: Report) -> None:
    """Rename an unusable folder to a name that says so."""
    name = folder.name.removesuffix(".new")
    aside = folder.with_name(f"{name}.broken-{time.strftime('%Y%m%dT%H%M%S')}-{secrets.token_hex(2)}")
    folder.replace(aside)
    report(f"{folder} cannot be used, {why}: moved to {aside}")


def _save(address: Address, folder: Path) -> None:
    environment.replace_file(folder / "address.json", json.dumps(asdict(address)))
