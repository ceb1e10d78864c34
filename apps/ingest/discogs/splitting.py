"""Cutting a dump file into chunks of whole records, in one pass, in constant memory.

A chunk ends where a record begins: Discogs' nested elements make every end tag ambiguous, but no start of a record
stands inside of one, except in CDATA or a comment.
"""

from __future__ import annotations

import hashlib
import io
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apps.ingest.errors import DumpError
from apps.ingest.sources import compression, encoding
from apps.ingest.sources.discogs import MARKUP, Grammar, end_tag, outside
from apps.ingest.sources.discogs_ids import LAST_ID

READ_BYTES = 1024 * 1024
ENCODING = re.compile(rb"<\?xml\s[^>]*?\bencoding\s*=\s*[\"']([\w.:-]+)")
START_TAG = rb"<([^\W\d][\w.:-]*)(?:\s[^<>]*)?>"
OPENING = re.compile(rb"(?:%s|%s)*+" % (MARKUP, START_TAG), re.DOTALL)
OPENED = re.compile(rb"%s|%s" % (MARKUP, START_TAG), re.DOTALL)
# A longer one is no opening, and is not searched for the names of roots.
OPENING_BYTES = 64 * 1024
# After so many of them the search for both characters is the faster one.
EXCLAMATIONS = 20_000
# What may hide the start of a record that is none; the group is its end, if it has one.
HIDDEN = re.compile(rb"<!\[CDATA\[.*?(?:(\]\]>)|\Z)|<!--.*?(?:(-->)|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class RawChunk:
    """Whole records as they stand in the file, and the range of ids that is theirs to answer for."""

    seq: int
    low_id: int
    high_id: int
    content: bytes | bytearray


class HashingReader(io.RawIOBase):
    """A file that knows the SHA-256 and the number of the bytes read from it so far."""

    def __init__(self, raw: io.BufferedReader) -> None:
        self.raw = raw
        self.sha256 = hashlib.sha256()
        self.bytes_read = 0

    def readable(self) -> bool:
        """Say that it is a file to read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read on, and take what was read into the hash."""
        count = self.raw.readinto(buffer)
        self.sha256.update(memoryview(buffer)[:count])
        self.bytes_read += count
        return count

    def drain(self) -> None:
        """Read what the decompressor left, so that the hash is that of the whole file."""
        while self.read(READ_BYTES):
            pass


def blocks(reader: HashingReader, path: Path, block_bytes: int = READ_BYTES) -> Iterator[bytes]:
    """Yield the file's content, decompressed if its name says that it is.

    Raises:
        DumpError: It is no gzip file, damaged, or ends too early.
    """
    content = compression.open_content(reader, compression.GZIP) if path.suffix == ".gz" else reader
    while block := content.read(block_bytes):
        yield block


def has_sections(content: bytes | bytearray) -> bool:
    """Tell whether some content has the beginning of CDATA or a comment."""
    # To find the one character is thirty times as fast as to find both, as long as there are few.
    place = -1
    for _ in range(EXCLAMATIONS):
        if (place := content.find(b"!", place + 1)) < 0:
            return False
        if content[place - 1 : place] == b"<":
            return True
    return content.find(b"<!", place) >= 0


def record_starts(content: bytes | bytearray, grammar: Grammar, *, is_whole: bool = False) -> list[int]:
    """Return where the records of some content begin, ascending.

    CDATA or a comment that does not end hides what follows, since its end may be still to come. In whole records,
    ``is_whole``, it hides nothing: one broken record would take along all those behind it, and nobody would count them.
    """
    # Finding the tag and matching there takes half the time of the expression's own search.
    tag, starts = b"<" + grammar.tag.encode(), []
    start = content.find(tag)
    while start >= 0:
        if grammar.start.match(content, start):
            starts.append(start)
        start = content.find(tag, start + 1)
    if has_sections(content):
        hidden = [match.span() for match in HIDDEN.finditer(content) if match.lastindex or not is_whole]
        lows = [low for low, _ in hidden]
        # The section that begins last before a start, if any does, is the only one that may hide it.
        ends = [0, *(high for _, high in hidden)]
        starts = [start for start in starts if start >= ends[bisect_left(lows, start)]]
    return starts


def last_start(content: bytes | bytearray, grammar: Grammar) -> int:
    """Return where the last record of some content begins, or -1; looks at as little of it as it can."""
    if has_sections(content):
        return (record_starts(content, grammar) or [-1])[-1]
    tag, end = b"<" + grammar.tag.encode(), len(content)
    while (found := content.rfind(tag, 0, end)) >= 0:
        # The lookahead wants a byte or two behind the tag: at the very end it finds nothing, and the one before does.
        if grammar.start.match(content, found):
            return found
        end = found
    return -1


def chunks(content: Iterator[bytes], grammar: Grammar, chunk_bytes: int, record_bytes: int) -> Iterator[RawChunk]:
    """Cut a file's content into chunks of about ``chunk_bytes``.

    The ranges of ids follow one another from 1 without a gap; the last one is open upwards. So a chunk whose last id is
    not above all before it, in a file that is not in order, has an empty range.

    Raises:
        DumpError: There is no record, one is longer than ``record_bytes``, or the file ends inside of one.
    """
    high_id = 0
    held: bytes | None = None
    seq = 0
    for held_next in whole_records(content, grammar, chunk_bytes, record_bytes):
        if held is not None:
            low_id, high_id = high_id + 1, max(high_id, last_id(held, grammar))
            yield RawChunk(seq, low_id, high_id, held)
            seq += 1
        held = held_next
    if held is None:
        raise DumpError(f"holds no <{grammar.tag}> record: it is empty or another file under this name")
    yield RawChunk(seq, high_id + 1, LAST_ID, held)


def last_id(content: bytes, grammar: Grammar) -> int:
    """Return the id of the last record, or 0 if it has none that can be read so easily."""
    match = grammar.record_id.search(content, last_start(content, grammar))
    return int(match[1]) if match else 0


def whole_records(content: Iterator[bytes], grammar: Grammar, chunk_bytes: int, record_bytes: int) -> Iterator[bytes]:
    """Yield the bytes of the chunks: from the start of a record to the start of another, or to the end of the root.

    Of what stands before the first record, the first chunk has all that may not stand there.
    """
    held = bytearray()
    roots: list[bytes] | None = None
    for block in content:
        held += block
        if roots is None:
            encoding.require_utf8(held)
            if not (starts := record_starts(held, grammar)):
                if len(held) < record_bytes:
                    continue
                return
            length, roots = opening(bytes(held[: starts[0]]), grammar)
            del held[:length]
        while len(held) >= chunk_bytes and (cut := last_start(held, grammar)) > 0:
            with memoryview(held) as view:  # a slice of the array itself would be a second copy
                records = view[:cut].tobytes()
            yield records
            del held[:cut]
        if len(held) > chunk_bytes + record_bytes:
            raise DumpError(f"has a record of over {record_bytes:,} bytes: raise INGEST_RECORD_BYTES if it is sound")
    if roots is not None and (rest := without_end(bytes(held), grammar, roots)):
        yield rest


def opening(content: bytes, grammar: Grammar) -> tuple[int, list[bytes]]:
    """Return how many bytes of what stands before the first record may stand there, and the roots that are opened.

    A root may have any name where only start tags and markup stand before the first record.

    Raises:
        DumpError: The file is in another encoding.
    """
    if declaration := ENCODING.search(content):
        encoding.require_utf8(content, declaration[1].decode("ascii"))
    if len(content) <= OPENING_BYTES and OPENING.fullmatch(content):
        return len(content), [name for name in OPENED.findall(content) if name]
    found = grammar.outside.match(content)
    length = found.end() if found else 0
    return length, [grammar.root] if b"<" + grammar.root in content[:length] else []


def without_end(rest: bytes, grammar: Grammar, roots: Sequence[bytes]) -> bytes:
    """Take the end tags of the roots, one of which must be there, and what may stand behind them off the last records.

    Raises:
        DumpError: The file ends before its root does, or goes on behind that.
    """
    start = max(0, last_start(rest, grammar))
    if roots:
        places = [tag.start() for tag in end_tag(*roots).finditer(rest, start)]
    else:
        places = [tag.end() for tag in re.compile(rb"</%s\s*>|/>" % grammar.tag.encode()).finditer(rest, start)]
    for place in places:
        if outside(grammar.root, *roots).fullmatch(rest, place):
            return rest[:place].rstrip()
    if roots and end_tag(*roots).search(HIDDEN.sub(b"", rest[start:])):
        raise DumpError("goes on after the end of its root with something else than XML: fetch it again")
    raise DumpError("ends inside a record or before its root does: fetch it again")
