"""Celery tasks of the Neo4j loading stages (queue ``graphinator``)."""

from __future__ import annotations

from functools import lru_cache

from apps.graph import schema, writer
from apps.graph.session import session
from apps.ingest import ledger
from tasks.pipelines import pipeline_of
from tasks.settled import settled_task


@lru_cache(maxsize=1)
def prepare(run_id: int) -> None:  # noqa: ARG001 - a graph may be another one by the next run
    """Create the graph's constraints. The cache makes this happen once for each process and run.

    The loading stages call it, not the run's start: while Neo4j is away, a run still loads its tables.
    """
    with session() as opened:
        schema.create_constraints(opened)


@settled_task(about="chunk")
def load_graph(chunk_id: int) -> dict[str, int] | None:
    """Write one chunk's nodes."""
    with ledger.attempt(chunk_id, "graph") as chunk:
        if chunk is None:
            return None
        prepare(chunk.file.run_id)
        return writer.load(chunk)


@settled_task(about="chunk")
def link_graph(chunk_id: int) -> dict[str, int] | None:
    """Write one chunk's relationships. It is dispatched when every node of the run exists."""
    with ledger.attempt(chunk_id, "link") as chunk:
        if chunk is None:
            return None
        prepare(chunk.file.run_id)
        return pipeline_of(chunk.file).link(chunk)
