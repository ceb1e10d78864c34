"""Write the rows of a batch for a record table, as a binary COPY stream that PostgreSQL takes without conversion.

The columns of a fixed size come first, so that one call packs all of a row except its raw hash and JSON.
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
# A row of six fields, each preceded by its length: data_id, hash, rev, chunk_id in START, then raw_hash and the JSON.
# The first byte of jsonb's binary form is its version.
START = struct.Struct(">hiqi32sihiq").pack
# A row of five fields: mbid, hash, rev, chunk_id, then the JSON.
ENTITY_START = struct.Struct(">hi16si32sihiq").pack
RAW_HASH = struct.Struct(">i32s").pack
LENGTH = struct.Struct(">i").pack
JSON_START = struct.Struct(">iB").pack
NULL = LENGTH(-1)
FLUSH_ROWS = 64


class TableRows:
    """Collects the rows of one chunk. If the table has a record's content already, its row has only the raw hash."""

    def __init__(self, chunk_id: int) -> None:
        self.chunk_id = chunk_id
        self.pending = [HEADER]
        self.compressor = spool.compressor()
        self.compressed: list[bytes] = []
        self.count = 0

    def add(self, record: Extracted) -> None:
        """Add the row of one record."""
        start = START(6, 8, record.data_id, 32, record.hash, 2, REVISION, 8, self.chunk_id)
        raw_hash = NULL if record.raw_hash is None else RAW_HASH(32, record.raw_hash)
        if record.is_same:
            # A row without JSON tells the merge to update only the raw hash.
            self.pending += (start, raw_hash, NULL)
        else:
            self.pending += (start, raw_hash, JSON_START(len(record.data) + 1, 1), record.data)
        self.count_row()

    def count_row(self) -> None:
        """Count a row, and compress the pending ones after every ``FLUSH_ROWS`` rows."""
        self.count += 1
        if self.count % FLUSH_ROWS == 0:
            self.flush()

    def flush(self) -> None:
        """Compress the pending rows, so that a chunk's rows are never all in memory uncompressed."""
        self.compressed.append(self.compressor.compress(b"".join(self.pending)))
        self.pending = []

    def blobs(self) -> dict[str, bytes]:
        """Return the blob of the stage ``rows``, or nothing if there is no row."""
        if not self.count:
            return {}
        self.pending.append(TRAILER)
        self.flush()
        return {"rows": b"".join((*self.compressed, self.compressor.flush()))}


class EntityRows(TableRows):
    """Collects the rows of one chunk of MusicBrainz. PostgreSQL takes the other columns from the JSON."""

    def add(self, entity: Entity) -> None:  # type: ignore[override]
        """Add the row of one entity."""
        start = ENTITY_START(5, 16, entity.mbid.bytes, 32, entity.hash, 2, REVISION, 8, self.chunk_id)
        self.pending += (start, JSON_START(len(entity.data) + 1, 1), entity.data)
        self.count_row()
