"""Start, stop and show the three embedded servers, in parallel.

A server whose address is given in the environment is not embedded: it is neither started nor stopped here.
"""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from apps.stack import environment, processes
from apps.stack.errors import StackError
from apps.stack.neo4j import Neo4j
from apps.stack.postgres import Postgres
from apps.stack.server import Address, Report, Server, given_up
from apps.stack.valkey import Valkey

logger = logging.getLogger(__name__)
Result = TypeVar("Result")


@dataclass(frozen=True)
class Status:
    """The present state of one embedded server."""

    title: str
    state: str
    pid: int | None = None
    port: int | None = None
    memory_bytes: int | None = None

    @property
    def is_satisfied(self) -> bool:
        """Whether the server can be used: it runs, or another one is given instead."""
        return self.state != "stopped"


def up(report: Report = logger.info) -> dict[str, str]:
    """Start the needed servers that do not run; return the environment variables with all addresses.

    The call is idempotent. A call during another one waits for the other to end.

    Raises:
        StackError: A server did not start. The servers that did start keep running.
    """
    with _lock(report):
        needed = [server for server in list_embedded() if not _is_external(server)]
        external = {name: value for server in needed for name, value in _read_external(server).items()}
        if stopped := [server.title for server in needed if server.pid() is None]:
            report(f"Starting {', '.join(stopped)}: some ten seconds, longer the first time")
        addresses = _act_in_parallel(lambda server: server.up(report), needed)
        variables: dict[str, str] = {}
        for server, address in zip(needed, addresses, strict=True):
            variables |= server.variables(address)
        environment.write(variables)
    return variables | external


def down(report: Report = logger.info, *, keep: Collection[str] = ()) -> None:
    """Stop the running embedded servers, except those whose titles are in ``keep``.

    Their data, addresses and passwords stay for the next ``up``.
    """
    with _lock(report):
        _act_in_parallel(
            lambda server: server.down(report), [server for server in list_embedded() if server.title not in keep]
        )


def import_graph(files: Path, report: Report = logger.info) -> None:
    """Replace the embedded Neo4j's database by the import of a folder of CSV files.

    Raises:
        StackError: Neo4j is not embedded, or the import failed.
    """
    with _lock(report):
        server = Neo4j(environment.folder())
        if _is_external(server):
            raise StackError("NEO4J_URL names another server than the embedded one")
        server.import_files(files, report)


def status() -> list[Status]:
    """Return the state of each server."""
    return [_status(server) for server in list_embedded()]


def list_embedded() -> list[Server]:
    """Return the servers that can be embedded, whether they run or not."""
    stack = environment.folder()
    return [Postgres(stack), Valkey(stack), Neo4j(stack)]


def _status(server: Server) -> Status:
    if (pid := server.pid()) is not None:
        return Status(server.title, "running", pid, server.address().port, processes.memory_bytes(pid))
    return Status(server.title, "external" if _is_external(server) else "stopped")


def _is_external(server: Server) -> bool:
    return len(_read_external(server)) == len(_join_names(server))


def _read_external(server: Server) -> dict[str, str]:
    """Return the environment variables that name another server instead of the embedded one."""
    # Variables that environment.apply() set, in this process or a parent, name the embedded server itself. They have
    # its present value, or an older one with its password.
    own = environment.read()
    password = server.address().password if server.is_made() else None
    given = {name: os.environ[name] for name in _join_names(server) if name in os.environ}
    return {
        name: value
        for name, value in given.items()
        if value != own.get(name) and (password is None or password not in value)
    }


def _join_names(server: Server) -> list[str]:
    return list(server.variables(Address(port=0, password="")))


def _act_in_parallel(act: Callable[[Server], Result], servers: list[Server]) -> list[Result]:
    given_up.clear()
    with ThreadPoolExecutor(max_workers=len(servers) or 1) as pool:
        futures = [pool.submit(act, server) for server in servers]
        try:
            wait(futures)
        except BaseException:
            given_up.set()
            raise
    errors = [str(error) for future in futures if isinstance(error := future.exception(), StackError)]
    if errors:
        raise StackError("\n".join(errors))
    return [future.result() for future in futures]


@contextmanager
def _lock(report: Report) -> Iterator[None]:
    """Hold the lock of the stack, so that one process at a time changes it. The kernel frees it if the process dies."""
    stack = environment.log_folder().parent
    with (stack / "lock").open("w") as file:
        _wait_for(file.fileno(), stack, report)
        yield


def _wait_for(descriptor: int, stack: Path, report: Report) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        report(f"Another command is starting or stopping the servers of {stack}: waiting for it")
        fcntl.flock(descriptor, fcntl.LOCK_EX)
