"""Find the entities that claim a page of Discogs which belongs to another entity."""

from __future__ import annotations

from django.db import connection

from apps.catalog.musicbrainz.tables import DISCOGS_ID, statement
from apps.ingest.models import DumpFile, QualityFinding

# Several entities may claim the same Discogs page. The first one wins: links that are not ended come first, then the
# lowest MBID. This finds the others.
CONFLICTS = """
SELECT mbid, discogs_id
FROM (
    SELECT mbid, {discogs_id} AS discogs_id,
        row_number() OVER (PARTITION BY {discogs_id} ORDER BY discogs_link_ended, mbid) AS place
    FROM {table}
    WHERE {discogs_id} IS NOT NULL
) AS claims
WHERE place > 1
ORDER BY mbid
"""


def note_conflicts(file: DumpFile) -> None:
    """Write a finding for each entity whose Discogs page belongs to another entity."""
    with connection.cursor() as cursor:
        cursor.execute(statement(CONFLICTS, file.type))
        QualityFinding.objects.bulk_create(
            (
                QualityFinding(
                    run=file.run,
                    file=file,
                    record_id=str(mbid),
                    rule="discogs-id-conflict",
                    severity="warning",
                    field=DISCOGS_ID[file.type],
                    value=str(discogs_id),
                    reason="another entity claims this page of Discogs and comes first",
                )
                for mbid, discogs_id in cursor.fetchall()
            ),
            batch_size=1000,
        )
