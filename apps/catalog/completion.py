"""Complete a file whose chunks are all in the tables: indexes after a first load, purge, findings, its ledger row."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import transaction
from django.db.models.functions import Now

from apps.catalog import findings, indexes, purge
from apps.catalog.musicbrainz import conflicts
from apps.catalog.musicbrainz import purge as entity_purge
from apps.ingest import ledger
from apps.ingest.chunks import flagged
from apps.ingest.models import DumpFile, FileState

logger = logging.getLogger(__name__)


def finish_discogs(file: DumpFile) -> int:
    """Finish a file of Discogs; return the number of deleted rows."""
    indexes.create([file.type])
    removed = purge.purge(file)
    # After the purge, since it joins the table: findings of deleted rows are left behind.
    findings.carry(file)
    flagged.report(file)
    return removed


def finish_rebuild(file: DumpFile) -> int:
    """Finish a table that was read back. No row was removed, and the findings of its dump still hold; return 0."""
    indexes.create([file.type])
    return 0


def finish_musicbrainz(file: DumpFile) -> int:
    """Finish a file of MusicBrainz; return the number of deleted entities."""
    indexes.create_musicbrainz(file.type)
    removed = entity_purge.purge(file)
    # After the purge: an entity that is gone claims no page.
    conflicts.note_conflicts(file)
    flagged.report(file)
    return removed


def complete(file_id: int, finish: Callable[[DumpFile], int]) -> bool:
    """Complete a file if every chunk of it is settled; return whether this call completed it.

    ``finish`` is the source's part of completing a file; it returns the number of removed rows.

    Everything is one transaction under a lock on the file's row. A duplicate that finds the row locked does nothing,
    and a later one finds the file complete. If the process dies, the transaction is rolled back as a whole.
    """
    with transaction.atomic():
        lock = DumpFile.objects.select_for_update(skip_locked=True, no_key=True, of=("self",)).select_related("run")
        # ``no_key``: rows that refer to the file, such as findings, may still be inserted while it is locked. A plain
        # FOR UPDATE would stop them, since PostgreSQL locks the key of a row that a new row refers to.
        file = lock.filter(pk=file_id, state=FileState.LOADING).first()
        if file is None or file.run.is_ended or file.split_at is None or ledger.find_unsettled(file).exists():
            return False
        # Indexes are created over connections of their own. They survive a rollback and are not created twice.
        file.removed = finish(file)
        file.state = FileState.COMPLETED
        file.save(update_fields=("removed", "state"))
        DumpFile.objects.filter(pk=file.pk).update(completed_at=Now())
        ledger.touch_heartbeat(file.run)
    logger.info("file complete", extra={"run": file.run_id, "file": file.type, "removed": file.removed})
    return True
