"""What a user can do about runs and dead letters. All of it ends in tasks that do what the ledger lacks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

from apps.ingest import ledger
from apps.ingest.models import DeadLetter, Run
from apps.ingest.runs import dead_letters, published, starting
from apps.ingest.runs.dead_letters import Replay
from apps.ingest.runs.starting import Options
from apps.ingest.sources.clock import ImpatientClock
from apps.operations import replaying
from tasks.extractor import start_run
from tasks.pipelines import is_empty

NOT_DISPATCHED = (
    "The broker does not answer. The ledger knows what is to be done: the watchdog dispatches it, or resume it"
)
# Four requests with the usual pause between them take twenty.
PATIENCE_SECONDS = 40


class DispatchError(Exception):
    """The workers could not be told; what was asked for is in the ledger."""


def start(options: Options, *, folder: Path | None, by: str) -> Run:
    """Start a run of a dump in a folder, or without one of what is published.

    Raises:
        IngestError: It cannot be started as asked, or need not.
        RulesError: The rules file is invalid.
        DispatchError: It is entered and goes on when the broker is back.
    """
    if folder is None:
        run = published.start(options, is_empty=is_empty, clock=ImpatientClock(PATIENCE_SECONDS))
    else:
        run = starting.start(options, folder=folder, is_empty=is_empty)
    ledger.note(run, "started", f"{run} was started by {by}", by=by)
    dispatch(run)
    return run


def resume(run: Run, *, by: str) -> None:
    """Make a run go on.

    Raises:
        RunError: It has ended.
        DispatchError: It goes on when the broker is back.
    """
    starting.resume(run)
    ledger.note(run, "resumed", f"{run} was resumed by {by}", by=by)
    dispatch(run)


def cancel(run: Run, *, by: str) -> None:
    """End a run where it is.

    Raises:
        RunError: It has ended.
    """
    starting.cancel(run)
    ledger.note(run, "cancelled", f"{run} was cancelled by {by}", by=by)


def replay(run: Run | None, letters: Sequence[DeadLetter], *, by: str) -> str:
    """Try again what dead letters of one run stand for; return a sentence that says what is done about it.

    Raises:
        IngestError: There is nothing to be tried again, its time has not come, or the dump is not there any more.
        DispatchError: It is entered and goes on when the broker is back.
    """
    prepared = dead_letters.replay(run, letters, is_empty=is_empty, by=by)
    with dispatching():
        replaying.dispatch(prepared)
    return told(prepared)


def told(prepared: Replay) -> str:
    """Say what is done about a replay."""
    if prepared.again is not None:
        return f"Run {prepared.again.pk} loads {', '.join(prepared.again.types)} of {prepared.again.version} again"
    if prepared.chunks:
        return f"{len(prepared.chunks)} chunks of run {prepared.run.pk} go on"
    if prepared.resume:
        return f"Run {prepared.run.pk} goes on"
    return f"Nothing of run {prepared.run.pk} is left to do: it has been loaded since"


def dispatch(run: Run) -> None:
    """Hand a run to the workers."""
    with dispatching():
        start_run.delay(run.pk)


@contextmanager
def dispatching() -> Iterator[None]:
    """Turn what a broker that is away makes of a dispatch into a ``DispatchError``."""
    try:
        yield
    # Celery raises a bare RuntimeError where its result store is away.
    except (BrokerError, RedisError, RuntimeError) as error:
        raise DispatchError(NOT_DISPATCHED) from error
