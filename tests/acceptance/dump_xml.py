"""Reads a dump file for the acceptance tests: one element a record, all of a file's text as XML allows it.

Made on purpose in another way than the loader reads: the whole text is cleaned first and then goes through one lxml
parser, so that no boundary of chunks or records and no second attempt can have a part in what comes out.
"""

import gzip
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

from lxml import etree

Element: TypeAlias = Any

RECORD_TAGS = {"artists": "artist", "labels": "label", "masters": "master", "releases": "release"}
ID_TAGS = {"id", "main_release", "master_id"}
FIRST_YEAR = 1860
WHITE_SPACE = " \t\r\n"
BLOCK_CHARACTERS = 1 << 20
# What XML forbids or does not know. CDATA sections match first, as a whole, because nothing in them is a reference.
SUSPECT = re.compile(
    r"<!\[CDATA\[.*?]]>|[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|"
    r"&(?:(?:amp|lt|gt|quot|apos);|#(?:(?P<decimal>[0-9]+)|x(?P<hex>[0-9a-fA-F]+));)?",
    re.DOTALL,
)
# Four digits alone, before a separator or as the beginning of YYYYMMDD; or any other whole number.
NUMBER_IN_DATE = re.compile(r"(?P<year>[0-9]{4})(?:[0-9]{4}|[-/. T].*)?|[0-9]+", re.DOTALL)


def elements(folder: Path, type_: str) -> Iterator[tuple[int, Element]]:
    """Yield id and element of every record that is to be loaded: it has an id and is not retired."""
    parser = etree.XMLPullParser(
        ("end",), tag=RECORD_TAGS[type_], remove_comments=True, remove_pis=True, huge_tree=True
    )
    for block in clean_blocks(next(folder.glob(f"discogs_*_{type_}.xml.gz"))):
        parser.feed(block.encode())
        for _, element in parser.read_events():
            # labels.xml nests <label> in <sublabels>: only children of the root are records.
            if element.getparent().getparent() is None:
                id_ = valid_id(element.get("id") or text(element, "id"))
                if id_ and not is_retired(type_, element):
                    yield id_, element
                forget(element)
    parser.close()


def forget(element: Element) -> None:
    """Give the memory of a record back, and of those before it."""
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]


def clean_blocks(path: Path) -> Iterator[str]:
    """Yield the text of a dump file as well-formed XML, cut where no reference and no CDATA section is cut."""
    rest = ""
    with gzip.open(path, "rt", encoding="utf-8", errors="replace", newline="") as file:
        while block := file.read(BLOCK_CHARACTERS):
            rest += block
            cut = rest.rfind("<![CDATA[")
            if cut < 0 or "]]>" in rest[cut:]:
                cut = rest.rfind("<")
            yield SUSPECT.sub(clean, rest[:cut])
            rest = rest[cut:]
    yield SUSPECT.sub(clean, rest)


def clean(suspect: re.Match[str]) -> str:
    """Return what stands for a CDATA section, a character or an ampersand with what follows it."""
    found = suspect[0]
    if found.startswith("<"):
        return "".join(character for character in found if not is_illegal(ord(character)))
    if number := suspect["decimal"] or suspect["hex"]:
        return numeric_reference(found, int(number, 10 if suspect["decimal"] else 16))
    return "&amp;" if found == "&" else found if found.startswith("&") else ""


def numeric_reference(reference: str, code: int) -> str:
    if not is_illegal(code):
        return reference
    return "" if code < ord(" ") else "\ufffd"


def is_illegal(code: int) -> bool:
    """Tell whether XML 1.0 forbids the character."""
    if code < ord(" "):
        return code not in (0x9, 0xA, 0xD)
    return 0xD800 <= code <= 0xDFFF or code in (0xFFFE, 0xFFFF) or code > sys.maxunicode


def own_text(element: Element | None) -> str | None:
    """Return the text of an element without that of its children; None if there is no more than white space."""
    if element is None:
        return None
    found = element.text or ""
    if len(element):
        found += "".join(child.tail or "" for child in element)
    return found if found.strip(WHITE_SPACE) else None


def text(element: Element, path: str) -> str | None:
    return own_text(element.find(path))


def valid_id(value: str | None) -> int | None:
    """Return the id that a text is: digits without a leading zero, below 2**63, perhaps in blanks; else None."""
    value = value and value.strip(WHITE_SPACE)
    is_id = value is not None and re.fullmatch("[1-9][0-9]*", value, re.ASCII) and int(value) < 2**63
    return int(value) if value and is_id else None


def is_retired(type_: str, element: Element) -> bool:
    return type_ in ("artists", "labels") and "do not use" in (text(element, "profile") or "").lower()


def leaves_of(record: Element, newest: int) -> Iterator[str]:
    for element in record.iter():
        values = [value.strip(WHITE_SPACE) if name == "id" else value for name, value in element.attrib.items()]
        if not is_removed(element, newest):
            value = own_text(element) or ""
            # White space around an id is no part of it.
            values.append(value.strip(WHITE_SPACE) if element.tag in ID_TAGS else value)
        yield from (value for value in values if value.strip(WHITE_SPACE))


def is_removed(element: Element, newest: int) -> bool:
    """Tell whether the text of an element is left out on purpose."""
    match element.tag:
        case "released" | "year":
            return is_implausible(element.text or "", newest)
        case "genre":
            return element.getparent().tag == "genres" and (element.text or "").isdecimal()
        case "master_id":
            return (element.text or "").strip(WHITE_SPACE) == "0"
        case "id":
            return bool(element.getparent().tag == "members")
    return False


def is_implausible(value: str, newest: int) -> bool:
    """Tell whether the built-in filter takes a date away: only a number can be out of range."""
    number = NUMBER_IN_DATE.fullmatch(value)
    return number is not None and not FIRST_YEAR <= int(number["year"] or number[0]) <= newest


def year(value: str | None, newest: int) -> int | None:
    """Return the year that the nodes have: the first four digits of a date, if they can be one."""
    found = re.match("[0-9]{4}", value.strip()) if value and not is_implausible(value, newest) else None
    return int(found[0]) if found and FIRST_YEAR <= int(found[0]) <= newest else None
