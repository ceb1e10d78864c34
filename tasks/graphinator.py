"""Celery tasks of the Neo4j loading stages (queue ``graphinator``)."""

from __future__ import annotations

from apps.graph import links, writer
from apps.ingest import ledger
from tasks.settled import settled_task


@settled_task(about="chunk")
def load_graph(chunk_id: int) -> dict[str, int] | None:
    """Write one chunk's nodes."""
    with ledger.attempt(chunk_id, "graph") as chunk:
        return writer.load(chunk) if chunk else None


@settled_task(about="chunk")
def link_graph(chunk_id: int) -> dict[str, int] | None:
    """Write one chunk's relationships, when every node of the run exists."""
    with ledger.attempt(chunk_id, "link") as chunk:
        return links.link(chunk) if chunk else None
