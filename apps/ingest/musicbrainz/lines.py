"""Cut JSON Lines into chunks of whole lines, in one pass and in constant memory, and a chunk into its lines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from apps.ingest.chunks.reading import RawChunk
from apps.ingest.errors import DumpError
from apps.ingest.sources import encoding

BLANK = re.compile(rb"(?:\s|\xef\xbb\xbf)*+\Z")
DECODER = json.JSONDecoder(parse_int=str, parse_float=str)


def cut_chunks(content: Iterator[bytes], chunk_bytes: int, line_bytes: int) -> Iterator[RawChunk]:
    """Cut a file's content into chunks of about ``chunk_bytes``.

    The chunks have empty ranges of ids, since the lines are not sorted by id.

    Raises:
        DumpError: The file has no line, a line is longer than ``line_bytes``, or the file is not in UTF-8.
    """
    seq = 0
    for seq, lines in enumerate(cut_between_lines(content, chunk_bytes, line_bytes), start=1):
        if seq == 1:
            # Only the first chunk can have a byte order mark, so only it is looked at.
            encoding.require_utf8(lines)
        yield RawChunk(seq - 1, 1, 0, lines)
    if not seq:
        raise DumpError("holds no line: it is empty or another file under this name")


def cut_between_lines(content: Iterator[bytes], chunk_bytes: int, line_bytes: int) -> Iterator[bytes | bytearray]:
    """Yield the bytes of the chunks. The last line may lack its line break."""
    held = bytearray()
    for block in content:
        held += block
        if len(held) < chunk_bytes:
            continue
        # Cut behind the last line break; what follows it is the beginning of a line of the next chunk.
        cut = held.rfind(b"\n") + 1
        if cut:
            # The array itself is yielded: a copy of a long line would double the memory.
            rest = held[cut:]
            del held[cut:]
            if not BLANK.match(held):
                yield held
            held = rest
        elif len(held) > line_bytes:
            raise DumpError(f"has a line of over {line_bytes:,} bytes: raise INGEST_LINE_BYTES if it is sound")
    if not BLANK.match(held):
        yield held


def cut_lines(content: bytes, large_bytes: int) -> Iterator[bytes | memoryview]:
    """Yield the non-empty lines of a chunk. A line over ``large_bytes`` is a memoryview, so that it is not copied.

    A byte order mark before a line is left out; the first line of a file may have one.
    """
    start = 0
    while start < len(content):
        if content.startswith(encoding.MARK, start):
            start += len(encoding.MARK)
        end = content.find(b"\n", start)
        end = len(content) if end < 0 else end
        if end - start > large_bytes:
            yield memoryview(content)[start:end]
        elif line := content[start:end].strip():
            yield line
        start = end + 1


def cut_objects(line: bytes) -> Iterator[bytes]:
    """Yield the JSON objects of a line that holds several, then the unreadable rest of the line.

    Such a line exists where two files were joined and the first did not end in a line break.
    """
    text = line.decode("utf-8", errors="surrogateescape")
    place = 0
    while place < len(text):
        try:
            end = DECODER.raw_decode(text, place)[1]
        except (ValueError, RecursionError):
            end = len(text)
        yield text[place:end].encode("utf-8", errors="surrogateescape")
        while end < len(text) and (text[end].isspace() or text[end] == "\ufeff"):
            end += 1
        place = end
