"""Findings of records that a dump did not change: they still hold, although nobody looked at the records again.

With them the findings of a version are complete, so two versions can be compared, whatever was loaded before (decision
31).
"""

from __future__ import annotations

from django.db import connection
from django.db.models import Min

from apps.catalog import loader, purge
from apps.ingest.models import Chunk, DumpFile

# A finding holds if the table has the record as it was when the finding was made, and this file's extraction has not
# had it in its hands: whatever it parses it finds anew. Of the last complete file that is what no later chunk wrote; of
# files of runs that were broken off since, what the very chunk wrote.
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
    """Give a file, all of whose chunks are settled, the findings that still hold; return how many.

    None if the rules are others than those of the last complete file: then every record was looked at.
    """
    previous = purge.previous(file).exclude(path="").first()
    digest = file.run.rules_digest
    if previous is None or not digest or previous.run.rules_digest != digest:
        return 0
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
