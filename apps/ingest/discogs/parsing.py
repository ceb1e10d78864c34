"""From the bytes of records to their elements, with the tolerance of docs/contract/data.md#malformed-input.

Bytes are parsed in pieces of many records. A piece that fails is parsed record by record; a record that fails has its
characters repaired, and if that does not help it is malformed. There is no recovering parser: it would return half
records as if they were whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from apps.ingest.errors import MalformedError

REPLACEMENT = "\ufffd"
# One that does not end takes all of the rest: looked for again from each opening, it would take hours to be not found.
CDATA = re.compile(r"(<!\[CDATA\[.*?(?:\]\]>|\Z))", re.DOTALL)
ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
NUMERIC = re.compile(r"&#(?:x([0-9a-fA-F]+)|([0-9]+));")
BARE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]+|#x[0-9a-fA-F]+);)")


def elements(raw: Sequence[bytes], tag: str) -> Iterator[Element | MalformedError]:
    """Yield an element, or why there is none, for each of some records."""
    try:
        found = parse(b"".join(raw))
    except ET.ParseError:
        found = []
    if len(found) == len(raw) and all(element.tag == tag for element in found):
        yield from found
        return
    for record in raw:
        yield element_of(record, tag)


def parse(content: bytes) -> list[Element]:
    """Parse well-formed records."""
    # A document type, and with it an entity that expands, cannot stand inside of an element.
    return list(ET.fromstring(b"<r>" + content + b"</r>"))  # noqa: S314


def element_of(raw: bytes, tag: str) -> Element | MalformedError:
    """Parse one record, repaired if it must be."""
    try:
        found = parse(raw)
    except ET.ParseError:
        try:
            found = parse(repaired(raw))
        except ET.ParseError as error:
            return MalformedError(f"malformed XML: {error}")
    records = [element for element in found if element.tag == tag]
    # A record without content may follow that is written <artist/>: it has no id, so nothing is lost with it.
    if not records or any(len(element) or element.attrib for element in records[1:]) or len(found) > len(records):
        return MalformedError("malformed XML: something stands between two records")
    return records[0]


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
