"""Celery tasks of extraction (queue ``extractor``): start a run, split files, extract chunks, complete both.

The callbacks of the chords, ``file_complete`` and ``extraction_complete``, do not believe that their chord is done:
they ask the ledger (decision 1). So they may be delivered twice or early, or be sent by the watchdog.
"""

from __future__ import annotations

from typing import Any

from celery import chain, chord

from apps.catalog import completion
from apps.ingest import ledger
from apps.ingest.models import DumpFile, FileState, Run, RunState
from apps.ingest.runs import markers, starting
from tasks import feed
from tasks.fetcher import fetch_file
from tasks.graphinator import link_graph, load_graph
from tasks.maintenance import graph_complete, maintain
from tasks.pipelines import finish_file, pipeline_of
from tasks.settled import settled_task
from tasks.tableinator import load_table


@settled_task(about="run")
def start_run(run_id: int) -> Any:
    """Dispatch everything that a run still lacks by the ledger: at its start, at a resume, and from the watchdog."""
    run = Run.objects.get(pk=run_id)
    ledger.touch_heartbeat(run)
    # The state of the run decides where it continues. So one task serves the start, a resume and the watchdog, and a
    # duplicate of it dispatches nothing but tasks that find their work done.
    if run.state == RunState.LINKING:
        return chain_links(run)
    if run.state == RunState.MAINTAINING:
        return maintain.si(run_id)
    if run.state != RunState.EXTRACTING:
        return None
    # Raises WaitError, which is a transient error: the task is retried until the other run has ended.
    starting.wait_for_other_source(run)
    markers.write(run)
    files = [begin_file(file) for file in ledger.find_incomplete_files(run)]
    return chord(files, extraction_complete.si(run_id)) if files else extraction_complete.si(run_id)


def begin_file(file: DumpFile) -> Any:
    """Return the tasks that begin a file: the split, and before it the download if the file is not here."""
    split = extract_file.si(file.pk)
    return split if file.is_here else chain(fetch_file.si(file.pk), split)


@settled_task(about="file")
def extract_file(file_id: int) -> Any:
    """Split a file, or the table that is read back, then be replaced by the chord of its chunks' missing stages.

    The replacement takes this task's place in the run's chord, which so waits for the whole file.
    """
    file = DumpFile.objects.select_related("run").get(pk=file_id)
    if file.state != FileState.LOADING or file.run.is_ended or not file.is_here:
        return None
    # A resumed run comes here with ``split_at`` set and dispatches only the missing chunks.
    if file.split_at is None:
        with ledger.hold_lock("split", file_id) as is_ours:
            if not is_ours:
                # A duplicate is splitting the file, and dispatches its chunks afterwards.
                return None
            pipeline_of(file).split(file)
    # From the ledger, not from what the split has just returned: chunks of an earlier attempt are among them, and
    # settled ones are not.
    chunks = [chain_stages(file.run, chunk.pk) for chunk in ledger.find_unsettled(file).only("pk")]
    return chord(chunks, file_complete.si(file_id)) if chunks else file_complete.si(file_id)


def chain_stages(run: Run, chunk_id: int) -> Any:
    """Return the stages of a chunk as a chain. Stages that are done already do nothing."""
    # ``si``: no task takes the result of the one before. The messages carry ids, and the data wait in the spool.
    steps = [extract_chunk.si(chunk_id), load_table.si(chunk_id)]
    # In a bulk load, linking writes the nodes as well.
    return chain(*steps, load_graph.si(chunk_id)) if run.has_graph and not run.bulk else chain(*steps)


@settled_task(about="chunk")
def extract_chunk(chunk_id: int) -> dict[str, int] | None:
    """Find a chunk's new and changed records and write a batch of their rows for the stores."""
    with ledger.attempt(chunk_id, "extract") as chunk:
        return None if chunk is None else pipeline_of(chunk.file).extract(chunk)


@settled_task(about="file")
def file_complete(file_id: int) -> Any:
    """Complete a file if its chunks are all settled: indexes after a first load, purge, its row in the ledger."""
    # One file may be complete while others of the run are still loading: its indexes, purge and feed need not wait for
    # them.
    completed = completion.complete(file_id, finish_file)
    if completed:
        run = Run.objects.get(files=file_id)
        # After the commit: the feed publishes only what the ledger says is done.
        feed.ask_for(run.pk)
        markers.write(run)
    return {"completed": int(completed)}


@settled_task(about="run")
def extraction_complete(run_id: int) -> Any:
    """Begin linking if every file is complete; fail the run if a file failed and no other is still loading."""
    run = Run.objects.get(pk=run_id)
    if ledger.find_incomplete_files(run).exists():
        return None
    # Only now: the other files of the run have been loaded to their end, and the next run finds their records
    # unchanged.
    failed = run.files.filter(state=FileState.FAILED)
    if failed:
        ledger.end(run, RunState.FAILED, "; ".join(file.error for file in failed))
        markers.write(run)
        return None
    # A conditional UPDATE: of several deliveries only one changes the state and dispatches the links.
    if not Run.objects.filter(pk=run_id, state=RunState.EXTRACTING).update(state=RunState.LINKING):
        return None
    markers.write(run)
    return chain_links(run)


def chain_links(run: Run) -> Any:
    """Return the tasks that link a run's chunks and then complete the graph.

    Artists and labels come first, each type one chunk after another (decision 15). Both ends may assert the same
    relationship, so it is written with MERGE, which locks both nodes. Such writers would deadlock with one another and
    with those of releases.
    """
    # Files have no locks.
    peers = [] if run.bulk else [link_in_turn(run, record_type) for record_type in ("artists", "labels")]
    peers = [each for each in peers if each is not None]
    return chord(peers, link_others.si(run.pk)) if peers else link_others.si(run.pk)


def link_in_turn(run: Run, record_type: str) -> Any:
    """Return a chain that links one type's chunks one after another, or None if no chunk has to be linked."""
    links = [link_graph.si(chunk.pk) for chunk in ledger.find_unlinked(run, (record_type,)).only("pk")]
    return chain(*links) if links else None


@settled_task(about="run")
def link_others(run_id: int) -> Any:
    """Link masters, release groups and releases in parallel, if all artists and labels are linked."""
    run = Run.objects.get(pk=run_id)
    if run.state != RunState.LINKING:
        return None
    # Those of artists and labels are done, or give up the turn that they should wait for.
    if not run.bulk and ledger.find_unlinked(run, ("artists", "labels")).exists():
        return None
    links = [link_graph.si(chunk.pk) for chunk in ledger.find_unlinked(run).only("pk")]
    return chord(links, graph_complete.si(run_id)) if links else graph_complete.si(run_id)
