"""Carry the findings of unchanged records to the next version: they still hold, although nothing parsed the records.

So the findings of a version are complete, and two versions can be compared, whatever was loaded before (decision 31).
"""

from __future__ import annotations

from django.db import connection
from django.db.models import Min

from apps.catalog import loader, purge
from apps.ingest.models import Chunk, DumpFile

# A finding still holds if the table's row is the one that it was made about, and this file's extraction has not parsed
# the record: a parsed record gets its findings again. For the last complete file, that is a row that no later chunk
# wrote. For files of runs that ended early since then, it is a row that the finding's own chunk wrote.
CARRY = """
INSERT INTO ingest_qualityfinding (run_id, file_id, record_id, rule, severity, field, value, reason, excerpt)
SELECT %(run)s, %(file)s, finding.record_id, finding.rule, finding.severity, finding.field, finding.value,
    finding.reason, finding.excerpt
FROM ingest_qualityfinding AS finding
JOIN {table} AS stored
    ON stored.data_id = CASE WHEN finding.record_id ~ '^[1-9][0-9]{{0,17}}$' THEN finding.record_id::bigint END
WHERE (
        finding.file_id = %(previous)s AND stored.chunk_id < %(first_chunk)s
        OR finding.file_id = ANY(%(broken_off)s) AND stored.chunk_id = finding.chunk_id
    )
    AND NOT EXISTS (
        SELECT FROM ingest_qualityfinding AS own
        WHERE own.file_id = %(file)s AND own.record_id = finding.record_id
    )
"""


def carry(file: DumpFile) -> int:
    """Copy the findings that still hold to a file whose chunks are all settled; return the number of copies.

    If the rules differ from those of the last complete file, nothing is copied, since every record was parsed again.
    """
    previous = purge.find_previous(file).exclude(path="").first()
    digest = file.run.rules_digest
    # The digest covers the rules and the extraction revision. It is part of the raw hash, so with another digest no
    # record is unchanged.
    if previous is None or not digest or previous.run.rules_digest != digest:
        return 0
    # A run that was cancelled or failed may have loaded some chunks. Their records are unchanged for this run, while
    # the last complete file knows an older version of them.
    since = DumpFile.objects.filter(
        type=file.type, run__source=file.run.source, run__gt=previous.run_id, run__lt=file.run_id
    )
    broken_off = list(since.exclude(path="").values_list("pk", flat=True))
    first = Chunk.objects.filter(file__in=[*broken_off, file.pk]).aggregate(first=Min("pk"))["first"]
    parameters = {
        "run": file.run_id,
        "file": file.pk,
        "previous": previous.pk,
        "broken_off": broken_off,
        "first_chunk": first,
    }
    with connection.cursor() as cursor:
        cursor.execute(loader.statement(CARRY, file.type), parameters)
        return int(cursor.rowcount)
