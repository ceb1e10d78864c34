"""What follows when all chunks of a file are in the tables: indexes after a first load, purge, findings, its row."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import transaction
from django.db.models.functions import Now

from apps.catalog import findings, indexes, musicbrainz, purge
from apps.ingest import ledger
from apps.ingest.chunks import flagged
from apps.ingest.models import DumpFile, FileState

logger = logging.getLogger(__name__)


def finish_discogs(file: DumpFile) -> int:
    """Finish a file of Discogs; return how many rows went."""
    indexes.create([file.type])
    removed = purge.purge(file)
    findings.carry(file)
    flagged.report(file)
    return removed


def finish_rebuild(file: DumpFile) -> int:
    """Finish a table that was read back: nothing of it was removed, and its findings stay those of its dump."""
    indexes.create([file.type])
    return 0


def finish_musicbrainz(file: DumpFile) -> int:
    """Finish a file of MusicBrainz; return how many rows went."""
    indexes.create_musicbrainz(file.type)
    removed = musicbrainz.clear(file)
    musicbrainz.note_conflicts(file)
    flagged.report(file)
    return removed


def complete(file_id: int, finish: Callable[[DumpFile], int]) -> bool:
    """Complete a file if every chunk of it is settled; return whether this call did.

    ``finish`` does what its source needs then, and returns how many rows were removed.

    One transaction under a lock on the file's row. A twin that finds the row locked does nothing, and one that comes
    later finds the file complete; if the process dies, so does all that it did.
    """
    with transaction.atomic():
        lock = DumpFile.objects.select_for_update(skip_locked=True, no_key=True, of=("self",)).select_related("run")
        file = lock.filter(pk=file_id, state=FileState.LOADING).first()
        if file is None or file.run.is_ended or file.split_at is None or ledger.unsettled(file).exists():
            return False
        file.removed = finish(file)
        file.state = FileState.COMPLETED
        file.save(update_fields=("removed", "state"))
        DumpFile.objects.filter(pk=file.pk).update(completed_at=Now())
        ledger.beat(file.run)
    logger.info("file complete", extra={"run": file.run_id, "file": file.type, "removed": file.removed})
    return True
