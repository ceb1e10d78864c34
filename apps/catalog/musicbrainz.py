"""Load the tables of MusicBrainz, and delete the entities that a dump no longer has.

A batch has the JSON of each entity; PostgreSQL extracts columns, relations and links from it. One transaction holds a
chunk's rows, the Discogs pages that they make due in the graph, and the chunk's mark.

Both ends of a relation state it, mostly in different chunks. Its row has a column for each end, which is not null if
that end states the relation. So when one end is rewritten, it withdraws only its own statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from apps.catalog import loader, purge, written
from apps.catalog.models import REVISION
from apps.catalog.rows import ENTITY_COLUMNS
from apps.ingest.models import Chunk, DumpFile, QualityFinding
from apps.ingest.sources.musicbrainz import ENTITIES

TABLES = {
    "artists": "musicbrainz.artists",
    "labels": "musicbrainz.labels",
    "release-groups": "musicbrainz.release_groups",
    "releases": "musicbrainz.releases",
}
DISCOGS_ID = {
    "artists": "discogs_artist_id",
    "labels": "discogs_label_id",
    "release-groups": "discogs_master_id",
    "releases": "discogs_release_id",
}
# Column → its value, as an expression over the columns of TAKEN_APART.
COLUMNS = {
    "artists": {
        "name": "name",
        "sort_name": "sort_name",
        "type": "mb_type",
        "gender": "gender",
        "begin_date": "life_span->>'begin'",
        "end_date": "life_span->>'end'",
        "ended": "(life_span->>'ended')::boolean",
        "area": "area",
        "begin_area": "begin_area",
        "end_area": "end_area",
        "disambiguation": "disambiguation",
        "discogs_artist_id": "discogs_artist_id",
        "discogs_link_ended": "discogs_link_ended",
        "aliases": "aliases",
        "tags": "tags",
    },
    "labels": {
        "name": "name",
        "type": "mb_type",
        "label_code": "label_code",
        "begin_date": "life_span->>'begin'",
        "end_date": "life_span->>'end'",
        "ended": "(life_span->>'ended')::boolean",
        "area": "area",
        "disambiguation": "disambiguation",
        "discogs_label_id": "discogs_label_id",
        "discogs_link_ended": "discogs_link_ended",
    },
    "release-groups": {
        "name": "name",
        "type": "mb_type",
        "secondary_types": "secondary_types",
        "first_release_date": "first_release_date",
        "disambiguation": "disambiguation",
        "discogs_master_id": "discogs_master_id",
        "discogs_link_ended": "discogs_link_ended",
    },
    "releases": {
        "name": "name",
        "barcode": "barcode",
        "status": "status",
        "release_group_mbid": "release_group_mbid",
        "discogs_release_id": "discogs_release_id",
        "discogs_link_ended": "discogs_link_ended",
    },
}

TAKEN_APART = """
jsonb_to_record(batch.data) AS record(
    name text, sort_name text, mb_type text, gender text, life_span jsonb, area text, begin_area text, end_area text,
    disambiguation text, label_code integer, secondary_types jsonb, first_release_date text, barcode text, status text,
    release_group_mbid uuid, aliases jsonb, tags jsonb, discogs_link_ended boolean, discogs_artist_id bigint,
    discogs_label_id bigint, discogs_master_id bigint, discogs_release_id bigint
)
"""

KNOWN = """
SELECT mbid, CASE WHEN rev = %(revision)s THEN hash END
FROM {table}
WHERE mbid = ANY(%(mbids)s)
"""

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

MERGE = """
INSERT INTO {table} AS stored (mbid, hash, rev, chunk_id, data, {columns})
SELECT mbid, hash, rev, chunk_id, data, {values}
FROM batch, {taken_apart}
ON CONFLICT (mbid) DO UPDATE
SET hash = excluded.hash, rev = excluded.rev, chunk_id = excluded.chunk_id, data = excluded.data, {assignments},
    updated_at = now()
"""

COUNT_REPLACED = "ANALYZE replaced"

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

# The relations that the entities of the batch state, each in the one direction that both of its ends agree upon.
MAKE_PRINTED = """
CREATE TEMPORARY TABLE printed ON COMMIT DROP AS
SELECT
    CASE WHEN is_source THEN mbid ELSE other END AS source_mbid,
    CASE WHEN is_source THEN other ELSE mbid END AS target_mbid,
    CASE WHEN is_source THEN %(entity)s ELSE target_type END AS source_entity_type,
    CASE WHEN is_source THEN target_type ELSE %(entity)s END AS target_entity_type,
    type AS relationship_type, begin_date, end_date, attributes,
    bool_and(ended) FILTER (WHERE is_source) AS source_ended,
    bool_and(ended) FILTER (WHERE NOT is_source) AS target_ended
