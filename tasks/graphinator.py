"""Celery tasks of the Neo4j loading stages (queue ``graphinator``)."""

from __future__ import annotations

from apps.graph import links, writer
from apps.ingest import ledger
from tasks.settled import settled_task


@settled_task(about="chunk")
def load_graph(chunk_id: int) -> dict[str, int] | None:
    """Write one chunk's nodes."""
    chunk = ledger.begin(chunk_id, "graph")
    return None if chunk is None else writer.load(chunk)


@settled_task(about="chunk")
def link_graph(chunk_id: int) -> dict[str, int] | None:
    """Write one chunk's relationships, when every node of the run exists."""
    chunk = ledger.begin(chunk_id, "link")
    return None if chunk is None else links.link(chunk)
