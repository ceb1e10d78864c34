"""Deleting the rows of records that a dump no longer has, under guards (docs/contract/data.md#purge).

A purge that is vetoed deletes nothing: neither here nor, since it works by what was deleted here, in the graph.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet, Sum

from apps.catalog import loader
from apps.ingest import ledger
from apps.ingest.models import COMPLETE, DumpFile, FileState

# Ids that stand elsewhere in the file, in a chunk whose range is another, are not removed.
PURGE = """
WITH gone AS (
    DELETE FROM {table} AS stored
    USING ingest_removedentity AS removed
    JOIN ingest_chunk AS chunk ON chunk.id = removed.chunk_id
    WHERE chunk.file_id = %(file)s AND removed.purged_at IS NULL AND stored.data_id = removed.data_id
        AND NOT EXISTS (
            SELECT FROM ingest_chunk AS other
            WHERE other.file_id = %(file)s AND removed.data_id = ANY(other.stray_ids)
        )
    RETURNING removed.id
)
UPDATE ingest_removedentity SET purged_at = now() WHERE id IN (SELECT id FROM gone)
"""

# What was a candidate and is in the table no more, or still, is no candidate.
FORGET = """
DELETE FROM ingest_removedentity
USING ingest_chunk AS chunk
WHERE chunk.id = chunk_id AND chunk.file_id = %(file)s AND purged_at IS NULL
"""


def purge(file: DumpFile) -> int:
    """Delete what a complete file no longer has; return how many rows went.

    Part of the transaction that completes the file. A veto is a warning of the run.
    """
    removed = file.chunks.aggregate(removed=Sum("removed", default=0))["removed"]
    reason = veto(file, removed, loader.count)
    deleted = 0
    with connection.cursor() as cursor:
        if reason is None:
            cursor.execute(loader.statement(PURGE, file.type), {"file": file.pk})
            deleted = cursor.rowcount
        cursor.execute(FORGET, {"file": file.pk})
    if reason is not None:
        ledger.warn(file.run, f"{file.type}: purge vetoed, nothing removed: {reason}")
    return deleted


def veto(file: DumpFile, removed: int, count: Callable[[str], int]) -> str | None:
    """Return why nothing of what would be removed may be, or None; ``count`` tells how many rows a type's table has."""
    if not removed:
        return None
    if "tables" not in file.run.stores:
        return "this run is for the graph alone"
    if file.dead_letters.filter(replayed_at__isnull=True).exists():
        return "a record or a stage of this run is a dead letter, and would look like a removed record"
    newest = previous(file).order_by("-run__version").first()
    if newest is not None and newest.run.version > file.run.version:
        return f"version {file.run.version} is older than {newest.run.version}, which is loaded"
    doubt = doubtful(file, removed, count(file.type))
    if doubt is None or file.run.confirm_purge:
        return None
    return f"{doubt}. If that is right, load it with --confirm-purge"


def doubtful(file: DumpFile, removed: int, total: int) -> str | None:
    """Return why the dump may be damaged rather than shorter, or None."""
    seen = records_of(file)
    if removed / total >= settings.PURGE_MAX_DELETE_FRACTION:
        return f"{removed:,} of {total:,} rows would go"
    last = previous(file).order_by("-run").first()
    before = records_of(last) if last else 0
    if seen < before * settings.PURGE_MIN_SEEN_FRACTION:
        return f"the dump has {seen:,} records and the last one had {before:,}"
    return None


def records_of(file: DumpFile) -> int:
    """Return how many records a file has."""
    return int(file.chunks.aggregate(records=Sum("records", default=0))["records"])


def previous(file: DumpFile) -> QuerySet[DumpFile]:
    """Return the files of this type that completed runs loaded before."""
    return DumpFile.objects.filter(
        type=file.type,
        run__source=file.run.source,
        run__state__in=COMPLETE,
        state=FileState.COMPLETED,
        run__lt=file.run_id,
    ).select_related("run")
