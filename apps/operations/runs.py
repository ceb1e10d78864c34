"""The one door to runs for commands and the admin: start, resume, cancel, replay, and make the graph again.

Each function enters first into the ledger what is to be done and who asked for it. Then it tells the workers. If the
broker is away, the ledger has all of it, and the watchdog tells the workers later. Cancelling needs no broker.

The schedule starts its runs in ``tasks.periodic``, by the same functions of ``apps.ingest.runs``.
"""

from __future__ import annotations

import os
import pwd
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from celery import chain
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

from apps.graph import clearing
from apps.ingest.models import Chunk, DeadLetter, Run, RunState
from apps.ingest.runs import dead_letters, published, starting
from apps.ingest.runs.dead_letters import Replay
from apps.ingest.runs.starting import Options
from apps.ingest.sources.clock import Clock
from tasks.extractor import file_complete, link_others, remaining, start_run
from tasks.graphinator import link_graph
from tasks.pipelines import is_empty


class DispatchError(Exception):
    """The workers could not be told; what was asked for is in the ledger."""

    def __init__(self, run: Run) -> None:
        super().__init__(
            f"The broker does not answer. The ledger has what run {run.pk} is to do: when the broker is back, the"
            f" watchdog tells the workers, or manage.py runs resume {run.pk}"
        )


def start(options: Options, *, folder: Path | None, by: str, clock: Clock | None = None) -> Run:
    """Start a run of a dump in a folder, or without one of what is published, where ``clock`` waits for the site.

    Raises:
        IngestError: It cannot be started as asked, or need not.
        RulesError: The rules file is invalid.
        DispatchError: It is entered and goes on when the broker is back.
    """
    if folder is None:
        run = published.start(options, is_empty=is_empty, by=by, clock=clock)
    else:
        run = starting.start(options, folder=folder, is_empty=is_empty, by=by)
    dispatch(run)
    return run


def rebuild_graph(*, by: str) -> Run:
    """Clear the graph and start a run that makes it again from the tables.

    Raises:
        RunError: Nothing is loaded, or a run is unfinished.
        DispatchError: It is entered and goes on when the broker is back.
    """
    run = starting.rebuild(by=by)
    # What a crash leaves here, the run reconciles.
    clearing.clear()
    dispatch(run)
    return run


def resume(run: Run, *, by: str) -> Run:
    """Make a run go on.

    Raises:
        RunError: It has ended.
        DispatchError: It goes on when the broker is back.
    """
    starting.resume(run, by=by)
    dispatch(run)
    return run


def cancel(run: Run, *, by: str) -> Run:
    """End a run where it is.

    Raises:
        RunError: It has ended.
    """
    starting.cancel(run, by=by)
    return run


def replay(run: Run | None, letters: Sequence[DeadLetter], *, by: str) -> str:
    """Try again what dead letters of one run stand for; return a sentence that says what is done about it.

    Raises:
        IngestError: There is nothing to be tried again, its time has not come, or the dump is not there any more.
        RulesError: The rules file is invalid.
        DispatchError: It is entered and goes on when the broker is back.
    """
    prepared = dead_letters.replay(run, letters, is_empty=is_empty, by=by)
    if prepared.again is not None:
        dispatch(prepared.again)
    elif prepared.resume:
        dispatch(prepared.run)
    else:
        with dispatching(prepared.run):
            for chunk in prepared.chunks:
                missing_stages(chunk).delay()
    return describe_replay(prepared)


def describe_replay(prepared: Replay) -> str:
    """Say what is done about a replay."""
    if prepared.again is not None:
        return f"Run {prepared.again.pk} loads {', '.join(prepared.again.types)} of {prepared.again.version} again"
    if prepared.chunks:
        return f"{len(prepared.chunks)} chunks of run {prepared.run.pk} go on"
    if prepared.resume:
        return f"Run {prepared.run.pk} goes on"
    return f"Nothing of run {prepared.run.pk} is left to do: it has been loaded since"


def missing_stages(chunk: Chunk) -> chain:
    """Return the stages that a chunk lacks, and then whatever waits for it, which asks the ledger as always."""
    run = chunk.file.run
    if run.state == RunState.LINKING:
        return chain(link_graph.si(chunk.pk), link_others.si(run.pk))
    return chain(remaining(run, chunk.pk), file_complete.si(chunk.file_id))


def dispatch(run: Run) -> None:
    """Have the workers do what the ledger lacks of a run."""
    with dispatching(run):
        start_run.delay(run.pk)


@contextmanager
def dispatching(run: Run) -> Iterator[None]:
    """Raise ``DispatchError`` where the broker, or the store of results, is away."""
    try:
        yield
    # Celery raises a bare RuntimeError where its result store is away.
    except (BrokerError, RedisError, RuntimeError) as error:
        raise DispatchError(run) from error


def command_line() -> str:
    """Return who runs a command, for ``by``: the user of this process, whatever the environment says, and the host."""
    uid = os.getuid()
    try:
        user = pwd.getpwuid(uid).pw_name
    except KeyError:
        # A container may run as a user that it has no name for.
        user = str(uid)
    return f"command line of {user}@{socket.gethostname()}"
