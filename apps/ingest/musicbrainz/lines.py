"""Cutting JSON Lines into chunks of whole lines, in one pass, in constant memory; and a chunk into its lines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from apps.ingest.discogs.splitting import RawChunk
from apps.ingest.errors import DumpError
from apps.ingest.sources import encoding

BLANK = re.compile(rb"(?:\s|\xef\xbb\xbf)*+\Z")
DECODER = json.JSONDecoder(parse_int=str, parse_float=str)


def chunks(content: Iterator[bytes], chunk_bytes: int, line_bytes: int) -> Iterator[RawChunk]:
    """Cut a file's content into chunks of about ``chunk_bytes``.

    Their ranges of ids are empty: lines are in no order of their ids.

    Raises:
        DumpError: There is no line, one is longer than ``line_bytes``, or the file is not in UTF-8.
    """
    seq = 0
    for seq, lines in enumerate(whole_lines(content, chunk_bytes, line_bytes), start=1):
        if seq == 1:
            encoding.require_utf8(lines)
        yield RawChunk(seq - 1, 1, 0, lines)
    if not seq:
        raise DumpError("holds no line: it is empty or another file under this name")


def whole_lines(content: Iterator[bytes], chunk_bytes: int, line_bytes: int) -> Iterator[bytes | bytearray]:
    """Yield the bytes of the chunks; the last line may go without its end."""
    held = bytearray()
    for block in content:
        held += block
        if len(held) < chunk_bytes:
            continue
        # Only the new block can have an end that was not there when we looked before.
        cut = held.rfind(b"\n") + 1
        if cut:
            # The array itself goes on, since a copy of a long line would be another as long.
            rest = held[cut:]
            del held[cut:]
            if not BLANK.match(held):
                yield held
            held = rest
        elif len(held) > line_bytes:
            raise DumpError(f"has a line of over {line_bytes:,} bytes: raise INGEST_LINE_BYTES if it is sound")
    if not BLANK.match(held):
        yield held


def lines_of(content: bytes, large_bytes: int) -> Iterator[bytes | memoryview]:
    """Yield the lines of a chunk that are not empty; one that is longer than ``large_bytes`` without copying it.

    A byte order mark before a line, as the first one of a file may have it, is no part of it.
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


def objects_of(line: bytes) -> Iterator[bytes]:
    """Yield the objects of a line that has several, and what cannot be read behind them.

    A file may end without the end of its last line, and another one may have been joined to it.
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
