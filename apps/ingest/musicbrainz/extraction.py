"""The two stages before the stores for MusicBrainz: how its files are cut, and what becomes of a chunk's lines.

Nothing is known of a line before it is read, and its record alone tells whether it has changed: the same entity is
printed with its keys in another order each time. Which ids a file has, and so which it lacks, ``SeenEntity`` says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

import orjson
from django.conf import settings
from django.db import connection

from apps.ingest import ledger
from apps.ingest.chunks import flagged, spool, stages
from apps.ingest.discogs import splitting
from apps.ingest.discogs.extraction import MALFORMED, UNKNOWN_ID, Result
from apps.ingest.errors import WaitError
from apps.ingest.models import Chunk, DumpFile, SeenEntity
from apps.ingest.musicbrainz import entities, lines
from apps.ingest.musicbrainz.entities import DroppedError, Entity
from apps.ingest.sources import musicbrainz

UNREADABLE = (DroppedError, ValueError, TypeError, RecursionError)
# Asks a table which of some ids it has: (type, ids) → id → hash of its content, None if another revision wrote it.
AskTable = Callable[[str, Sequence[UUID]], Mapping[UUID, bytes | None]]

SEE = """
INSERT INTO ingest_seenentity (file_id, mbid, chunk_id)
SELECT %(file)s, mbid, %(chunk)s
FROM unnest(%(mbids)s::uuid[]) AS mbid
ORDER BY mbid
ON CONFLICT (file_id, mbid) DO NOTHING
RETURNING mbid
"""

SEE_LATER = """
UPDATE ingest_seenentity
SET chunk_id = greatest(chunk_id, %(chunk)s)
WHERE file_id = %(file)s AND mbid = ANY(%(mbids)s)
"""


class EntityRows(stages.Batch, Protocol):
    """What a store makes of entities."""

    def add(self, entity: Entity) -> None:
        """Take one entity."""


@dataclass(slots=True)
class Lines:
    """What the lines of a chunk say: its entities, the last of each id, and what else there is to know."""

    entities: dict[UUID, Entity] = field(default_factory=dict)
    # Of lines that were dropped: not gone.
    dropped: set[UUID] = field(default_factory=set)
    # Id → line, of those that there is something to note about.
    flagged: dict[str, bytes | memoryview] = field(default_factory=dict)
    result: Result = field(default_factory=Result)


def cut(file: DumpFile, reader: splitting.HashingReader) -> Iterator[splitting.RawChunk]:
    """Yield the chunks of a file."""
    path = Path(file.path)
    content = musicbrainz.blocks(
        reader,
        path,
        musicbrainz.ENTITIES[file.type],
        min(splitting.READ_BYTES, settings.INGEST_CHUNK_BYTES),
        lambda message: ledger.warn(file.run, message),
    )
    return lines.chunks(content, settings.INGEST_CHUNK_BYTES, settings.INGEST_LINE_BYTES)


def extract(chunk: Chunk, ask_table: AskTable, rows: EntityRows) -> dict[str, int]:
    """Extract a chunk: write its batch into the spool and what is to know of it into the ledger.

    Raises:
        SpoolError: The chunk's bytes are lost, or there is no room for the batch.
        WaitError: Another chunk turned out to have one of its ids: it is extracted again.
    """
    file, run = chunk.file, chunk.file.run
    found = read(file.type, spool.read(chunk.xml_blob))
    result, mbids = found.result, list(found.entities)
    known = {} if file.first_load else ask_table(file.type, mbids)
    elsewhere = seen_elsewhere(chunk, mbids)
    for mbid, entity in found.entities.items():
        is_known = mbid in known
        is_same = is_known and known[mbid] == entity.hash
        result.new += not is_known
        result.changed += is_known and not is_same
        result.unchanged += is_same
        # An id of two chunks is sent in any case: the earlier one may be about to write what it has of it.
        if not is_same or run.rewrite or mbid in elsewhere:
            result.for_graph += 1
            rows.add(entity)

    def see() -> None:
        see_all(chunk, mbids, elsewhere, found.dropped)

    stages.hand_over(chunk, result, [rows], see, links=bool(result.for_graph))
    flagged.keep(chunk, result.findings, found.flagged.items(), lambda line: readable(file.type, line))
    spool.delete(chunk.xml_blob)
    return {name: getattr(result, name) for name in stages.COUNTS}


def read(record_type: str, content: bytes) -> Lines:
    """Read the lines of a chunk. An id twice: the later good line counts."""
    found = Lines()
    for line in lines.lines_of(content, entities.LARGE_BYTES):
        take(found, record_type, line)
    return found


def take(found: Lines, record_type: str, line: bytes | memoryview) -> None:
    """Take the entity of a line, or of each object in it where two files were joined within a line."""
    try:
        entity, findings = entities.read(record_type, line)
    except UNREADABLE as error:
        parts = list(lines.objects_of(line)) if isinstance(line, bytes) else []
        if len(parts) > 1:
            for part in parts:
                take(found, record_type, part)
        else:
            drop(found, line, error)
        return
    found.result.records += 1
    found.entities.pop(entity.mbid, None)
    found.entities[entity.mbid] = entity
    found.result.findings += [(str(entity.mbid), finding, b"") for finding in findings]
    if findings:
        found.flagged[str(entity.mbid)] = line


def readable(record_type: str, line: bytes | memoryview) -> bytes | None:
    """Return the JSON of a line as it would be stored, or None if it cannot be read."""
    try:
        data = entities.read(record_type, line)[0].data
    except UNREADABLE:
        return None
    # To lay out a large one for readers would take many times as many bytes.
    return data if len(data) > entities.LARGE_BYTES else orjson.dumps(orjson.loads(data), option=orjson.OPT_INDENT_2)


def drop(found: Lines, line: bytes | memoryview, error: Exception) -> None:
    """Leave one line out. What the tables have of it stays: an entity that cannot be read is not a removed one."""
    rule, identity = (error.rule, error.mbid) if isinstance(error, DroppedError) else (MALFORMED, "")
    found.dropped |= {UUID(identity)} if identity else set()
    found.result.records += 1
    found.flagged[identity or UNKNOWN_ID] = line
    found.result.drop(identity, rule, str(error), line)


def seen_elsewhere(chunk: Chunk, mbids: Sequence[UUID]) -> set[UUID]:
    """Return those of a chunk's ids that another chunk of its file has as well, as far as that is extracted."""
    others = SeenEntity.objects.filter(file=chunk.file, mbid__in=mbids).exclude(chunk_id=chunk.pk)
    return set(others.values_list("mbid", flat=True))


def see_all(chunk: Chunk, mbids: Sequence[UUID], elsewhere: set[UUID], dropped: set[UUID]) -> None:
    """Note which ids a chunk has, in the transaction of its mark.

    Raises:
        WaitError: A chunk that was extracted at the same time has one of them: which is written has to be decided anew.
    """
    parameters: dict[str, Any] = {"file": chunk.file_id, "chunk": chunk.pk, "mbids": list(mbids)}
    with connection.cursor() as cursor:
        cursor.execute(SEE, parameters)
        twice = set(mbids) - {mbid for (mbid,) in cursor.fetchall()}
        if not twice <= elsewhere:
            raise WaitError(f"{chunk} has entities of another chunk: it is extracted again")
        cursor.execute(SEE_LATER, {**parameters, "mbids": list(twice)})
        # No chunk has them to write: zero comes before every other.
        cursor.execute(SEE, {**parameters, "chunk": 0, "mbids": list(dropped)})
