"""Delete the entities that a dump of MusicBrainz no longer has, unless a guard vetoes it."""

from __future__ import annotations

from typing import Any

from django.db import connection

from apps.catalog.musicbrainz import relations
from apps.catalog.musicbrainz.tables import count, statement
from apps.catalog.purge import is_allowed
from apps.ingest.models import DumpFile
from apps.ingest.sources.musicbrainz import ENTITIES

MAKE_GONE = """
CREATE TEMPORARY TABLE gone ON COMMIT DROP AS
SELECT mbid, {discogs_id} AS discogs_id
FROM {table} AS stored
WHERE NOT EXISTS (SELECT FROM ingest_seenentity AS seen WHERE seen.file_id = %(file)s AND seen.mbid = stored.mbid)
"""

COUNT_GONE = "SELECT count(*) FROM gone"
PURGE = "DELETE FROM {table} USING gone WHERE {table}.mbid = gone.mbid"

MAKE_GONE_DUE = """
INSERT INTO musicbrainz.due (record_type, discogs_id)
SELECT DISTINCT %(type)s, discogs_id FROM gone WHERE discogs_id IS NOT NULL
ON CONFLICT (record_type, discogs_id) DO NOTHING
"""

NOTE_REMOVED = """
INSERT INTO ingest_removedentity (run_id, chunk_id, record_type, mbid, purged_at, unlinked_at)
SELECT %(run)s, %(chunk)s, %(type)s, mbid, now(), now() FROM gone
"""

FORGET_SEEN = "DELETE FROM ingest_seenentity WHERE file_id = %(file)s"


def purge(file: DumpFile) -> int:
    """Delete the entities that a complete file no longer has, unless a guard vetoes it; return their number.

    Part of the transaction that completes the file. A veto becomes a warning of the run.
    """
    record_type = file.type
    with connection.cursor() as cursor:
        parameters: dict[str, Any] = {
            "file": file.pk,
            "type": record_type,
            "entity": ENTITIES[record_type],
            "run": file.run_id,
        }
        # The lines of MusicBrainz are in no order, so no chunk can tell what is missing. The list of all ids of the
        # file can, and it is complete only now.
        cursor.execute(statement(MAKE_GONE, record_type), parameters)
        cursor.execute(COUNT_GONE)
        gone = int(cursor.fetchone()[0])
        if not is_allowed(file, gone, count):
            gone = 0
        if gone:
            # RemovedEntity needs a chunk, and an entity that is gone is in none: the file's first one stands in.
            parameters["chunk"] = file.chunks.order_by("seq").values_list("pk", flat=True)[0]
            for template in (
                relations.MAKE_WITHDRAWN,
                relations.WITHDRAW_AS_SOURCE,
                relations.WITHDRAW_AS_TARGET,
                relations.DROP_RELATIONSHIPS,
                relations.DROP_LINKS,
                PURGE,
                MAKE_GONE_DUE,
                NOTE_REMOVED,
            ):
                cursor.execute(statement(template, record_type, **relations.GONE), parameters)
        # After a veto too. The list has a row for each entity of the dump, and the next file makes its own.
        cursor.execute(FORGET_SEEN, parameters)
    return gone
