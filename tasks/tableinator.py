"""Celery tasks of the PostgreSQL loading stage (queue ``tableinator``)."""

from __future__ import annotations

from apps.ingest import ledger
from tasks.pipelines import pipeline_of
from tasks.settled import settled_task


@settled_task(about="chunk")
def load_table(chunk_id: int) -> dict[str, int] | None:
    """Write one chunk's new and changed records into their table."""
    with ledger.attempt(chunk_id, "table") as chunk:
        return None if chunk is None else pipeline_of(chunk.file).load(chunk)
