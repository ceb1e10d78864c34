"""The one place that decides about retries and dead letters of tasks.

If a header task of a nested chord raises, the chord's callback never runs. So no task raises: a transient error is
retried with back-off, and any other error ends as a failed run or file or as a dead letter, and the task returns
``{"status": "failed"}``.
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
# Errors that PostgreSQL would raise again for the same statement, although their class is OperationalError.
LASTING = (psycopg.errors.ProgramLimitExceeded, psycopg.errors.StatementTooComplex)
# Codes of transactions that Neo4j ends while it is being stopped. Its driver takes them for a wish of the client, and
# does not call them retryable.
STOPPED = ("Neo.ClientError.Transaction.Terminated", "Neo.ClientError.Transaction.LockClientStopped")
LOST_CONNECTIONS = (BrokerError, redis.exceptions.ConnectionError, redis.exceptions.TimeoutError, ConnectionError)
# The subject of a task → the model that its argument is a key of.
MODELS: dict[str, Any] = {"chunk": Chunk, "file": DumpFile, "run": Run}
# The subject of a task → the lookup that finds its run.
OF_RUN = {"chunk": "files__chunks", "file": "files", "run": "pk"}


def is_transient(error: BaseException) -> bool:
    """Tell whether an error comes from a server's state, not from a record or from our code."""
    if isinstance(error, OperationalError | InterfaceError):
        return not isinstance(error.__cause__, LASTING)
    if isinstance(error, Neo4jError | DriverError):
        # IncompleteCommit: the outcome of a commit is unknown, so the driver does not repeat it. Our transactions are
        # idempotent and can be repeated.
        return error.is_retryable() or isinstance(error, IncompleteCommit) or getattr(error, "code", "") in STOPPED
    return isinstance(error, (*LOST_CONNECTIONS, WaitError))


def wait_seconds(retries: int) -> float:
    """Return the seconds before the next try: 2, 4, 8 … up to 60, with a jitter of a quarter."""
    wait: float = min(FIRST_WAIT_SECONDS * 2 ** min(retries, 10), LONGEST_WAIT_SECONDS)
    return wait * random.uniform(0.75, 1.25)  # noqa: S311 - it only spreads load


def settled_task(*, about: str, **options: Any) -> Callable[[Callable[[int], Any]], Any]:
    """Make a task of a function that takes the key of a ``chunk``, a ``file`` or a ``run``.

    The function returns a small dict of counts or None, which becomes the task's result, or a canvas. A canvas replaces
    the task, so that a chord around it waits for the canvas too. ``options`` are Celery's.
    """

    def decorate(function: Callable[[int], Any]) -> Any:
        @wraps(function)
        def run(task: Task[Any, Any], pk: int) -> dict[str, Any]:
            began = time.perf_counter()
            try:
                structlog.contextvars.bind_contextvars(**ledger.get_log_context(about, pk))
                outcome = function(pk)
                if isinstance(outcome, Signature):
                    # The replacement inherits the place of this task in its chord, so the chord's callback waits for
                    # the chunks of a file.
                    return task.replace(outcome)  # type: ignore[no-any-return]
                if about == "chunk" and outcome is not None:
                    log_done(function.__name__, pk, time.perf_counter() - began, outcome)
            except TaskPredicate:
                # Not an error: task.replace() raises to tell Celery that the task was replaced.
                raise
            except Exception as error:  # noqa: BLE001 - the top of a task
                return settle(task, about, pk, error)
            return {"status": "done", **(outcome or {})}

        name = f"{function.__module__}.{function.__name__}"
        return shared_task(bind=True, max_retries=None, name=name, default_retry_delay=2, about=about, **options)(run)

    return decorate


def log_done(name: str, chunk_id: int, seconds: float, counts: dict[str, Any]) -> None:
    """Write to the log and the ledger that a stage of a chunk is done and how long it took."""
    stage = ledger.STAGES[name]
    ledger.record_time(chunk_id, stage, seconds)
    logger.info("stage done", extra={"stage": stage, "seconds": round(seconds, 3), **counts})


def settle(task: Task[Any, Any], about: str, pk: int, error: Exception) -> dict[str, Any]:
    """Handle a task's error: raise to retry it, or give up, enter that into the ledger and return a result."""
    name, tries = task.name.rpartition(".")[2], bug_tries(task)
    # Retried without end: how long a server is away says nothing about this task.
    if is_transient(error):
        logger.warning("%s %s waits: %s", name, pk, error)
        # The connection may be broken; the next try opens a new one.
        connection.close()
        with suppress(OperationalError, InterfaceError):
            if about == "chunk":
                ledger.undo_attempt(pk)
            # A run that waits for a server is not stalled: the heartbeat keeps the watchdog from dispatching it again.
            ledger.touch_heartbeat(Run.objects.get(**{OF_RUN[about]: pk}))
        raise republish(task, error, tries)
    if isinstance(error, SpoolError) and about == "chunk" and ledger.is_done(pk, ledger.STAGES[name]):
        # A duplicate was quicker: it did the stage and deleted the blob.
        return {"status": "done"}
    # These come back on every try, since a file or the spool must change first. Any other error may be a bug that shows
    # only sometimes, so it gets a few tries.
    final = isinstance(error, DumpError | SpoolError | ledger.GaveUpError)
    if not final and tries < BUG_RETRIES:
        logger.warning("%s %s failed and is tried again", name, pk, exc_info=error)
        # When Celery loses its broker, it interrupts the task, maybe while a store's answer is being read. A connection
        # in that state cannot be used again.
        connection.close()
        session.close()
        raise republish(task, error, tries + 1)
    logger.error("%s %s gave up: %s", name, pk, error, exc_info=None if final else error)
    # The task returns instead of raising, and its message is acknowledged. What must be done about it is a row in the
    # ledger.
    give_up(task, name, about, pk, error)
    return {"status": "failed", "error": str(error)}


def bug_tries(task: Task[Any, Any]) -> int:
    """Return how often a task was retried for another reason than a transient error (decision 61).

    Celery's own count includes transient errors: after an outage, the first bug would find no retries left.
    """
    # In a worker the message's headers are attributes of the request; with ``apply`` they are in ``request.headers``.
    return int(task.request.get("bug_tries") or (task.request.headers or {}).get("bug_tries", 0))


def republish(task: Task[Any, Any], error: Exception, tries: int) -> Exception:
    """Publish a task again with a countdown; return the exception that the caller must raise."""
    waiting: Exception = task.retry(
        exc=error,
        countdown=wait_seconds(task.request.retries),
        headers={**(task.request.headers or {}), "bug_tries": tries},
        throw=False,
    )
    return waiting


def give_up(task: Task[Any, Any], name: str, about: str, pk: int, error: Exception) -> None:
    """Enter into the ledger that a task gave up: its run or file fails, or its stage becomes a dead letter."""
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
        ledger.record_dead_letter(row, stage, queue, f"{type(error).__name__}: {error}")
