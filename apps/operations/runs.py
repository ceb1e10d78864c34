"""The actions on runs, for commands and the admin: start, resume, cancel, replay, and rebuild the graph.

Each function first enters into the ledger what is to be done and who asked for it. Then it dispatches the tasks. If the
broker is away, nothing is lost: the watchdog dispatches from the ledger later. Cancelling needs no broker.

The schedule starts its runs in ``tasks.periodic``, with the same functions of ``apps.ingest.runs``.
"""

from __future__ import annotations

import math
import os
import pwd
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from celery import chain
from django.conf import settings
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

from apps.graph import clearing
from apps.graph.bulk import importing
from apps.http.clock import Clock
from apps.ingest.models import Chunk, DeadLetter, Run, RunState
from apps.ingest.runs import dead_letters, published, starting
from apps.ingest.runs.dead_letters import Replay
from apps.ingest.runs.starting import Options
from apps.ingest.sources.registry import DUMPS
from tasks.extractor import chain_stages, file_complete, link_others, start_run
from tasks.graphinator import link_graph
from tasks.pipelines import is_empty


class DispatchError(Exception):
    """The tasks could not be dispatched. The request is in the ledger, and the watchdog dispatches them later."""

    def __init__(self, run: Run) -> None:
        super().__init__(
            f"The broker does not answer. The ledger has what run {run.pk} is to do: when the broker is back, the"
            f" watchdog tells the workers, or manage.py runs resume {run.pk}"
        )


def start(options: Options, *, folder: Path | None, by: str, clock: Clock | None = None) -> Run:
    """Start a run of a dump in a folder, or of a published version if ``folder`` is None.

    ``by`` is who asks for it; ``clock`` is how the client waits for the publisher's site.

    Raises:
        IngestError: The run cannot be started as asked, or there is nothing to load.
        RulesError: The rules file is invalid.
        DispatchError: The run is entered and goes on when the broker is back.
    """
    if (
        not options.graph
        and importing.can_import(options.source, options.wanted, options.stores)
        and measure_dump(options, folder) >= settings.GRAPH_BULK_BYTES
    ):
        options = replace(options, graph="bulk")
    if options.graph == "bulk":
        importing.require_empty(options.source, options.wanted, options.stores)
    if folder is None:
        run = published.start(options, is_empty=is_empty, by=by, clock=clock)
    else:
        run = starting.start(options, folder=folder, is_empty=is_empty, by=by)
    dispatch(run)
    return run


def measure_dump(options: Options, folder: Path | None) -> float:
    """Return the bytes of the dump's files in a folder; infinite for a published dump, which is always large.

    Raises:
        DumpError: The folder has no such dump.
    """
    if folder is None:
        return math.inf
    dump = DUMPS[options.source].files.find(folder, options.version, options.wanted)
    return sum(path.stat().st_size for path in dump.files.values())


def rebuild_graph(*, by: str) -> Run:
    """Clear the graph and start a run that rebuilds it from the tables.

    Raises:
        RunError: Nothing is loaded, or a run is unfinished.
        DispatchError: The run is entered and goes on when the broker is back.
    """
    # The run first: a crash between the two must not leave an empty graph that no run fills again.
    run = starting.rebuild(by=by)
    # If a crash leaves the graph half cleared, the run reconciles the rest.
    clearing.clear()
    dispatch(run)
    return run


def resume(run: Run, *, by: str) -> Run:
    """Resume an unfinished run: dispatch everything that it lacks.

    Raises:
        RunError: The run has ended.
        DispatchError: The run goes on when the broker is back.
    """
    starting.resume(run, by=by)
    dispatch(run)
    return run


def cancel(run: Run, *, by: str) -> Run:
    """Cancel an unfinished run. What it has loaded stays loaded.

    Raises:
        RunError: The run has ended.
    """
    starting.cancel(run, by=by)
    return run


def replay(run: Run | None, letters: Sequence[DeadLetter], *, by: str) -> str:
    """Replay dead letters of one run; return a sentence that says what happens now.

    Raises:
        IngestError: There is nothing to replay, the run must end first, or the dump is no longer known.
        RulesError: The rules file is invalid.
        DispatchError: The replay is entered and goes on when the broker is back.
    """
    prepared = dead_letters.replay(run, letters, is_empty=is_empty, by=by)
    if prepared.again is not None:
        dispatch(prepared.again)
    elif prepared.resume:
        dispatch(prepared.run)
    else:
        with guard_dispatch(prepared.run):
            # Each by itself: a chain of all would stop at the first one that fails again.
            for chunk in prepared.chunks:
                chain_missing_stages(chunk).delay()
    return describe_replay(prepared)


def describe_replay(prepared: Replay) -> str:
    """Return a sentence that says what a replay does."""
    if prepared.again is not None:
        return f"Run {prepared.again.pk} loads {', '.join(prepared.again.types)} of {prepared.again.version} again"
    if prepared.chunks:
        return f"{len(prepared.chunks)} chunks of run {prepared.run.pk} go on"
    if prepared.resume:
        return f"Run {prepared.run.pk} goes on"
    return f"Nothing of run {prepared.run.pk} is left to do: it has been loaded since"


def chain_missing_stages(chunk: Chunk) -> chain:
    """Return the stages that a chunk lacks, followed by the callback that waits for it.

    The callback asks the ledger, so it does nothing while other chunks are missing.
    """
    run = chunk.file.run
    if run.state == RunState.LINKING:
        return chain(link_graph.si(chunk.pk), link_others.si(run.pk))
    return chain(chain_stages(run, chunk.pk), file_complete.si(chunk.file_id))


def dispatch(run: Run) -> None:
    """Dispatch everything that a run still lacks by the ledger."""
    with guard_dispatch(run):
        start_run.delay(run.pk)


@contextmanager
def guard_dispatch(run: Run) -> Iterator[None]:
    """Raise ``DispatchError`` if the broker or the result store is away."""
    try:
        yield
    # Celery raises a bare RuntimeError if its result store is away.
    except (BrokerError, RedisError, RuntimeError) as error:
        raise DispatchError(run) from error


def name_command_line() -> str:
    """Return who runs a command, as a value for ``by``: the user of this process and the host."""
    # By the user id and not by USER, which the environment can set to anything.
    uid = os.getuid()
    try:
        user = pwd.getpwuid(uid).pw_name
    except KeyError:
        # A container may run as a user id without a name.
        user = str(uid)
    return f"command line of {user}@{socket.gethostname()}"
