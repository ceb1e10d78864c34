"""The two stages before the stores for MusicBrainz: split a file, extract a chunk of lines.

Every line is parsed. Its bytes do not tell whether the entity changed, because each dump writes the keys in another
order; the hash of the record does. ``SeenEntity`` holds the ids that a file has, to find those that it lacks.
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
from apps.ingest.chunks import flagged, reading, spool, stages
from apps.ingest.chunks.outcome import MALFORMED, UNKNOWN_ID, Result
from apps.ingest.errors import WaitError
from apps.ingest.models import Chunk, DumpFile, SeenEntity
from apps.ingest.musicbrainz import entities, lines
from apps.ingest.musicbrainz.entities import DroppedError, Entity
from apps.ingest.sources import musicbrainz

UNREADABLE = (DroppedError, ValueError, TypeError, RecursionError)
# Asks a table about ids: (type, ids) → id → content hash, which is None if another extraction revision wrote the row.
AskTable = Callable[[str, Sequence[UUID]], Mapping[UUID, bytes | None]]

# Returns only the ids that it inserted: the others are in another chunk of the file. Ids are inserted in order, so that
# two chunks with common ids wait for each other and do not deadlock.
SEE = """
INSERT INTO ingest_seenentity (file_id, mbid, chunk_id)
SELECT %(file)s, mbid, %(chunk)s
FROM unnest(%(mbids)s::uuid[]) AS mbid
ORDER BY mbid
ON CONFLICT (file_id, mbid) DO NOTHING
RETURNING mbid
"""

# greatest(): the later chunk keeps the id, in whatever order the chunks are extracted.
SEE_LATER = """
UPDATE ingest_seenentity
SET chunk_id = greatest(chunk_id, %(chunk)s)
WHERE file_id = %(file)s AND mbid = ANY(%(mbids)s)
"""


class EntityRows(stages.Batch, Protocol):
    """Collects the rows that a store gets of a chunk's entities."""

    def add(self, entity: Entity) -> None:
        """Add the row of one entity."""


@dataclass(slots=True)
class Lines:
    """The parsed lines of a chunk. Of two entities with one id, the later is kept."""

    entities: dict[UUID, Entity] = field(default_factory=dict)
    # Ids of dropped lines. They are in the dump, so they are not removed.
    dropped: set[UUID] = field(default_factory=set)
    # Id → line, for the lines that have findings.
    flagged: dict[str, bytes | memoryview] = field(default_factory=dict)
    result: Result = field(default_factory=Result)


def cut(file: DumpFile, reader: reading.HashingReader) -> Iterator[reading.RawChunk]:
    """Yield the chunks of a MusicBrainz file."""
    path = Path(file.path)
    content = musicbrainz.blocks(
        reader,
        path,
        musicbrainz.ENTITIES[file.type],
        min(reading.READ_BYTES, settings.INGEST_CHUNK_BYTES),
        lambda message: ledger.warn(file.run, message),
    )
    return lines.cut_chunks(content, settings.INGEST_CHUNK_BYTES, settings.INGEST_LINE_BYTES)


def extract(chunk: Chunk, ask_table: AskTable, rows: EntityRows) -> dict[str, int]:
    """Extract a chunk of MusicBrainz: write its batch to the spool and its counts and findings to the ledger.

    Raises:
        SpoolError: The chunk's blob is missing, or the spool is full.
        WaitError: A chunk that was extracted at the same time has one of its ids; this one must be extracted again.
    """
    file, run = chunk.file, chunk.file.run
    found = read(file.type, spool.read(chunk.xml_blob))
    result, mbids = found.result, list(found.entities)
    known = {} if file.first_load else ask_table(file.type, mbids)
    # Asked before the rows are written and checked again in the transaction of the mark: in between, a chunk that is
    # extracted at the same time may enter the same id.
    elsewhere = find_seen_elsewhere(chunk, mbids)
    for mbid, entity in found.entities.items():
        is_known = mbid in known
        # The hash of the record, not of the line: the publisher writes the keys in another order each time (decision
        # 71).
        is_same = is_known and known[mbid] == entity.hash
        result.new += not is_known
        result.changed += is_known and not is_same
        result.unchanged += is_same
        # An id that another chunk has too is written although the table has the same content: the other chunk may be
        # about to write its own version.
        if not is_same or run.rewrite or mbid in elsewhere:
            result.for_graph += 1
            rows.add(entity)

    def see() -> None:
        see_all(chunk, mbids, elsewhere, found.dropped)

    # A chunk has no blob of links: linking asks the table of due pages, which loading fills. So the stage is asked for
    # by name.
    stages.hand_over(chunk, result, [rows], see, links=bool(result.for_graph))
    flagged.write_records(chunk, result.findings, found.flagged.items(), lambda line: format_line(file.type, line))
    spool.delete(chunk.xml_blob)
    return {name: getattr(result, name) for name in stages.COUNTS}


