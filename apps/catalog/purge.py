"""Delete the rows of records that a dump no longer has, unless a guard vetoes it (docs/contract/data.md#purge).

A vetoed purge deletes nothing here. It deletes nothing in the graph either, where only the nodes of rows that were
deleted here are removed.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from apps.catalog import loader
from apps.ingest import ledger
from apps.ingest.chunks.outcome import MALFORMED, NO_ID, UNKNOWN_ID
from apps.ingest.models import DumpFile, RemovedEntity
from apps.ingest.progress import summaries

# An id that is in a chunk of another range looks removed to the chunk whose range contains it. It is not.
FORGET_STRAYS = """
DELETE FROM ingest_removedentity AS removed
USING ingest_chunk AS chunk, (
    SELECT unnest(stray_ids) AS data_id
    FROM ingest_chunk
    WHERE file_id = %(file)s
) AS stray
WHERE chunk.id = removed.chunk_id AND chunk.file_id = %(file)s AND removed.data_id = stray.data_id
"""

PURGE = """
WITH gone AS (
    DELETE FROM {table} AS stored
    USING ingest_removedentity AS removed
    JOIN ingest_chunk AS chunk ON chunk.id = removed.chunk_id
    WHERE chunk.file_id = %(file)s AND removed.purged_at IS NULL AND stored.data_id = removed.data_id
    RETURNING removed.id
)
UPDATE ingest_removedentity SET purged_at = now() WHERE id IN (SELECT id FROM gone)
"""

# Deletes the candidates that were not purged: after a veto their rows stay, and some rows are gone already.
FORGET = """
DELETE FROM ingest_removedentity
USING ingest_chunk AS chunk
WHERE chunk.id = chunk_id AND chunk.file_id = %(file)s AND purged_at IS NULL
"""


def purge(file: DumpFile) -> int:
    """Delete the rows of records that a complete file no longer has; return their number.

    Part of the transaction that completes the file.
    """
    deleted = 0
    with connection.cursor() as cursor:
        # First of all, so that the guards count only what would really go.
        cursor.execute(FORGET_STRAYS, {"file": file.pk})
        removed = RemovedEntity.objects.filter(chunk__file=file).count()
        if is_allowed(file, removed, loader.count):
            cursor.execute(loader.statement(PURGE, file.type), {"file": file.pk})
            deleted = cursor.rowcount
        # What stays in ``RemovedEntity`` was deleted from its table in this transaction. The graph reads that list, so
        # it can never remove more than PostgreSQL did.
        cursor.execute(FORGET, {"file": file.pk})
    return deleted


def is_allowed(file: DumpFile, removed: int, count: Callable[[str], int]) -> bool:
    """Tell whether the guards allow to delete the removed records of a file.

    A veto is stored with the file. If there was something to delete, it also becomes a warning of the run. ``count``
    returns the number of rows of a type's table.
    """
    reason = find_veto(file, removed, count)
    if reason is None:
        return True
    DumpFile.objects.filter(pk=file.pk).update(purge_veto=reason)
    if removed:
        ledger.warn(file.run, f"{file.type}: purge vetoed, nothing removed: {reason}")
    return False


def find_veto(file: DumpFile, removed: int, count: Callable[[str], int]) -> str | None:
    """Return the reason why no record may be deleted, or None."""
    # Such a run writes no rows, so it must not delete any.
    if "tables" not in file.run.stores:
        return "this run is for the graph alone"
    if file.dead_letters.filter(replayed_at__isnull=True).exists():
        return "a record or a stage of this run is a dead letter, and would look like a removed record"
    newest = find_previous(file).order_by("-run__version").first()
    if newest is not None and newest.run.version > file.run.version:
        return f"version {file.run.version} is older than {newest.run.version}, which is loaded"
    # Behind this line stand the doubts that a person may overrule. With the reasons above, a purge would be wrong,
    # whoever asks for it.
    if file.run.confirm_purge:
        return None
    doubt = (removed and explain_losses(file, removed, count(file.type))) or explain_unreadable(file)
    return f"{doubt}. If that is right, load it with --confirm-purge" if doubt else None


def explain_losses(file: DumpFile, removed: int, total: int) -> str | None:
    """Return the reason why a dump looks damaged rather than shorter, or None."""
    # ``total`` is not 0 here: a removed record has a row.
    if removed / total >= settings.PURGE_MAX_DELETE_FRACTION:
        return f"{removed:,} of {total:,} rows would go"
    # Compared with the last dump that was plausible itself. Otherwise two short dumps in a row would make the second
    # one look right.
    last = ledger.find_reference_files(file.run.source, file.type).filter(run__lt=file.run_id).first()
    found = summaries.summarise_files([file, last] if last else [file])
    summary = found[file.pk]
    before, what = (found[last.pk].seen, "the last one") if last else (total - summary.new, "the table")
    if summary.seen < before * settings.PURGE_MIN_SEEN_FRACTION:
        return f"the dump has {summary.seen:,} records and {what} had {before:,}"
    return None


def explain_unreadable(file: DumpFile) -> str | None:
    """Return the reason why missing records may be among the unreadable ones, or None."""
    unknown = file.findings.filter(rule__in=(MALFORMED, NO_ID), record_id=UNKNOWN_ID).count()
    return f"{unknown:,} records do not say which they are, and may be those that look removed" if unknown else None


def find_previous(file: DumpFile) -> QuerySet[DumpFile]:
    """Return the files of this type from earlier complete runs, the newest run first."""
    return ledger.find_loaded_files(file.run.source, file.type).filter(run__lt=file.run_id)