FROM (
    SELECT batch.mbid, target_mbid::uuid AS other, direction = 'forward' AS is_source, relation.*
    FROM batch, jsonb_to_recordset(batch.data->'relations') AS relation(
        type text, target_type text, target_mbid text, direction text, attributes jsonb, begin_date text, end_date text,
        ended boolean
    )
    WHERE type IS NOT NULL AND target_type IS NOT NULL AND target_mbid <> ''
) AS relations
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
"""

# The relations that one of their ends withdrew in this transaction.
MAKE_WITHDRAWN = "CREATE TEMPORARY TABLE withdrawn (id bigint) ON COMMIT DROP"

# A rewritten entity withdraws the relations that it stated before, as their source or their target, unless …
WITHDRAW_AS_SOURCE = """
WITH taken_back AS (
    UPDATE musicbrainz.relationships AS stored
    SET source_ended = NULL
    FROM {gone} AS gone
    WHERE stored.source_mbid = gone.mbid AND stored.source_entity_type = %(entity)s AND stored.source_ended IS NOT NULL
        {unless_source}
    RETURNING stored.id
)
INSERT INTO withdrawn SELECT id FROM taken_back
"""

WITHDRAW_AS_TARGET = """
WITH taken_back AS (
    UPDATE musicbrainz.relationships AS stored
    SET target_ended = NULL
    FROM {gone} AS gone
    WHERE stored.target_mbid = gone.mbid AND stored.target_entity_type = %(entity)s AND stored.target_ended IS NOT NULL
        {unless_target}
    RETURNING stored.id
)
INSERT INTO withdrawn SELECT id FROM taken_back
"""

# … it still states them.
PRINTED_AS_SOURCE = """
    AND NOT EXISTS (
        SELECT FROM printed
        WHERE printed.source_ended IS NOT NULL AND printed.source_mbid = stored.source_mbid
            AND printed.target_mbid = stored.target_mbid AND printed.target_entity_type = stored.target_entity_type
            AND printed.relationship_type = stored.relationship_type AND printed.attributes = stored.attributes
            AND printed.begin_date IS NOT DISTINCT FROM stored.begin_date
            AND printed.end_date IS NOT DISTINCT FROM stored.end_date
    )
"""

PRINTED_AS_TARGET = """
    AND NOT EXISTS (
        SELECT FROM printed
        WHERE printed.target_ended IS NOT NULL AND printed.target_mbid = stored.target_mbid
            AND printed.source_mbid = stored.source_mbid AND printed.source_entity_type = stored.source_entity_type
            AND printed.relationship_type = stored.relationship_type AND printed.attributes = stored.attributes
            AND printed.begin_date IS NOT DISTINCT FROM stored.begin_date
            AND printed.end_date IS NOT DISTINCT FROM stored.end_date
    )
"""

# All writers insert in the same order, so that they do not deadlock.
MERGE_RELATIONSHIPS = """
INSERT INTO musicbrainz.relationships AS stored (
    source_mbid, target_mbid, source_entity_type, target_entity_type, relationship_type, begin_date, end_date,
    attributes, source_ended, target_ended
)
SELECT source_mbid, target_mbid, source_entity_type, target_entity_type, relationship_type, begin_date, end_date,
    attributes, source_ended, target_ended
FROM printed
ORDER BY source_mbid, target_mbid, relationship_type, begin_date, end_date, attributes
ON CONFLICT ON CONSTRAINT relationships_natural_key DO UPDATE
SET source_ended = coalesce(excluded.source_ended, stored.source_ended),
    target_ended = coalesce(excluded.target_ended, stored.target_ended)
WHERE excluded.source_ended IS NOT NULL AND excluded.source_ended IS DISTINCT FROM stored.source_ended
    OR excluded.target_ended IS NOT NULL AND excluded.target_ended IS DISTINCT FROM stored.target_ended
"""

# Deletes the withdrawn relations that the other end does not state either.
DROP_RELATIONSHIPS = """
DELETE FROM musicbrainz.relationships AS stored
USING withdrawn
WHERE stored.id = withdrawn.id AND stored.source_ended IS NULL AND stored.target_ended IS NULL
"""

MAKE_LINKED = """
CREATE TEMPORARY TABLE linked ON COMMIT DROP AS
SELECT DISTINCT batch.mbid, service AS service_name, url
FROM batch, jsonb_to_recordset(batch.data->'external_links') AS link(service text, url text)
WHERE service IS NOT NULL AND url IS NOT NULL
"""

DROP_LINKS = """
DELETE FROM musicbrainz.external_links AS stored
USING {gone} AS gone
WHERE stored.mbid = gone.mbid AND stored.entity_type = %(entity)s
    {unless_linked}