def read(record_type: str, content: bytes) -> Lines:
    """Parse the lines of a chunk. If an id comes twice, the later sound line counts."""
    found = Lines()
    for line in lines.cut_lines(content, entities.LARGE_BYTES):
        take(found, record_type, line)
    return found


def take(found: Lines, record_type: str, line: bytes | memoryview) -> None:
    """Add the entity of a line, or those of each object in it where two files were joined within a line."""
    try:
        entity, findings = entities.read(record_type, line)
    except UNREADABLE as error:
        # Not for a large line: to look for several objects in it would need it decoded as a whole.
        parts = list(lines.cut_objects(line)) if isinstance(line, bytes) else []
        if len(parts) > 1:
            for part in parts:
                take(found, record_type, part)
        else:
            drop(found, line, error)
        return
    found.result.records += 1
    # Removed first, so that the later entity also takes the later place in the order of the dict.
    found.entities.pop(entity.mbid, None)
    found.entities[entity.mbid] = entity
    found.result.findings += [(str(entity.mbid), finding, b"") for finding in findings]
    if findings:
        found.flagged[str(entity.mbid)] = line


def format_line(record_type: str, line: bytes | memoryview) -> bytes | None:
    """Return the JSON that would be stored for a line, indented if it is short, or None if the line is unreadable."""
    try:
        data = entities.read(record_type, line)[0].data
    except UNREADABLE:
        return None
    # Indenting a large record would take many times its bytes in memory.
    return data if len(data) > entities.LARGE_BYTES else orjson.dumps(orjson.loads(data), option=orjson.OPT_INDENT_2)


def drop(found: Lines, line: bytes | memoryview, error: Exception) -> None:
    """Drop one line. What the tables have of the entity stays: an unreadable entity is not a removed one."""
    rule, identity = (error.rule, error.mbid) if isinstance(error, DroppedError) else (MALFORMED, "")
    # The entity is in the dump, only unreadable. Entered as seen, its row stays.
    found.dropped |= {UUID(identity)} if identity else set()
    found.result.records += 1
    found.flagged[identity or UNKNOWN_ID] = line
    found.result.drop(identity, rule, str(error), line)


def find_seen_elsewhere(chunk: Chunk, mbids: Sequence[UUID]) -> set[UUID]:
    """Return the ids that an already extracted chunk of the same file has too."""
    others = SeenEntity.objects.filter(file=chunk.file, mbid__in=mbids).exclude(chunk_id=chunk.pk)
    return set(others.values_list("mbid", flat=True))


def see_all(chunk: Chunk, mbids: Sequence[UUID], elsewhere: set[UUID], dropped: set[UUID]) -> None:
    """Enter a chunk's ids into ``SeenEntity``, in the transaction of its mark.

    Raises:
        WaitError: A chunk that was extracted at the same time has one of the ids. This chunk did not know that when it
            decided what to write, so it is extracted again.
    """
    parameters: dict[str, Any] = {"file": chunk.file_id, "chunk": chunk.pk, "mbids": list(mbids)}
    with connection.cursor() as cursor:
        cursor.execute(SEE, parameters)
        # PostgreSQL makes this transaction wait for another one that is inserting the same id, so what is missing here
        # is committed.
        twice = set(mbids) - {mbid for (mbid,) in cursor.fetchall()}
        if not twice <= elsewhere:
            raise WaitError(f"{chunk} has entities of another chunk: it is extracted again")
        # The later chunk in the file gets the id. Loading leaves an entity out of a batch if a later chunk has it, so
        # the last line wins whatever the order of the tasks.
        cursor.execute(SEE_LATER, {**parameters, "mbids": list(twice)})
        # A dropped id is seen, so it is not removed, but no chunk writes it: 0 is lower than every chunk's number.
        cursor.execute(SEE, {**parameters, "chunk": 0, "mbids": list(dropped)})
