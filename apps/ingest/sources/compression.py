"""Read gzip and xz files as the formats allow: several streams in a file, with zero bytes behind each of them.

Python's own xz reader silently takes undecodable bytes behind the first stream for the end of the file. Here a file is
read to its end, and damage anywhere is an error that says where (decision 105).
"""

from __future__ import annotations

import io
import lzma
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from apps.ingest.errors import DumpError

# Small, because the unused rest of a read is copied at the end of each stream, and a stream may be only a few bytes.
READ_BYTES = 128 * 1024
AGAIN = "fetch it again"


class Decompressor(Protocol):
    """Decompresses one stream, as ``lzma.LZMADecompressor`` does."""

    @property
    def eof(self) -> bool:
        """Whether the end of the stream is reached."""

    @property
    def needs_input(self) -> bool:
        """Whether all content of the bytes passed in so far has been returned."""

    @property
    def unused_data(self) -> bytes:
        """The bytes passed in that are behind the end of the stream."""

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        """Pass in more bytes of the stream; return at most ``max_length`` bytes of content."""


class ZlibDecompressor:
    """Decompresses one gzip stream with zlib, where isal is not installed."""

    def __init__(self) -> None:
        self.inner = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        """Whether the end of the stream is reached."""
        return self.inner.eof

    @property
    def unused_data(self) -> bytes:
        """The bytes passed in that are behind the end of the stream."""
        return self.inner.unused_data

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        """Pass in more bytes of the stream; return at most ``max_length`` bytes of content."""
        content = self.inner.decompress(self.inner.unconsumed_tail + data, max_length)
        self.needs_input = not self.inner.unconsumed_tail and len(content) < max_length
        return content


try:
    from isal import igzip_lib

    def open_gzip() -> Decompressor:
        """Return a decompressor for one gzip stream."""
        return igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)

    BAD_GZIP: Any = igzip_lib.IsalError
except ImportError:
    open_gzip, BAD_GZIP = ZlibDecompressor, zlib.error


@dataclass(frozen=True, slots=True)
class Format:
    """A compression format. The number of zero bytes behind a stream is a multiple of ``padding``."""

    name: str
    magic: bytes
    padding: int
    open: Callable[[], Decompressor]
    error: Any


GZIP = Format("gzip", b"\x1f\x8b", 1, open_gzip, BAD_GZIP)
XZ = Format("xz", b"\xfd7zXZ\0", 4, lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ), lzma.LZMAError)


class Content(io.RawIOBase):
    """The decompressed content of a file. Reading raises DumpError if the file is damaged or ends too early."""

    def __init__(self, reader: io.RawIOBase, kind: Format) -> None:
        self.reader = reader
        self.kind = kind
        self.stream: Decompressor | None = None
        # Bytes that were read from the file and not yet passed to a decompressor.
        self.rest = b""
        self.bytes_read = 0

    def readable(self) -> bool:
        """Return True, as ``io`` asks of a file that can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer with content, perhaps partly; return the number of bytes, 0 at the end of the file."""
        while (stream := self.stream or self.begin_stream()) is not None:
            if content := self.decompress(stream, len(buffer)):
                buffer[: len(content)] = content
                return len(content)
        return 0

    def begin_stream(self) -> Decompressor | None:
        """Skip the zeros behind the last stream and begin the next one; return None at the end of the file."""
        name, magic = self.kind.name, self.kind.magic
        is_first = self.bytes_read == 0
        if not is_first:
            self.skip_zeros()
        while len(self.rest) < len(magic) and self.read_on():
            pass
        if not self.rest:
            if is_first:
                raise DumpError(f"is empty: {AGAIN}")
            return None
        if not self.rest.startswith(magic[: len(self.rest)]):
            if is_first:
                raise DumpError(f"is no {name} file: {AGAIN}")
            raise DumpError(f"goes on after the end of its {name} data, at byte {self.position:,}: {AGAIN}")
        self.stream = self.kind.open()
        return self.stream

    def skip_zeros(self) -> None:
        """Skip the zero bytes behind a stream, whose number the format restricts."""
        begin = self.position
        self.rest = self.rest.lstrip(b"\0")
        while not self.rest and self.read_on():
            self.rest = self.rest.lstrip(b"\0")
        zeros = self.position - begin
        if zeros % self.kind.padding:
            raise DumpError(f"is damaged at byte {begin:,} ({zeros:,} zeros are no padding of xz): {AGAIN}")

    @property
    def position(self) -> int:
        """The position in the file at which ``rest`` begins."""
        return self.bytes_read - len(self.rest)

    def read_on(self) -> bool:
        """Append a block of the file to ``rest``; return False at the end of the file."""
        found = self.reader.read(READ_BYTES) or b""
        self.rest += found
        self.bytes_read += len(found)
        return bool(found)

    def decompress(self, stream: Decompressor, longest: int) -> bytes:
        """Return content of the stream; it is empty if more bytes are needed or the stream has ended."""
        if stream.needs_input and not self.rest and not self.read_on():
            raise DumpError(f"is cut short: {AGAIN}")
        try:
            content = stream.decompress(self.rest, longest)
        except self.kind.error as error:
            raise DumpError(f"is damaged before byte {self.bytes_read:,} ({error}): {AGAIN}") from error
        self.rest = b""
        if stream.eof:
            self.rest, self.stream = stream.unused_data, None
        return content


def open_content(reader: io.RawIOBase, kind: Format) -> io.BufferedReader:
    """Return the content of a compressed file as a buffered file object."""
    return io.BufferedReader(Content(reader, kind))
