"""Dispatching what a replay of dead letters has prepared."""

from __future__ import annotations

from celery import chain

from apps.ingest.models import Chunk, RunState
from apps.ingest.runs.dead_letters import Replay
from tasks.extractor import file_complete, link_others, remaining, start_run
from tasks.graphinator import link_graph


def dispatch(prepared: Replay) -> None:
    """Hand the chunks, or the run, of a replay to the workers."""
    if prepared.again is not None:
        start_run.delay(prepared.again.pk)
    elif prepared.resume:
        start_run.delay(prepared.run.pk)
    else:
        for chunk in prepared.chunks:
            missing(chunk).delay()


def missing(chunk: Chunk) -> chain:
    """Return the stages that a chunk lacks, and then whatever waits for it, which asks the ledger as always."""
    run = chunk.file.run
    if run.state == RunState.LINKING:
        return chain(link_graph.si(chunk.pk), link_others.si(run.pk))
    return chain(remaining(run, chunk.pk), file_complete.si(chunk.file_id))
