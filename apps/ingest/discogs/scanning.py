"""Find records in the bytes of a Discogs file: where they begin, where the last one begins, and their bytes and ids.

End tags are ambiguous, because Discogs nests elements of the same name. The start of a record is not: inside a record
it occurs only in CDATA or in a comment.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

from apps.ingest import hashing
from apps.ingest.discogs import normalising, parsing
from apps.ingest.errors import MalformedError
from apps.ingest.sources.discogs import Grammar
from apps.ingest.sources.discogs_ids import id_number

# After so many exclamation marks, a search for both characters is faster than one for the single character.
EXCLAMATIONS = 20_000
# What parsing, normalising and writing JSON may raise for a hostile record. Python raises RecursionError for nesting
# that is too deep, and orjson TypeError for a lone surrogate.
UNREADABLE = (RecursionError, ValueError, TypeError)
# A CDATA section or a comment may contain what looks like the start of a record. The group is the section's end; an
# unterminated section has none.
HIDDEN = re.compile(rb"<!\[CDATA\[.*?(?:(\]\]>)|\Z)|<!--.*?(?:(-->)|\Z)", re.DOTALL)


class Record(NamedTuple):
    """The bytes of a record in a chunk. ``data_id`` is None if the id cannot be read."""

    data_id: int | None
    content: bytes


class Raw(NamedTuple):
    """The bytes of a record in the chunk. ``data_id`` is None if the id cannot be read.

    ``raw_hash`` is None if every run must parse the record again.
    """

    data_id: int | None
    content: bytes
    raw_hash: bytes | None


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


def find_starts(content: bytes | bytearray, grammar: Grammar, *, is_whole: bool = False) -> list[int]:
    """Return the positions at which records begin, ascending."""
    return [match.start() for match in match_starts(content, grammar, is_whole=is_whole)]


def match_starts(content: bytes | bytearray, grammar: Grammar, *, is_whole: bool = False) -> list[re.Match[bytes]]:
    """Return the matches of the record starts, ascending.

    An unterminated CDATA section or comment hides what follows, since its end may come with the next block. With
    ``is_whole``, nothing more comes, and it hides nothing: otherwise one broken record would swallow all records behind
    it without a trace.
    """
    return drop_hidden(list(grammar.start.finditer(content)), content, is_whole=is_whole)


def drop_hidden(
    found: list[re.Match[bytes]], content: bytes | bytearray, *, is_whole: bool = False
) -> list[re.Match[bytes]]:
    """Return the matches that are outside of CDATA sections and comments."""
    if not has_sections(content):
        return found
    hidden = [match.span() for match in HIDDEN.finditer(content) if match.lastindex or not is_whole]
    # Sections do not nest, so they are in order and a search by halves finds the one that may contain a match.
    lows = [low for low, _ in hidden]
    # Only the last section that begins before a match can contain the match.
    ends = [0, *(high for _, high in hidden)]
    return [match for match in found if match.start() >= ends[bisect_left(lows, match.start())]]


def find_last_start(content: bytes | bytearray, grammar: Grammar) -> int:
    """Return the position at which the last record begins, or -1. The search goes backwards, so it is usually short."""
    if has_sections(content):
        return (find_starts(content, grammar) or [-1])[-1]
    tag, end = b"<" + grammar.tag.encode(), len(content)
    while (found := content.rfind(tag, 0, end)) >= 0:
        # The pattern looks at a byte or two behind the tag. A tag at the very end does not match, and the search goes
        # on to the record before it.
        if grammar.start.match(content, found):
            return found
        end = found
    return -1


def cut_records(content: bytes, grammar: Grammar) -> Iterator[Record]:
    """Yield the records of a chunk. Content before the first record is yielded as a record without an id."""
    matches = match_starts(content, grammar, is_whole=True)
    end_tag = b"</%s>" % grammar.tag.encode()
    bounds = [*(match.start() for match in matches), len(content)]
    # These bytes may be a record whose start is damaged. They count as one malformed record, so that nothing of the
    # dump disappears without a trace, and its unknown id vetoes the purge (decision 100).
    if before := content[: bounds[0]].rstrip():
        yield Record(None, before)
    for match, end in zip(matches, bounds[1:], strict=True):
        raw = content[match.start() : end].rstrip()
        # The only end tag is at the end, so the bytes hold one record and nothing else. A label that contains labels
        # has more end tags, and takes the slow path.
        if match["id"] and raw.endswith(end_tag) and raw.count(end_tag) == 1:
            yield Record(int(match["id"]), raw)
        else:
            yield from parse_apart(raw, grammar)


def hash_records(content: bytes, grammar: Grammar, salt: bytes) -> list[Raw]:
    """Cut a chunk into records. Content before the first record counts as one malformed record.

    ``salt`` covers the extraction revision and the rules: a change of either gives every record another raw hash, so
    that it is extracted again.
    """
    return [Raw(data_id, raw, hashlib.sha256(salt + raw).digest()) for data_id, raw in cut_records(content, grammar)]


def find_ids(content: bytes, grammar: Grammar) -> list[int]:
    """Return the ids that ``cut_records`` yields, in the order of the chunk.

    If all records are plain, one pattern finds the ids without a look at each record. That matters because a file is
    split on one core.
    """
    # A section could hide a start, and a record without a plain id needs the parser. Then the slow way decides for the
    # whole chunk.
    if not has_sections(content) and all(plain := grammar.plain_ids(content)):
        return [int(data_id) for data_id in plain]
    return [record.data_id for record in cut_records(content, grammar) if record.data_id is not None]


def parse_apart(raw: bytes, grammar: Grammar) -> Iterator[Record]:
    """Yield the record at the beginning of the bytes; a parser decides where it ends and which id it has.

    If the record is malformed, the content behind its end is yielded apart, as a record without an id.
    """
    element = parsing.parse_record(raw, grammar)
    if not isinstance(element, MalformedError):
        yield Record(id_number(normalising.get_id(element)), raw)
        return
    end = find_end(raw, grammar)
    # The id of a malformed record still protects its row: the record is in the dump, so it is not removed.
    yield Record(grammar.plain_id(raw), raw[:end])
    if others := parsing.get_remainder(raw[end:], grammar):
        yield Record(None, others.encode())


def find_end(raw: bytes, grammar: Grammar) -> int:
    """Return the position at which the malformed record at the beginning of the bytes ends at the latest.

    That is behind its end tag, or where another record begins inside a CDATA section or a comment, if that comes first.
    """
    hidden = (match.start() for match in grammar.start.finditer(raw) if match.start())
    end, depth = next(hidden, len(raw)), 0
    for tag in drop_hidden(list(grammar.tags.finditer(raw)), raw, is_whole=True):
        depth += -1 if tag["end"] else not tag["empty"]
        if depth == 0:
            return min(end, tag.end())
    return end


def is_sound(raw: bytes, grammar: Grammar) -> bool:
    """Tell whether a record can be parsed, normalised and written as JSON."""
    element = parsing.parse_record(raw, grammar)
    if isinstance(element, MalformedError):
        return False
    try:
        hashing.dump_canonical(normalising.normalise(grammar.record_type, element, set()))
    except UNREADABLE:
        return False
    return True
