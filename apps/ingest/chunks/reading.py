"""Read a dump file in one pass: its bytes are hashed and counted, decompressed, and leave as chunks."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apps.ingest.sources import compression

READ_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class RawChunk:
    """Whole records as bytes of the file, and the range of ids in which this chunk finds removed records.

    ``shared_ids`` are the ids of sound records that an earlier chunk may have too. This chunk has the later record.
    """

    seq: int
    low_id: int
    high_id: int
    content: bytes | bytearray
    shared_ids: Sequence[int] = ()


class HashingReader(io.RawIOBase):
    """A file object that hashes and counts the bytes read from it so far."""

    def __init__(self, raw: io.BufferedReader) -> None:
        self.raw = raw
        self.sha256 = hashlib.sha256()
        self.bytes_read = 0

    def readable(self) -> bool:
        """Return True, as ``io`` asks of a file that can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read into a buffer and add the bytes to the hash."""
        count = self.raw.readinto(buffer)
        self.sha256.update(memoryview(buffer)[:count])
        self.bytes_read += count
        return count

    def drain(self) -> None:
        """Read the bytes that the decompressor left, so that the hash covers the whole file."""
        # Every byte passes ``readinto``, which hashes it; the content is not needed any more.
        while self.read(READ_BYTES):
            pass


def blocks(reader: HashingReader, path: Path, block_bytes: int = READ_BYTES) -> Iterator[bytes]:
    """Yield the file's content in blocks, decompressed if its name ends in ``.gz``.

    Raises:
        DumpError: The file is no gzip file, is damaged, or ends too early.
    """
    # The hashing reader is below the decompressor, since the published checksum is that of the compressed file.
    content = compression.open_content(reader, compression.GZIP) if path.suffix == ".gz" else reader
    while block := content.read(block_bytes):
        yield block
