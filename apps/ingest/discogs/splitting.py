"""Cutting a dump file into chunks of whole records, in one pass, in constant memory.

A chunk ends where a record begins: Discogs' nested elements make every end tag ambiguous, but no start of a record
stands inside of one, except in CDATA or a comment.
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
# A longer one is no opening, and is not searched for the names of roots.
OPENING_BYTES = 64 * 1024
# After so many of them the search for both characters is the faster one.
EXCLAMATIONS = 20_000
UNREADABLE = (RecursionError, ValueError, TypeError)
# What may hide the start of a record that is none; the group is its end, if it has one.
HIDDEN = re.compile(rb"<!\[CDATA\[.*?(?:(\]\]>)|\Z)|<!--.*?(?:(-->)|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class RawChunk:
    """Whole records as they stand in the file, and the range of ids that is theirs to answer for.

    ``shared_ids`` are those of its sound records that an earlier chunk may have as well. It has the later one.
    """

    seq: int
    low_id: int
    high_id: int
    content: bytes | bytearray
    shared_ids: Sequence[int] = ()


class Record(NamedTuple):
    """A record as it stands in a chunk. ``data_id`` is None if nobody can say which one it is."""

    data_id: int | None
    content: bytes


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
    """Return where the records of some content begin, ascending."""
    return [match.start() for match in start_matches(content, grammar, is_whole=is_whole)]


def start_matches(content: bytes | bytearray, grammar: Grammar, *, is_whole: bool = False) -> list[re.Match[bytes]]:
    """Return the matches of the starts of the records of some content, ascending.

    CDATA or a comment that does not end hides what follows, since its end may be still to come. In whole records,
    ``is_whole``, it hides nothing: one broken record would take along all those behind it, and nobody would count them.
    """
    return shown(list(grammar.start.finditer(content)), content, is_whole=is_whole)


def shown(found: list[re.Match[bytes]], content: bytes | bytearray, *, is_whole: bool = False) -> list[re.Match[bytes]]:
    """Return those of some matches that stand neither in CDATA nor in a comment."""
    if not has_sections(content):
        return found
    hidden = [match.span() for match in HIDDEN.finditer(content) if match.lastindex or not is_whole]
    lows = [low for low, _ in hidden]
    # The section that begins last before a match, if any does, is the only one that may hide it.
    ends = [0, *(high for _, high in hidden)]
    return [match for match in found if match.start() >= ends[bisect_left(lows, match.start())]]


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


def records(content: bytes, grammar: Grammar) -> Iterator[Record]:
    """Yield the records of a chunk. What stands before the first one is taken for one, which cannot be read."""
    matches = start_matches(content, grammar, is_whole=True)
    end_tag = b"</%s>" % grammar.tag.encode()
    bounds = [*(match.start() for match in matches), len(content)]
    if before := content[: bounds[0]].rstrip():
        yield Record(None, before)
    for match, end in zip(matches, bounds[1:], strict=True):
        raw = content[match.start() : end].rstrip()
        # One end tag, and that at the end: nothing else can be in it. Labels with labels in them have more.
        if match["id"] and raw.endswith(end_tag) and raw.count(end_tag) == 1:
            yield Record(int(match["id"]), raw)
        else:
            yield from looked_into(raw, grammar)


def own_ids(content: bytes, grammar: Grammar) -> list[int]:
    """Return the ids of the records of a chunk, those of ``records``, in the order in which they stand there.

    Where all are plain they are found without a look at each record, since splitting a file has one core for all of it.
    """
    if not has_sections(content) and all(plain := grammar.plain_ids(content)):
        return [int(data_id) for data_id in plain]
    return [record.data_id for record in records(content, grammar) if record.data_id is not None]


def looked_into(raw: bytes, grammar: Grammar) -> Iterator[Record]:
    """Yield the record that begins some bytes, of which a parser says whether it is one and which.

    If it cannot be read, what may be others, of unknown ids, is apart from it.
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
    """Return where the record that begins some bytes ends at the latest, if it cannot be read.

    That is behind its end tag, or where another one begins in a section that hides it.
    """
    hidden = (match.start() for match in grammar.start.finditer(raw) if match.start())
    end, depth = next(hidden, len(raw)), 0
    for tag in shown(list(grammar.tags.finditer(raw)), raw, is_whole=True):
        depth += -1 if tag["end"] else not tag["empty"]
        if depth == 0:
            return min(end, tag.end())
    return end


def is_sound(raw: bytes, grammar: Grammar) -> bool:
    """Tell whether a record can be read."""
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
        DumpError: There is no record, one is longer than ``record_bytes``, or the file ends inside of one.
    """
    is_empty = True
    for chunk in with_ranges(whole_records(content, grammar, chunk_bytes, record_bytes), grammar):
        is_empty = False
        yield chunk
    if is_empty:
        raise DumpError(f"holds no <{grammar.tag}> record: it is empty or another file under this name")


def with_ranges(contents: Iterable[bytes], grammar: Grammar) -> Iterator[RawChunk]:
    """Yield chunks of some content each, with the ids that each has to answer for.

    The ranges of ids follow one another from 1 without a gap; the last one is open upwards. So a chunk whose last id is
    not above all before it, in a file that is not in order, has an empty range.
    """
    high_id = 0
    # Ids that were met before the chunk in whose range they are.
    early: set[int] = set()
    for seq, (content, following) in enumerate(pairwise(chain(contents, (None,)))):
        if content is None:
            return
        ids = own_ids(content, grammar)
        low_id = high_id + 1
        if following is None:
            high_id = LAST_ID
        elif ids:
            # One less than the last: the next range begins behind it.
            high_id = max(high_id, min(ids[-1], LAST_ID - 1))
        again = {data_id for data_id in ids if data_id < low_id or data_id in early}
        shared = {
            record.data_id
            for record in (records(content, grammar) if again else ())
            if record.data_id in again and is_sound(record.content, grammar)
        }
        early.update(data_id for data_id in ids if data_id > high_id)
        yield RawChunk(seq, low_id, high_id, content, tuple(sorted(shared)))


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
