"""The one place that knows retries and dead letters.

A header task of a nested chord that raises would stop the run for ever, so no task of ours does: a transient error is
retried with back-off, anything else ends as a failed file or a dead letter, and a returned ``{"status": "failed"}``.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any

import psycopg
import redis
import structlog
from celery import Signature, Task, shared_task
from celery.exceptions import TaskPredicate
from django.db import InterfaceError, OperationalError, connection
from kombu.exceptions import OperationalError as BrokerError
from neo4j.exceptions import DriverError, IncompleteCommit, Neo4jError

from apps.graph import session
from apps.ingest import ledger
from apps.ingest.errors import DumpError, SpoolError, WaitError
from apps.ingest.models import Chunk, DumpFile, Run, RunState

logger = logging.getLogger(__name__)

FIRST_WAIT_SECONDS = 2
LONGEST_WAIT_SECONDS = 60
BUG_RETRIES = 3
# A statement that PostgreSQL will refuse again, although its class is that of a server in trouble.
LASTING = (psycopg.errors.ProgramLimitExceeded, psycopg.errors.StatementTooComplex)
# What a Neo4j that is being stopped says to those who are at work in it; its driver takes it for their own wish.
STOPPED = ("Neo.ClientError.Transaction.Terminated", "Neo.ClientError.Transaction.LockClientStopped")
LOST_CONNECTIONS = (BrokerError, redis.exceptions.ConnectionError, redis.exceptions.TimeoutError, ConnectionError)
# What a task is about → its row in the ledger.
MODELS: dict[str, Any] = {"chunk": Chunk, "file": DumpFile, "run": Run}
# And how its run is found.
OF_RUN = {"chunk": "files__chunks", "file": "files", "run": "pk"}


def is_transient(error: BaseException) -> bool:
    """Tell whether an error is a server's state and not the fault of a record or of our code."""
    if isinstance(error, OperationalError | InterfaceError):
        return not isinstance(error.__cause__, LASTING)
    if isinstance(error, Neo4jError | DriverError):
        # A commit whose outcome is unknown is not for the driver to repeat; ours may all come twice.
        return error.is_retryable() or isinstance(error, IncompleteCommit) or getattr(error, "code", "") in STOPPED
    return isinstance(error, (*LOST_CONNECTIONS, WaitError))


def wait_seconds(retries: int) -> float:
    """Return how long to wait before the next try: doubling, bounded, with a quarter of jitter."""
    wait: float = min(FIRST_WAIT_SECONDS * 2 ** min(retries, 10), LONGEST_WAIT_SECONDS)
    return wait * random.uniform(0.75, 1.25)  # noqa: S311 - it only spreads load


def settled_task(*, about: str, **options: Any) -> Callable[[Callable[[int], Any]], Any]:
    """Make a task of a function that takes the id of a ``chunk``, a ``file`` or a ``run``.

    What the function returns, a small dict of counts or None, is the task's result. A canvas that it returns takes the
    task's place, so that a chord around it waits for that too. ``options`` are Celery's.
    """

    def decorate(function: Callable[[int], Any]) -> Any:
        @wraps(function)
        def settled(task: Task[Any, Any], pk: int) -> dict[str, Any]:
            began = time.perf_counter()
            try:
                structlog.contextvars.bind_contextvars(**ledger.place(about, pk))
                outcome = function(pk)
                if isinstance(outcome, Signature):
                    return task.replace(outcome)  # type: ignore[no-any-return]
                if about == "chunk" and outcome is not None:
                    tell(function.__name__, pk, time.perf_counter() - began, outcome)
            except TaskPredicate:
                # How Celery hears that another has taken the task's place.
                raise
            except Exception as error:  # noqa: BLE001 - the top of a task
                return settle(task, about, pk, error)
            return {"status": "done", **(outcome or {})}

        name = f"{function.__module__}.{function.__name__}"
        return shared_task(bind=True, max_retries=None, name=name, default_retry_delay=2, about=about, **options)(
            settled
        )

    return decorate


def tell(name: str, chunk_id: int, seconds: float, counts: dict[str, Any]) -> None:
    """Say in the log and in the ledger that a stage of a chunk is done, and how long it took."""
    stage = ledger.STAGES[name]
    ledger.keep_time(chunk_id, stage, seconds)
    logger.info("stage done", extra={"stage": stage, "seconds": round(seconds, 3), **counts})


def settle(task: Task[Any, Any], about: str, pk: int, error: Exception) -> dict[str, Any]:
    """Retry, or give up and say so in the ledger."""
    name, tries = task.name.rpartition(".")[2], bug_tries(task)
    if is_transient(error):
        logger.warning("%s %s waits: %s", name, pk, error)
        # The connection may be half dead; the next try opens another.
        connection.close()
        with suppress(OperationalError, InterfaceError):
            if about == "chunk":
                ledger.forgive(pk)
            # What waits for a server does not stand still: the watchdog need not dispatch all of it again and again.
            ledger.beat(Run.objects.get(**{OF_RUN[about]: pk}))
        raise again(task, error, tries)
    if isinstance(error, SpoolError) and about == "chunk" and ledger.is_done(pk, ledger.STAGES[name]):
        # A twin was quicker and took the blob away.
        return {"status": "done"}
    final = isinstance(error, DumpError | SpoolError | ledger.GaveUpError)
    if not final and tries < BUG_RETRIES:
        logger.warning("%s %s failed and is tried again", name, pk, exc_info=error)
        # Celery stops a task whose broker is lost, maybe in the middle of an answer: no one can read on there.
        connection.close()
        session.close()
        raise again(task, error, tries + 1)
    logger.error("%s %s gave up: %s", name, pk, error, exc_info=None if final else error)
    give_up(task, name, about, pk, error)
    return {"status": "failed", "error": str(error)}


def bug_tries(task: Task[Any, Any]) -> int:
    """Return how often a task was tried again for another reason than a server in trouble.

    Celery's own count has both in it: after an outage, the first odd error would be the last.
    """
    # A worker has the headers of a message in the request itself, ``apply`` has them in a dict of their own.
    return int(task.request.get("bug_tries") or (task.request.headers or {}).get("bug_tries", 0))


def again(task: Task[Any, Any], error: Exception, tries: int) -> Exception:
    """Publish a task again, to be delivered after a while; return what must be raised."""
    waiting: Exception = task.retry(
        exc=error,
        countdown=wait_seconds(task.request.retries),
        headers={**(task.request.headers or {}), "bug_tries": tries},
        throw=False,
    )
    return waiting


def give_up(task: Task[Any, Any], name: str, about: str, pk: int, error: Exception) -> None:
    """Enter into the ledger that a task will not be done: its file or run fails, or a stage is a dead letter."""
    row = MODELS[about].objects.get(pk=pk)
    if about == "run":
        ledger.end(row, RunState.FAILED, f"{name}: {error}")
    elif about == "file":
        ledger.fail_file(row, str(error))
    elif isinstance(error, DumpError | SpoolError):
        ledger.fail_file(row.file, str(error))
    else:
        stage = ledger.STAGES[name]
        queue = task.request.delivery_info.get("routing_key") or ""
        ledger.bury(row, stage, queue, f"{type(error).__name__}: {error}")
