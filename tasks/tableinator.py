"""Celery tasks of the PostgreSQL loading stage (queue ``tableinator``)."""

from __future__ import annotations

from apps.catalog import loader, musicbrainz
from apps.ingest import ledger
from apps.ingest.models import Source
from tasks.settled import settled_task


@settled_task(about="chunk")
def load_table(chunk_id: int) -> dict[str, int] | None:
    """Write one chunk's new and changed records into their table."""
    with ledger.attempt(chunk_id, "table") as chunk:
        if chunk is None:
            return None
        if chunk.file.run.source == Source.MUSICBRAINZ:
            return loader.merge(chunk, musicbrainz.MERGING)
        return loader.load(chunk)
