"""Load the tables of MusicBrainz.

A batch has the JSON of each entity; PostgreSQL extracts columns, relations and links from it. One transaction holds a
chunk's rows, the Discogs pages that they make due in the graph, and the chunk's mark.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from apps.catalog import loader, written
from apps.catalog.musicbrainz import relations
from apps.catalog.musicbrainz.tables import statement
from apps.catalog.rows import ENTITY_COLUMNS
from apps.ingest.models import Chunk
from apps.ingest.sources.musicbrainz import ENTITIES

MAKE_BATCH = """
CREATE TEMPORARY TABLE batch (mbid uuid, hash bytea, rev smallint, chunk_id bigint, data jsonb) ON COMMIT DROP
"""

COPY_IN = f"COPY batch ({ENTITY_COLUMNS}) FROM STDIN (FORMAT BINARY)"

# Without statistics PostgreSQL takes a batch of a few entities for thousands, and reads whole tables.
COUNT_BATCH = "ANALYZE batch (mbid)"

# Leaves out entities that a later chunk of the file has as well. The subquery makes this one index lookup for each.
LEAVE_TO_LATER = """
DELETE FROM batch
WHERE (
    SELECT seen.chunk_id FROM ingest_seenentity AS seen WHERE seen.file_id = %(file)s AND seen.mbid = batch.mbid
) > %(chunk)s
"""

# Leaves out entities that the table has unchanged, or from a later chunk. An entity of two chunks is in the batch even
# if it is unchanged.
LEAVE_THE_SAME = """
DELETE FROM batch
USING {table} AS stored
WHERE stored.mbid = batch.mbid
    AND (stored.chunk_id > batch.chunk_id
        OR NOT %(rewrite)s AND stored.hash = batch.hash AND stored.rev = batch.rev)
"""

# The entities of the batch that the table has already, with the Discogs id that they were linked to.
MAKE_REPLACED = """
CREATE TEMPORARY TABLE replaced ON COMMIT DROP AS
SELECT stored.mbid, stored.{discogs_id} AS discogs_id
FROM {table} AS stored
JOIN batch USING (mbid)
"""

COUNT_REPLACED = "ANALYZE replaced"

MERGE = """
INSERT INTO {table} AS stored (mbid, hash, rev, chunk_id, data, {columns})
SELECT mbid, hash, rev, chunk_id, data, {values}
FROM batch, {taken_apart}
ON CONFLICT (mbid) DO UPDATE
SET hash = excluded.hash, rev = excluded.rev, chunk_id = excluded.chunk_id, data = excluded.data, {assignments},
    updated_at = now()
"""

# The Discogs pages whose nodes may change: those that the entities were linked to, and those that they are linked to
# now. In order of the key, so that two writers wait for each other and do not deadlock.
MAKE_DUE = """
INSERT INTO musicbrainz.due AS due (record_type, discogs_id, chunk_id)
SELECT %(type)s, discogs_id, %(chunk)s
FROM (
    SELECT discogs_id FROM replaced
    UNION
    SELECT (data->>'{discogs_id}')::bigint FROM batch
) AS pages
WHERE discogs_id IS NOT NULL
ORDER BY discogs_id
ON CONFLICT (record_type, discogs_id) DO UPDATE SET chunk_id = excluded.chunk_id
"""

WRITTEN = """
SELECT mbid, encode(hash, 'hex'), data::text
FROM {table}
WHERE chunk_id = %(chunk)s
"""


def stage_rows(cursor: Any, blocks: Iterable[bytes]) -> None:
    """Create the temporary table, copy rows into it and analyze it."""
    cursor.execute(MAKE_BATCH)
    loader.copy(cursor, COPY_IN, blocks)
    cursor.execute(COUNT_BATCH)


def merge_staged(cursor: Any, chunk: Chunk) -> None:
    """Merge the entities of the temporary table, their relations and their links into the tables."""
    record_type = chunk.file.type
    parameters = {
        "file": chunk.file_id,
        "chunk": chunk.pk,
        "type": record_type,
        "entity": ENTITIES[record_type],
        "rewrite": chunk.file.run.rewrite,
    }

    def run(*templates: str) -> None:
        for template in templates:
            cursor.execute(statement(template, record_type, **relations.REPLACED), parameters)

    # The order matters: what is left out must not be merged, and the pages that replaced entities were linked to can be
    # read only before the merge writes their new links.
    run(LEAVE_TO_LATER, LEAVE_THE_SAME, MAKE_REPLACED)
    are_replaced = cursor.rowcount > 0
    run(MERGE, MAKE_DUE, relations.MAKE_PRINTED, relations.MAKE_WITHDRAWN, relations.MAKE_LINKED)
    # New entities have no old relations. In a first load all are new, and the indexes that find old ones are missing.
    if are_replaced:
        run(
            COUNT_REPLACED,
            relations.WITHDRAW_AS_SOURCE,
            relations.WITHDRAW_AS_TARGET,
            relations.DROP_RELATIONSHIPS,
            relations.DROP_LINKS,
        )
    # After the withdrawals. A relation that the entity still states is not withdrawn, so it keeps its row.
    run(relations.MERGE_RELATIONSHIPS, relations.MERGE_LINKS)


MERGING = loader.Merging(
    stage=stage_rows,
    merge=merge_staged,
    staged="batch, replaced, printed, withdrawn, linked",
    key=lambda row: str(UUID(bytes=row[6:22])),
)


def load(chunk: Chunk) -> dict[str, int]:
    """Merge a chunk's new and changed entities into their tables. A duplicate delivery changes nothing."""
    return loader.merge(chunk, MERGING)


def read_written(chunk: Chunk) -> Iterator[tuple[str, str, str]]:
    """Yield (id, content hash in hex, JSON) of each entity that a chunk wrote and no later chunk overwrote."""
    return written.fetch_records(statement(WRITTEN, chunk.file.type), {"chunk": chunk.pk})
