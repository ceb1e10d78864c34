"""Parse the bytes of records into XML elements, as tolerant as docs/contract/data.md#malformed-input says.

Many records are parsed in one piece. If the piece fails, each record is parsed alone. If a record fails, its characters
are repaired and it is parsed again; if that fails too, it is malformed. A recovering parser is not used, because it
would return half a record as if it were whole.
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
# An unterminated section matches up to the end of the text. Without the \Z, the search would begin again at every
# opening and scan to the end each time: hours for a hostile record.
CDATA = re.compile(r"(<!\[CDATA\[.*?(?:\]\]>|\Z))", re.DOTALL)
ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
NUMERIC = re.compile(r"&#(?:x([0-9a-fA-F]+)|([0-9]+));")
BARE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]+|#x[0-9a-fA-F]+);)")


def elements(raw: Sequence[bytes], grammar: Grammar) -> Iterator[Element | MalformedError]:
    """Yield an element, or the error that says why there is none, for each record.

    The element's tail is None, or the content behind the record that may not be there.
    """
    try:
        found = parse(b"".join(raw))
    except ET.ParseError:
        found = []
    # A piece may be well-formed although a record is not, such as one that ends in the next. Then the counts differ.
    # One bad record makes its whole piece be parsed record by record. A piece is small, so that this stays cheap.
    if len(found) != len(raw) or any(element.tag != grammar.tag for element in found):
        for record in raw:
            yield parse_record(record, grammar)
        return
    for element in found:
        if element.tail:
            element.tail = get_remainder(element.tail.encode(), grammar)
        yield element


def parse(content: bytes) -> list[Element]:
    """Return the elements of well-formed records."""
    # Safe against entity expansion: a document type, which declares entities, is not allowed inside an element.
    return list(ET.fromstring(b"<r>" + content + b"</r>"))  # noqa: S314


def parse_record(raw: bytes, grammar: Grammar) -> Element | MalformedError:
    """Parse one record, with repair if needed; the element's tail is the content behind the record."""
    if not grammar.start.match(raw):
        return MalformedError("malformed XML: it is no record")
    try:
        return parse_first(raw, grammar)
    except ET.ParseError as error:
        if (legible := repair(raw)) == raw:
            return MalformedError(f"malformed XML: {error}")
    try:
        return parse_first(legible, grammar)
    except ET.ParseError as error:
        return MalformedError(f"malformed XML: {error}")


def parse_first(raw: bytes, grammar: Grammar) -> Element:
    """Return the first element in the bytes; its tail is the rest of them.

    Raises:
        ParseError: The first element is not well-formed.
    """
    end = find_first_end(raw, grammar)
    (element,) = parse(raw[:end])
    element.tail = get_remainder(raw[end:], grammar)
    return element


def find_first_end(raw: bytes, grammar: Grammar) -> int:
    """Return the position behind the first element, or the length of the bytes if the element does not end."""
    depth = 0
    end = len(raw)
    # The parser is used for positions alone; the element is made afterwards from the bytes up to there.
    parser = expat.ParserCreate()

    def start_element(_name: str, _attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1

    def end_element(_name: str) -> None:
        nonlocal depth, end
        depth -= 1
        if depth == 0:
            # expat gives the position of the end tag, but for an empty-element tag the position behind it.
            place = parser.CurrentByteIndex
            tag = grammar.end.match(raw, place)
            end = tag.end() if tag else place

    parser.StartElementHandler, parser.EndElementHandler = start_element, end_element
    with suppress(expat.ExpatError):
        parser.Parse(raw, True)  # noqa: FBT003 - the method takes no keyword
    return end


def get_remainder(behind: bytes, grammar: Grammar) -> str | None:
    """Return the content behind a record, less the markup and white space that are allowed there; None if empty."""
    markup = grammar.outside.match(behind)
    return behind[markup.end() if markup else 0 :].decode("utf-8", errors="replace") or None


def repair(raw: bytes) -> bytes:
    """Make all characters legal: remove those that XML forbids, and escape the ``&`` of no known entity."""
    text = ILLEGAL.sub("", raw.decode("utf-8", errors="replace"))
    # In CDATA an ampersand is plain text. The pieces with an even index are those outside the CDATA sections.
    pieces = CDATA.split(text)
    pieces[::2] = (BARE_AMPERSAND.sub("&amp;", NUMERIC.sub(repair_reference, piece)) for piece in pieces[::2])
    return "".join(pieces).encode("utf-8")


def repair_reference(reference: re.Match[str]) -> str:
    """Return a legal numeric reference: empty for a control character, U+FFFD for a number that is no character."""
    digits = (reference[1] or reference[2]).lstrip("0") or "0"
    # Ten digits are beyond U+10FFFF in any base; int() of thousands of digits would be slow or refused.
    number = int(digits, 16 if reference[1] else 10) if len(digits) < 10 else 0x110000
    if number < 0x20 and number not in (9, 10, 13):
        return ""
    if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF or number in (0xFFFE, 0xFFFF):
        return REPLACEMENT
    return f"&#{number};"
