"""Celery tasks of extraction (queue ``extractor``): a run's start, its files, their chunks, and what completes them.

The callbacks of the chords, ``file_complete`` and ``extraction_complete``, do not believe that their chord is done:
they ask the ledger. So they may come twice, early, or from the watchdog.
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
    """Dispatch what the ledger lacks of a run, at its start and whenever it is resumed."""
    run = Run.objects.get(pk=run_id)
    ledger.beat(run)
    if run.state == RunState.LINKING:
        return linking(run)
    if run.state == RunState.MAINTAINING:
        return maintain.si(run_id)
    if run.state != RunState.EXTRACTING:
        return None
    starting.wait_for_other_source(run)
    markers.write(run)
    files = [begin_file(file) for file in ledger.incomplete_files(run)]
    return chord(files, extraction_complete.si(run_id)) if files else extraction_complete.si(run_id)


def begin_file(file: DumpFile) -> Any:
    """Return what begins a file: its split, after its download if it is not here."""
    split = extract_file.si(file.pk)
    return split if file.is_here else chain(fetch_file.si(file.pk), split)


@settled_task(about="file")
def extract_file(file_id: int) -> Any:
    """Split a file, or the table in its stead, then stand for all stages of its chunks that are still to be done."""
    file = DumpFile.objects.select_related("run").get(pk=file_id)
    if file.state != FileState.LOADING or file.run.is_ended or not file.is_here:
        return None
    if file.split_at is None:
        with ledger.only_one("split", file_id) as is_ours:
            if not is_ours:
                return None
            pipeline_of(file).split(file)
    chunks = [remaining(file.run, chunk.pk) for chunk in ledger.unsettled(file).only("pk")]
    return chord(chunks, file_complete.si(file_id)) if chunks else file_complete.si(file_id)


def remaining(run: Run, chunk_id: int) -> Any:
    """Return the stages of a chunk, one after the other; one that is done already does nothing."""
    steps = [extract_chunk.si(chunk_id), load_table.si(chunk_id)]
    return chain(*steps, load_graph.si(chunk_id)) if run.has_graph else chain(*steps)


@settled_task(about="chunk")
def extract_chunk(chunk_id: int) -> dict[str, int] | None:
    """Find a chunk's new and changed records and make of them what the stores take."""
    with ledger.attempt(chunk_id, "extract") as chunk:
        return None if chunk is None else pipeline_of(chunk.file).extract(chunk)


@settled_task(about="file")
def file_complete(file_id: int) -> Any:
    """Complete a file whose chunks are all settled: indexes of a first load, purge, its row."""
    completed = completion.complete(file_id, finish_file)
    if completed:
        run = Run.objects.get(files=file_id)
        feed.ask_for(run.pk)
        markers.write(run)
    return {"completed": int(completed)}


@settled_task(about="run")
def extraction_complete(run_id: int) -> Any:
    """Begin linking when every file is complete; end the run if one has failed and none is going on."""
    run = Run.objects.get(pk=run_id)
    if ledger.incomplete_files(run).exists():
        return None
    failed = run.files.filter(state=FileState.FAILED)
    if failed:
        ledger.end(run, RunState.FAILED, "; ".join(file.error for file in failed))
        markers.write(run)
        return None
    if not Run.objects.filter(pk=run_id, state=RunState.EXTRACTING).update(state=RunState.LINKING):
        return None
    markers.write(run)
    return linking(run)


def linking(run: Run) -> Any:
    """Return what links a run's chunks, and then completes the graph.

    Artists and labels first, each type one chunk after another: their relationships are merged, since both ends may
    assert one, and that locks both ends. Beside one another, or beside releases, such writers would deadlock.
    """
    peers = [link_in_turn(run, record_type) for record_type in ("artists", "labels")]
    peers = [each for each in peers if each is not None]
    return chord(peers, link_others.si(run.pk)) if peers else link_others.si(run.pk)


def link_in_turn(run: Run, record_type: str) -> Any:
    """Return the links of one type's chunks as a chain, or None if there is nothing to link."""
    links = [link_graph.si(chunk.pk) for chunk in ledger.unlinked(run, (record_type,)).only("pk")]
    return chain(*links) if links else None


@settled_task(about="run")
def link_others(run_id: int) -> Any:
    """Link the other types, whose writers need not wait for each other, side by side, if artists and labels are."""
    run = Run.objects.get(pk=run_id)
    if run.state != RunState.LINKING or ledger.unlinked(run, ("artists", "labels")).exists():
        return None
    others = ledger.unlinked(run, ("masters", "release-groups", "releases"))
    links = [link_graph.si(chunk.pk) for chunk in others.only("pk")]
    return chord(links, graph_complete.si(run_id)) if links else graph_complete.si(run_id)
