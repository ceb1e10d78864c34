"""Cut a dump file into chunks of whole records, in one pass and in constant memory.

A chunk ends where a record begins. End tags are ambiguous, because Discogs nests elements of the same name. The start
of a record is not: inside a record it occurs only in CDATA or in a comment.
"""

from __future__ import annotations

import hashlib
import io
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from pathlib import Path
from typing import Any, NamedTuple

from apps.ingest import hashing
from apps.ingest.discogs import normalising, parsing
from apps.ingest.errors import DumpError, MalformedError
from apps.ingest.sources import compression, encoding
from apps.ingest.sources.discogs import MARKUP, Grammar, end_tag, outside
from apps.ingest.sources.discogs_ids import LAST_ID, id_number

READ_BYTES = 1024 * 1024
ENCODING = re.compile(rb"<\?xml\s[^>]*?\bencoding\s*=\s*[\"']([\w.:-]+)")
START_TAG = rb"<([^\W\d][\w.:-]*)(?:\s[^<>]*)?>"
OPENING = re.compile(rb"(?:%s|%s)*+" % (MARKUP, START_TAG), re.DOTALL)
OPENED = re.compile(rb"%s|%s" % (MARKUP, START_TAG), re.DOTALL)
# A longer opening is not plausible, and is not searched for the names of root elements.
OPENING_BYTES = 64 * 1024
# After so many exclamation marks, a search for both characters is faster than one for the single character.
EXCLAMATIONS = 20_000
UNREADABLE = (RecursionError, ValueError, TypeError)
# A CDATA section or a comment may contain what looks like the start of a record. The group is the section's end; an
# unterminated section has none.
HIDDEN = re.compile(rb"<!\[CDATA\[.*?(?:(\]\]>)|\Z)|<!--.*?(?:(-->)|\Z)", re.DOTALL)


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


class Record(NamedTuple):
    """The bytes of a record in a chunk. ``data_id`` is None if the id cannot be read."""

    data_id: int | None
    content: bytes


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
        while self.read(READ_BYTES):
            pass


def blocks(reader: HashingReader, path: Path, block_bytes: int = READ_BYTES) -> Iterator[bytes]:
    """Yield the file's content in blocks, decompressed if its name ends in ``.gz``.

    Raises:
        DumpError: The file is no gzip file, is damaged, or ends too early.
    """
    content = compression.open_content(reader, compression.GZIP) if path.suffix == ".gz" else reader
    while block := content.read(block_bytes):
        yield block


def has_sections(content: bytes | bytearray) -> bool:
    """Tell whether the content has the beginning of a CDATA section or a comment."""
    # A search for one character is thirty times as fast as for two, as long as the character is rare.
    place = -1
    for _ in range(EXCLAMATIONS):
        if (place := content.find(b"!", place + 1)) < 0:
            return False
        if content[place - 1 : place] == b"<":
            return True
    return content.find(b"<!", place) >= 0


def record_starts(content: bytes | bytearray, grammar: Grammar, *, is_whole: bool = False) -> list[int]:
    """Return the positions at which records begin, ascending."""
    return [match.start() for match in start_matches(content, grammar, is_whole=is_whole)]


def start_matches(content: bytes | bytearray, grammar: Grammar, *, is_whole: bool = False) -> list[re.Match[bytes]]:
    """Return the matches of the record starts, ascending.

    An unterminated CDATA section or comment hides what follows, since its end may come with the next block. With
    ``is_whole``, nothing more comes, and it hides nothing: otherwise one broken record would swallow all records behind
    it without a trace.
    """
    return shown(list(grammar.start.finditer(content)), content, is_whole=is_whole)


def shown(found: list[re.Match[bytes]], content: bytes | bytearray, *, is_whole: bool = False) -> list[re.Match[bytes]]:
    """Return the matches that are outside of CDATA sections and comments."""
    if not has_sections(content):
        return found
    hidden = [match.span() for match in HIDDEN.finditer(content) if match.lastindex or not is_whole]
    lows = [low for low, _ in hidden]
    # Only the last section that begins before a match can contain the match.
    ends = [0, *(high for _, high in hidden)]
    return [match for match in found if match.start() >= ends[bisect_left(lows, match.start())]]


def last_start(content: bytes | bytearray, grammar: Grammar) -> int:
    """Return the position at which the last record begins, or -1. The search goes backwards, so it is usually short."""
    if has_sections(content):
        return (record_starts(content, grammar) or [-1])[-1]
    tag, end = b"<" + grammar.tag.encode(), len(content)
    while (found := content.rfind(tag, 0, end)) >= 0:
        # The pattern looks at a byte or two behind the tag. A tag at the very end does not match, and the search goes
        # on to the record before it.
        if grammar.start.match(content, found):
            return found
        end = found
    return -1


def records(content: bytes, grammar: Grammar) -> Iterator[Record]:
    """Yield the records of a chunk. Content before the first record is yielded as a record without an id."""
    matches = start_matches(content, grammar, is_whole=True)
    end_tag = b"</%s>" % grammar.tag.encode()
    bounds = [*(match.start() for match in matches), len(content)]
    if before := content[: bounds[0]].rstrip():
        yield Record(None, before)
    for match, end in zip(matches, bounds[1:], strict=True):
        raw = content[match.start() : end].rstrip()
        # The only end tag is at the end, so the bytes hold one record and nothing else. A label that contains labels
        # has more end tags, and takes the slow path.
        if match["id"] and raw.endswith(end_tag) and raw.count(end_tag) == 1:
            yield Record(int(match["id"]), raw)
        else:
            yield from looked_into(raw, grammar)


