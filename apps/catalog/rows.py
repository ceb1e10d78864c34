"""What a batch brings to a record table: a ready binary COPY stream.

The fixed columns come first, so that one call packs all of a row but its JSON.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from apps.catalog.models import REVISION
from apps.ingest.chunks import spool

if TYPE_CHECKING:
    from apps.ingest.discogs.extraction import Extracted
    from apps.ingest.musicbrainz.entities import Entity

ENTITY_COLUMNS = "mbid, hash, rev, chunk_id, data"
COLUMNS = "data_id, hash, rev, chunk_id, raw_hash, data"
HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
# Six fields, each behind its length: data_id, hash, rev, chunk_id; then raw_hash and the JSON, whose first byte is the
# version of the format.
START = struct.Struct(">hiqi32sihiq").pack
# Five fields: mbid, hash, rev, chunk_id, and the JSON.
ENTITY_START = struct.Struct(">hi16si32sihiq").pack
RAW_HASH = struct.Struct(">i32s").pack
LENGTH = struct.Struct(">i").pack
JSON_START = struct.Struct(">iB").pack
NULL = LENGTH(-1)
FLUSH_ROWS = 64


class TableRows:
    """Collects the rows of one chunk; one whose content the table has already brings its raw hash alone."""

    def __init__(self, chunk_id: int) -> None:
        self.chunk_id = chunk_id
        self.pending = [HEADER]
        self.compressor = spool.compressor()
        self.compressed: list[bytes] = []
        self.count = 0

    def add(self, record: Extracted) -> None:
        """Take one record."""
        start = START(6, 8, record.data_id, 32, record.hash, 2, REVISION, 8, self.chunk_id)
        raw_hash = NULL if record.raw_hash is None else RAW_HASH(32, record.raw_hash)
        if record.is_same:
            self.pending += (start, raw_hash, NULL)
        else:
            self.pending += (start, raw_hash, JSON_START(len(record.data) + 1, 1), record.data)
        self.count_row()

    def count_row(self) -> None:
        """Count a row that is complete."""
        self.count += 1
        if self.count % FLUSH_ROWS == 0:
            self.flush()

    def flush(self) -> None:
        """Compress what has come together, so that a chunk's rows are never held twice."""
        self.compressed.append(self.compressor.compress(b"".join(self.pending)))
        self.pending = []

    def blobs(self) -> dict[str, bytes]:
        """Return the blob ``rows``, if there is a row."""
        if not self.count:
            return {}
        self.pending.append(TRAILER)
        self.flush()
        return {"rows": b"".join((*self.compressed, self.compressor.flush()))}


class EntityRows(TableRows):
    """Collects the rows of one chunk of MusicBrainz: what their columns are to have is in their JSON."""

    def add(self, entity: Entity) -> None:  # type: ignore[override]
        """Take one entity."""
        start = ENTITY_START(5, 16, entity.mbid.bytes, 32, entity.hash, 2, REVISION, 8, self.chunk_id)
        self.pending += (start, JSON_START(len(entity.data) + 1, 1), entity.data)
        self.count_row()
