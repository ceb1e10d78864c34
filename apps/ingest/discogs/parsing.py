"""From the bytes of records to their elements, with the tolerance of docs/contract/data.md#malformed-input.

Bytes are parsed in pieces of many records. A piece that fails is parsed record by record; a record that fails has its
characters repaired, and if that does not help it is malformed. There is no recovering parser: it would return half
records as if they were whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element
from xml.parsers import expat

from apps.ingest.errors import MalformedError
from apps.ingest.sources.discogs import Grammar

REPLACEMENT = "\ufffd"
# One that does not end takes all of the rest: looked for again from each opening, it would take hours to be not found.
CDATA = re.compile(r"(<!\[CDATA\[.*?(?:\]\]>|\Z))", re.DOTALL)
ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
NUMERIC = re.compile(r"&#(?:x([0-9a-fA-F]+)|([0-9]+));")
BARE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]+|#x[0-9a-fA-F]+);)")


def elements(raw: Sequence[bytes], grammar: Grammar) -> Iterator[Element | MalformedError]:
    """Yield an element, or why there is none, for each of some records.

    Its tail is what stands behind the record and is neither white space nor markup that may stand there, or None.
    """
    try:
        found = parse(b"".join(raw))
    except ET.ParseError:
        found = []
    if len(found) != len(raw) or any(element.tag != grammar.tag for element in found):
        for record in raw:
            yield element_of(record, grammar)
        return
    for element in found:
        if element.tail:
            element.tail = remainder(element.tail.encode(), grammar)
        yield element


def parse(content: bytes) -> list[Element]:
    """Parse well-formed records."""
    # A document type, and with it an entity that expands, cannot stand inside of an element.
    return list(ET.fromstring(b"<r>" + content + b"</r>"))  # noqa: S314


def element_of(raw: bytes, grammar: Grammar) -> Element | MalformedError:
    """Parse one record, repaired if it must be, and whatever stands behind it."""
    if not grammar.start.match(raw):
        return MalformedError("malformed XML: it is no record")
    try:
        return first_of(raw, grammar)
    except ET.ParseError as error:
        if (legible := repaired(raw)) == raw:
            return MalformedError(f"malformed XML: {error}")
    try:
        return first_of(legible, grammar)
    except ET.ParseError as error:
        return MalformedError(f"malformed XML: {error}")


def first_of(raw: bytes, grammar: Grammar) -> Element:
    """Return the first element of some bytes, with the rest of them as its tail.

    Raises:
        ParseError: The first element is not well-formed.
    """
    end = end_of_first(raw, grammar)
    (element,) = parse(raw[:end])
    element.tail = remainder(raw[end:], grammar)
    return element


def end_of_first(raw: bytes, grammar: Grammar) -> int:
    """Return where the first element of some bytes ends; if it does not, where they end."""
    depth = 0
    end = len(raw)
    parser = expat.ParserCreate()

    def start_element(_name: str, _attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1

    def end_element(_name: str) -> None:
        nonlocal depth, end
        depth -= 1
        if depth == 0:
            # Of an element that closes itself, the place is behind its tag; of others, it is that of the end tag.
            place = parser.CurrentByteIndex
            tag = grammar.end.match(raw, place)
            end = tag.end() if tag else place

    parser.StartElementHandler, parser.EndElementHandler = start_element, end_element
    with suppress(expat.ExpatError):
        parser.Parse(raw, True)  # noqa: FBT003 - the method takes no keyword
    return end


def remainder(behind: bytes, grammar: Grammar) -> str | None:
    """Return what stands behind a record without the markup that may stand there; None if nothing is left."""
    markup = grammar.outside.match(behind)
    return behind[markup.end() if markup else 0 :].decode("utf-8", errors="replace") or None


def repaired(raw: bytes) -> bytes:
    """Make characters legal: those that XML forbids go, a bare ``&`` is text, and so is an unknown entity."""
    text = ILLEGAL.sub("", raw.decode("utf-8", errors="replace"))
    # In CDATA an ampersand is an ampersand: the pieces between CDATA sections are those with an even index.
    pieces = CDATA.split(text)
    pieces[::2] = (BARE_AMPERSAND.sub("&amp;", NUMERIC.sub(legal, piece)) for piece in pieces[::2])
    return "".join(pieces).encode("utf-8")


def legal(reference: re.Match[str]) -> str:
    """Write a numeric reference so that it names a character: none for a control character, else U+FFFD."""
    digits = (reference[1] or reference[2]).lstrip("0") or "0"
    number = int(digits, 16 if reference[1] else 10) if len(digits) < 10 else 0x110000
    if number < 0x20 and number not in (9, 10, 13):
        return ""
    if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF or number in (0xFFFE, 0xFFFF):
        return REPLACEMENT
    return f"&#{number};"