def own_ids(content: bytes, grammar: Grammar) -> list[int]:
    """Return the ids that ``records`` yields, in the order of the chunk.

    If all records are plain, one pattern finds the ids without a look at each record. That matters because a file is
    split on one core.
    """
    if not has_sections(content) and all(plain := grammar.plain_ids(content)):
        return [int(data_id) for data_id in plain]
    return [record.data_id for record in records(content, grammar) if record.data_id is not None]


def looked_into(raw: bytes, grammar: Grammar) -> Iterator[Record]:
    """Yield the record at the beginning of the bytes; a parser decides where it ends and which id it has.

    If the record is malformed, the content behind its end is yielded apart, as a record without an id.
    """
    element = parsing.element_of(raw, grammar)
    if not isinstance(element, MalformedError):
        yield Record(id_number(normalising.own_id(element)), raw)
        return
    end = own_end(raw, grammar)
    yield Record(grammar.plain_id(raw), raw[:end])
    if others := parsing.remainder(raw[end:], grammar):
        yield Record(None, others.encode())


def own_end(raw: bytes, grammar: Grammar) -> int:
    """Return the position at which the malformed record at the beginning of the bytes ends at the latest.

    That is behind its end tag, or where another record begins inside a CDATA section or a comment, if that comes first.
    """
    hidden = (match.start() for match in grammar.start.finditer(raw) if match.start())
    end, depth = next(hidden, len(raw)), 0
    for tag in shown(list(grammar.tags.finditer(raw)), raw, is_whole=True):
        depth += -1 if tag["end"] else not tag["empty"]
        if depth == 0:
            return min(end, tag.end())
    return end


def is_sound(raw: bytes, grammar: Grammar) -> bool:
    """Tell whether a record can be parsed, normalised and written as JSON."""
    element = parsing.element_of(raw, grammar)
    if isinstance(element, MalformedError):
        return False
    try:
        hashing.canonical(normalising.normalise(grammar.record_type, element, set()))
    except UNREADABLE:
        return False
    return True


def chunks(content: Iterator[bytes], grammar: Grammar, chunk_bytes: int, record_bytes: int) -> Iterator[RawChunk]:
    """Cut a file's content into chunks of about ``chunk_bytes``.

    Raises:
        DumpError: The file has no record, a record is longer than ``record_bytes``, or the file ends inside a record.
    """
    is_empty = True
    for chunk in with_ranges(whole_records(content, grammar, chunk_bytes, record_bytes), grammar):
        is_empty = False
        yield chunk
    if is_empty:
        raise DumpError(f"holds no <{grammar.tag}> record: it is empty or another file under this name")


def with_ranges(contents: Iterable[bytes], grammar: Grammar) -> Iterator[RawChunk]:
    """Yield chunks, each with its range of ids.

    The ranges follow one another from 1 without a gap, and the last is open upwards (decision 4). In a file that is not
    sorted, a chunk whose last id is not above all earlier ids has an empty range.
    """
    high_id = 0
    # Ids that came in a chunk before the one whose range contains them.
    early: set[int] = set()
    for seq, (content, following) in enumerate(pairwise(chain(contents, (None,)))):
        if content is None:
            return
        ids = own_ids(content, grammar)
        low_id = high_id + 1
        if following is None:
            high_id = LAST_ID
        elif ids:
            # At most LAST_ID - 1, so that the last range, which begins one higher, is not empty.
            high_id = max(high_id, min(ids[-1], LAST_ID - 1))
        # Only ids that may repeat are looked at closely; in a sorted file there are none.
        again = {data_id for data_id in ids if data_id < low_id or data_id in early}
        shared = {
            record.data_id
            for record in (records(content, grammar) if again else ())
            if record.data_id in again and is_sound(record.content, grammar)
        }
        early.update(data_id for data_id in ids if data_id > high_id)
        yield RawChunk(seq, low_id, high_id, content, tuple(sorted(shared)))


def whole_records(content: Iterator[bytes], grammar: Grammar, chunk_bytes: int, record_bytes: int) -> Iterator[bytes]:
    """Yield the bytes of the chunks: each from the start of a record to the start of another or the end of the root.

    The first chunk also has the content before the first record that is not allowed there.
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
    """Return (number of bytes before the first record that are allowed there, names of the open root elements).

    If only start tags and markup come before the first record, a root may have any name.

    Raises:
        DumpError: The file is not in UTF-8.
    """
    if declaration := ENCODING.search(content):
        encoding.require_utf8(content, declaration[1].decode("ascii"))
    if len(content) <= OPENING_BYTES and OPENING.fullmatch(content):
        return len(content), [name for name in OPENED.findall(content) if name]
    found = grammar.outside.match(content)
    length = found.end() if found else 0
    return length, [grammar.root] if b"<" + grammar.root in content[:length] else []


def without_end(rest: bytes, grammar: Grammar, roots: Sequence[bytes]) -> bytes:
    """Return the last records without the end tags of the roots and the markup behind them.

    Raises:
        DumpError: The file ends before its root element does, or has other content behind it.
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
