"""The pages of Discogs that are due: their nodes may differ from what the tables of MusicBrainz say."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection
from django.db.models import QuerySet

from apps.catalog.musicbrainz.tables import statement
from apps.ingest.models import Chunk, DumpFile

# Type of Discogs → that of MusicBrainz.
COUNTERPARTS = {"artists": "artists", "labels": "labels", "masters": "release-groups", "releases": "releases"}

DUE_OF_CHUNK = """
SELECT discogs_id
FROM musicbrainz.due
WHERE record_type = %(type)s AND chunk_id = %(chunk)s
ORDER BY discogs_id
"""

DUE = """
SELECT discogs_id
FROM musicbrainz.due
WHERE record_type = %(type)s
ORDER BY discogs_id
"""

SETTLE = "DELETE FROM musicbrainz.due WHERE record_type = %(type)s AND discogs_id = ANY(%(ids)s)"

ALL_DUE = """
INSERT INTO musicbrainz.due (record_type, discogs_id)
SELECT DISTINCT %(type)s, {discogs_id}
FROM {table}
WHERE {discogs_id} IS NOT NULL
ON CONFLICT (record_type, discogs_id) DO NOTHING
"""

SOME_DUE = """
INSERT INTO musicbrainz.due (record_type, discogs_id)
SELECT DISTINCT %(type)s, {discogs_id}
FROM {table}
WHERE {discogs_id} = ANY(%(ids)s)
ON CONFLICT (record_type, discogs_id) DO NOTHING
"""


def read_due(record_type: str, chunk_id: int | None = None) -> list[int]:
    """Return the Discogs ids of due pages: all of a type, or those that a chunk made due."""
    with connection.cursor() as cursor:
        cursor.execute(DUE if chunk_id is None else DUE_OF_CHUNK, {"type": record_type, "chunk": chunk_id})
        return [discogs_id for (discogs_id,) in cursor.fetchall()]


def make_due(chunks: QuerySet[Chunk]) -> None:
    """Make the pages due whose nodes these chunks of Discogs brought.

    In a first load, a rebuild or a rewrite, these are all pages of the type.
    """
    for file in DumpFile.objects.filter(chunks__in=chunks).select_related("run").distinct().order_by("pk"):
        # In these runs ``new_ids`` is empty or incomplete: a first load does not store it, and the others write nodes
        # that are not new.
        if file.first_load or file.run.rewrite or not file.path:
            make_all_due(file.type)
        else:
            for ids in chunks.filter(file=file).exclude(new_ids=[]).values_list("new_ids", flat=True):
                make_ids_due(file.type, ids)


def make_all_due(discogs_type: str) -> None:
    """Make all pages of a Discogs type due that an entity of MusicBrainz claims."""
    record_type = COUNTERPARTS[discogs_type]
    with connection.cursor() as cursor:
        cursor.execute(statement(ALL_DUE, record_type), {"type": record_type})


def make_ids_due(discogs_type: str, ids: Sequence[int]) -> None:
    """Make those of these Discogs pages due that an entity of MusicBrainz claims."""
    record_type = COUNTERPARTS[discogs_type]
    with connection.cursor() as cursor:
        cursor.execute(statement(SOME_DUE, record_type), {"type": record_type, "ids": list(ids)})
