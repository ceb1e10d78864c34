"""Celery tasks of the PostgreSQL loading stage (queue ``tableinator``)."""

from __future__ import annotations

from apps.catalog import loader
from apps.ingest import ledger
from tasks.settled import settled_task


@settled_task(about="chunk")
def load_table(chunk_id: int) -> dict[str, int] | None:
    """Write one chunk's new and changed records into their table."""
    chunk = ledger.begin(chunk_id, "table")
    return None if chunk is None else loader.load(chunk)
