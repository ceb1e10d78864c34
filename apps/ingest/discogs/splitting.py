"""Cut a dump file into chunks of whole records, in one pass and in constant memory.

A chunk ends where a record begins, which ``scanning`` finds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise

from apps.ingest.chunks.reading import RawChunk
from apps.ingest.discogs.scanning import HIDDEN, cut_records, find_ids, find_last_start, find_starts, is_sound
from apps.ingest.errors import DumpError
from apps.ingest.sources import encoding
from apps.ingest.sources.discogs import MARKUP, Grammar, end_tag, outside
from apps.ingest.sources.discogs_ids import LAST_ID

ENCODING = re.compile(rb"<\?xml\s[^>]*?\bencoding\s*=\s*[\"']([\w.:-]+)")
START_TAG = rb"<([^\W\d][\w.:-]*)(?:\s[^<>]*)?>"
OPENING = re.compile(rb"(?:%s|%s)*+" % (MARKUP, START_TAG), re.DOTALL)
OPENED = re.compile(rb"%s|%s" % (MARKUP, START_TAG), re.DOTALL)
# A longer opening is not plausible, and is not searched for the names of root elements.
OPENING_BYTES = 64 * 1024


def cut_chunks(content: Iterator[bytes], grammar: Grammar, chunk_bytes: int, record_bytes: int) -> Iterator[RawChunk]:
    """Cut a file's content into chunks of about ``chunk_bytes``.

    Raises:
        DumpError: The file has no record, a record is longer than ``record_bytes``, or the file ends inside a record.
    """
    is_empty = True
    for chunk in add_ranges(cut_between_records(content, grammar, chunk_bytes, record_bytes), grammar):
        is_empty = False
        yield chunk
    if is_empty:
        raise DumpError(f"holds no <{grammar.tag}> record: it is empty or another file under this name")


def add_ranges(contents: Iterable[bytes], grammar: Grammar) -> Iterator[RawChunk]:
    """Yield chunks, each with its range of ids.

    The ranges follow one another from 1 without a gap, and the last is open upwards (decision 4). In a file that is not
    sorted, a chunk whose last id is not above all earlier ids has an empty range.
    """
    high_id = 0
    # Ids that came in a chunk before the one whose range contains them.
    early: set[int] = set()
    # Looks one chunk ahead, since only the last chunk's range is open upwards. It must be, so that ids above the last
    # one of the dump are found to be removed.
    for seq, (content, following) in enumerate(pairwise(chain(contents, (None,)))):
        if content is None:
            return
        ids = find_ids(content, grammar)
        # In a file that is not sorted, the last id may be lower than ids before it. Then the range is empty or short,
        # and a later chunk's range contains this chunk's ids; they become its stray ids.
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
            for record in (cut_records(content, grammar) if again else ())
            if record.data_id in again and is_sound(record.content, grammar)
        }
        early.update(data_id for data_id in ids if data_id > high_id)
        yield RawChunk(seq, low_id, high_id, content, tuple(sorted(shared)))


def cut_between_records(
    content: Iterator[bytes], grammar: Grammar, chunk_bytes: int, record_bytes: int
) -> Iterator[bytes]:
    """Yield the bytes of the chunks: each from the start of a record to the start of another or the end of the root.

    The first chunk also has the content before the first record that is not allowed there.
    """
    held = bytearray()
    roots: list[bytes] | None = None
    for block in content:
        held += block
        if roots is None:
            encoding.require_utf8(held)
            # The first record may begin in a later block. A file without any is given up after ``record_bytes``, so
            # that a large file of another kind is not held in memory as a whole.
            if not (starts := find_starts(held, grammar)):
                if len(held) < record_bytes:
                    continue
                return
            length, roots = measure_opening(bytes(held[: starts[0]]), grammar)
            del held[:length]
        while len(held) >= chunk_bytes and (cut := find_last_start(held, grammar)) > 0:
            with memoryview(held) as view:  # a slice of the array itself would be a second copy
                records = view[:cut].tobytes()
            yield records
            del held[:cut]
        # Memory is bounded by this and not by the dump: a record that never ends, as in a damaged file, would be
        # collected for ever.
        if len(held) > chunk_bytes + record_bytes:
            raise DumpError(f"has a record of over {record_bytes:,} bytes: raise INGEST_RECORD_BYTES if it is sound")
    if roots is not None and (rest := cut_off_end(bytes(held), grammar, roots)):
        yield rest


def measure_opening(content: bytes, grammar: Grammar) -> tuple[int, list[bytes]]:
    """Return (number of bytes before the first record that are allowed there, names of the open root elements).

    If only start tags and markup come before the first record, a root may have any name.

    Raises:
        DumpError: The file is not in UTF-8.
    """
    if declaration := ENCODING.search(content):
        encoding.require_utf8(content, declaration[1].decode("ascii"))
    # A dump may have another root than usual, or none: its records are found all the same.
    if len(content) <= OPENING_BYTES and OPENING.fullmatch(content):
        return len(content), [name for name in OPENED.findall(content) if name]
    found = grammar.outside.match(content)
    length = found.end() if found else 0
    return length, [grammar.root] if b"<" + grammar.root in content[:length] else []


def cut_off_end(rest: bytes, grammar: Grammar, roots: Sequence[bytes]) -> bytes:
    """Return the last records without the end tags of the roots and the markup behind them.

    Raises:
        DumpError: The file ends before its root element does, or has other content behind it.
    """
    start = max(0, find_last_start(rest, grammar))
    if roots:
        # Searched from the last record on, not from the end of the bytes: text behind the root may contain the tag once
        # more.
        places = [tag.start() for tag in end_tag(*roots).finditer(rest, start)]
    else:
        places = [tag.end() for tag in re.compile(rb"</%s\s*>|/>" % grammar.tag.encode()).finditer(rest, start)]
    for place in places:
        if outside(grammar.root, *roots).fullmatch(rest, place):
            return rest[:place].rstrip()
    if roots and end_tag(*roots).search(HIDDEN.sub(b"", rest[start:])):
        raise DumpError("goes on after the end of its root with something else than XML: fetch it again")
    raise DumpError("ends inside a record or before its root does: fetch it again")