"""

LINKED = """
    AND NOT EXISTS (
        SELECT FROM linked
        WHERE linked.mbid = stored.mbid AND linked.service_name = stored.service_name AND linked.url = stored.url
    )
"""

MERGE_LINKS = """
INSERT INTO musicbrainz.external_links (mbid, entity_type, service_name, url)
SELECT mbid, %(entity)s, service_name, url
FROM linked
ORDER BY mbid
ON CONFLICT ON CONSTRAINT external_links_natural_key DO NOTHING
"""

# Parts of the statements that delete relations and links: replaced entities lose those that they no longer have, and
# gone entities lose all.
REPLACED = {
    "gone": "replaced",
    "unless_source": PRINTED_AS_SOURCE,
    "unless_target": PRINTED_AS_TARGET,
    "unless_linked": LINKED,
}
GONE = {"gone": "gone", "unless_source": "", "unless_target": "", "unless_linked": ""}

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

WRITTEN = """
SELECT mbid, encode(hash, 'hex'), data::text
FROM {table}
WHERE chunk_id = %(chunk)s
"""


def statement(template: str, record_type: str, **parts: str) -> str:
    """Fill in a template for the table of a type."""
    columns = COLUMNS[record_type]
    return template.format(
        table=TABLES[record_type],
        discogs_id=DISCOGS_ID[record_type],
        columns=", ".join(columns),
        values=", ".join(columns.values()),
        assignments=", ".join(f"{name} = excluded.{name}" for name in columns),
        taken_apart=TAKEN_APART,
        **parts,
    )


def is_empty(record_type: str) -> bool:
    """Tell whether a type's table is empty."""
    return bool(loader.value(statement(loader.EMPTY, record_type)))


def known(record_type: str, mbids: Sequence[UUID]) -> Mapping[UUID, bytes | None]:
    """Return id → content hash for the ids that a table has; the hash is None if another revision wrote the row."""
    with connection.cursor() as cursor:
        cursor.execute(statement(KNOWN, record_type), {"revision": REVISION, "mbids": list(mbids)})
        return {mbid: bytes(content) if content is not None else None for mbid, content in cursor.fetchall()}


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
            cursor.execute(statement(template, record_type, **REPLACED), parameters)

    run(LEAVE_TO_LATER, LEAVE_THE_SAME, MAKE_REPLACED)
    are_replaced = cursor.rowcount > 0
    run(MERGE, MAKE_DUE, MAKE_PRINTED, MAKE_WITHDRAWN, MAKE_LINKED)
    # New entities have no old relations. In a first load all are new, and the indexes that find old ones are missing.
    if are_replaced:
        run(COUNT_REPLACED, WITHDRAW_AS_SOURCE, WITHDRAW_AS_TARGET, DROP_RELATIONSHIPS, DROP_LINKS)
    run(MERGE_RELATIONSHIPS, MERGE_LINKS)


MERGING = loader.Merging(
    stage=stage_rows,
    merge=merge_staged,
    staged="batch, replaced, printed, withdrawn, linked",
    key=lambda row: str(UUID(bytes=row[6:22])),
)


def load(chunk: Chunk) -> dict[str, int]:
    """Merge a chunk's new and changed entities into their tables. A duplicate delivery changes nothing."""
    return loader.merge(chunk, MERGING)


def written_by(chunk: Chunk) -> Iterator[tuple[str, str, str]]:
    """Yield (id, content hash in hex, JSON) of each entity that a chunk wrote and no later chunk overwrote."""
    return written.records(statement(WRITTEN, chunk.file.type), {"chunk": chunk.pk})


def clear(file: DumpFile) -> int:
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
        cursor.execute(statement(MAKE_GONE, record_type), parameters)
        cursor.execute(COUNT_GONE)
        gone = int(cursor.fetchone()[0])
        if not purge.is_allowed(file, gone, count):
            gone = 0
        if gone:
            # RemovedEntity needs a chunk, and an entity that is gone is in none: the file's first one stands in.
            parameters["chunk"] = file.chunks.order_by("seq").values_list("pk", flat=True)[0]
            for template in (
                MAKE_WITHDRAWN,
                WITHDRAW_AS_SOURCE,
                WITHDRAW_AS_TARGET,
                DROP_RELATIONSHIPS,
                DROP_LINKS,
                PURGE,
                MAKE_GONE_DUE,
                NOTE_REMOVED,
            ):
                cursor.execute(statement(template, record_type, **GONE), parameters)
        cursor.execute(FORGET_SEEN, parameters)
    return gone


def count(record_type: str) -> int:
    """Return the exact number of rows of a type's table; this reads the whole table."""
    return int(loader.value(statement(loader.COUNT, record_type)))


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
