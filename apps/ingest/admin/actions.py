"""What a user can do about runs. All of it ends in the one task that dispatches what the ledger lacks."""

from __future__ import annotations

from typing import Any

from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

from apps.catalog import loader
from apps.ingest import ledger, runs
from apps.ingest.models import Run
from tasks.extractor import start_run

NOT_DISPATCHED = (
    "The broker does not answer. The ledger knows what is to be done: the watchdog dispatches it, or resume it"
)


class DispatchError(Exception):
    """The workers could not be told; what was asked for is in the ledger."""


def start(*, by: str, **options: Any) -> Run:
    """Start a run with the options of ``runs.start``.

    Raises:
        IngestError: It cannot be started as asked.
        RulesError: The rules file is invalid.
        DispatchError: It is entered and goes on when the broker is back.
    """
    run = runs.start(is_empty=loader.is_empty, **options)
    ledger.note(run, "started", f"{run} was started by {by}")
    dispatch(run)
    return run


def resume(run: Run, *, by: str) -> None:
    """Make a run go on.

    Raises:
        RunError: It has ended.
        DispatchError: It goes on when the broker is back.
    """
    runs.resume(run)
    ledger.note(run, "resumed", f"{run} was resumed by {by}")
    dispatch(run)


def cancel(run: Run, *, by: str) -> None:
    """End a run where it is.

    Raises:
        RunError: It has ended.
    """
    runs.cancel(run)
    ledger.note(run, "cancelled", f"{run} was cancelled by {by}")


def dispatch(run: Run) -> None:
    """Hand a run to the workers."""
    try:
        start_run.delay(run.pk)
    # Celery raises a bare RuntimeError where its result store is away.
    except (BrokerError, RedisError, RuntimeError) as error:
        raise DispatchError(NOT_DISPATCHED) from error
