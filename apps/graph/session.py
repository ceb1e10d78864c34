"""Sessions of Neo4j: one driver for each process, and the one function that runs all write transactions."""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, TypeVar
from urllib.parse import SplitResult, unquote, urlsplit

from django.conf import settings
from neo4j import READ_ACCESS, Driver, GraphDatabase, ManagedTransaction, Query, Session, SummaryCounters
from neo4j.exceptions import DriverError, Neo4jError

from apps.ingest.errors import RunError
from apps.stack import outages

Parameters = ParamSpec("Parameters")
Outcome = TypeVar("Outcome")

# For loading: wait for a busy server, and retry a deadlock soon. The driver's default delay of a second, doubling, is
# meant for servers in trouble.
PATIENT: dict[str, Any] = {"connection_acquisition_timeout": 60, "initial_retry_delay": 0.05}
# For requests: fail within two seconds if the server does not answer.
HURRIED: dict[str, Any] = {"connection_acquisition_timeout": 1.8, "connection_timeout": 1.5}

_drivers: dict[tuple[int, bool], Driver] = {}
_opening = threading.Lock()
# Without this, another thread might hold the lock at the moment of a fork, and the child would wait for it for ever.
os.register_at_fork(before=_opening.acquire, after_in_parent=_opening.release, after_in_child=_opening.release)


@dataclass(frozen=True, slots=True)
class Counters:
    """The counts of a write. ``nodes_written`` counts created nodes: the server does not tell what a SET changed."""

    nodes_written: int = 0
    relationships_written: int = 0
    relationships_deleted: int = 0

    def __add__(self, other: Counters) -> Counters:
        return Counters(
            self.nodes_written + other.nodes_written,
            self.relationships_written + other.relationships_written,
            self.relationships_deleted + other.relationships_deleted,
        )


def session() -> Session:
    """Open a session on this process's driver, to be used in a ``with`` and by one thread."""
    return _driver().session()


def reader() -> Session:
    """Open a session for reading that fails soon if the server is away."""
    return _driver(hurried=True).session(default_access_mode=READ_ACCESS)


def write(
    session: Session,
    unit_of_work: Callable[Concatenate[ManagedTransaction, Parameters], Outcome],
    *args: Parameters.args,
    **kwargs: Parameters.kwargs,
) -> Outcome:
    """Run ``unit_of_work(transaction, …)`` as one transaction; after the commit, return its result.

    A deadlock or a lost connection makes the driver call it again. So it must be idempotent and must not change the
    caller's variables, such as counters.
    """
    return session.execute_write(unit_of_work, *args, **kwargs)


def run(transaction: ManagedTransaction, statement: str, /, **parameters: Any) -> Counters:
    """Run one write statement to its end and return its counts."""
    return _counters(transaction.run(statement, parameters).consume().counters)


def run_rows(transaction: ManagedTransaction, statement: str, rows: Any) -> Counters:
    """Run one write statement with the parameter ``rows`` and return its counts."""
    return run(transaction, statement, rows=rows)


def single_value(transaction: ManagedTransaction, statement: str, rows: Any) -> int:
    """Run one statement with the parameter ``rows`` and return its only value, a count."""
    return int(transaction.run(statement, rows=rows).single(strict=True).value())


def run_in_batches(session: Session, statement: str) -> Counters:
    """Run one ``CALL … IN TRANSACTIONS`` to its end and return its counts.

    The statement commits in batches and is not retried. After an error its earlier batches stay, and the caller runs it
    again.
    """
    # No time limit: the outer transaction lasts as long as all batches, and the server's limit is for single queries.
    return _counters(session.run(Query(statement, timeout=0)).consume().counters)


def _counters(done: SummaryCounters) -> Counters:
    return Counters(done.nodes_created, done.relationships_created, done.relationships_deleted)


def require() -> None:
    """Check that the graph can be written, before work that needs it begins.

    Raises:
        RunError: Neo4j does not answer, or refuses the password.
    """
    try:
        _driver().verify_connectivity()
    except (DriverError, Neo4jError) as error:
        raise RunError(f"{outages.explain_neo4j(error)}. --stores tables does without it") from error


def close() -> None:
    """Close this process's drivers; the next session opens a new one."""
    with _opening:
        # Only those of this process: after a fork, the dictionary still has the parent's.
        own = [_drivers.pop(key) for key in list(_drivers) if key[0] == os.getpid()]
    for driver in own:
        driver.close()


atexit.register(close)


def _driver(*, hurried: bool = False) -> Driver:
    # After a fork, the child shares the sockets of the parent's driver, and using them would hang. So each process
    # opens its own. The parent's driver stays untouched: closing it would say goodbye on the parent's connections.
    with _opening:
        key = (os.getpid(), hurried)
        if key not in _drivers:
            _drivers[key] = _open(urlsplit(settings.NEO4J_URL), HURRIED if hurried else PATIENT)
        return _drivers[key]


def _open(url: SplitResult, waiting: dict[str, Any]) -> Driver:
    return GraphDatabase.driver(
        f"{url.scheme}://{url.netloc.rpartition('@')[2]}",
        auth=(unquote(url.username), unquote(url.password or "")) if url.username else None,
        **waiting,
        max_connection_lifetime=30 * 60,
        keep_alive=True,
        notifications_min_severity="OFF",
        telemetry_disabled=True,
    )
