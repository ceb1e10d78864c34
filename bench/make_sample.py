"""Make ``sample/``: a small connected Discogs dump out of excerpts of the real one.

    python bench/make_sample.py EXCERPTS OUT

EXCERPTS holds ``artists.xml``, ``labels.xml``, ``masters.xml`` and ``releases.xml``. Whatever a record of the sample
refers to has a record too: the excerpt's own, else a minimal one of what the reference itself says. Texts that people
wrote, images, videos and links are left out, and the shape is that of the dumps since 2024-12 (no empty elements). The
same excerpts always give the same files.
"""

import argparse
import gzip
import hashlib
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import TypeAlias

from lxml import etree

Element: TypeAlias = etree._Element
Records: TypeAlias = dict[str, dict[int, Element]]

VERSION = "20260801"
RECORD_TAGS = {"artists": "artist", "labels": "label", "masters": "master", "releases": "release"}
LEFT_OUT = {"images", "profile", "notes", "contactinfo", "urls", "videos"}
# Where a record names another one, by the type of the other one. Tracks are not looked into: they make no edges.
REFERENCES = {
    "artists": ("artists/artist", "extraartists/artist", "aliases/name", "groups/name", "members/name"),
    "labels": ("labels/label", "parentLabel", "sublabels/label"),
    "masters": ("master_id",),
}
# Various, Unknown Artist and their like: a common name of this kind does not make two records neighbours.
PLACEHOLDERS = {194, 355, 118760, 151641}


def read_excerpt(folder: Path) -> Records:
    """Return the records of an excerpt in the shape of the sample, by type and id."""
    roots = {type_: etree.parse(folder / f"{type_}.xml").getroot() for type_ in RECORD_TAGS}
    return {type_: {record_id(record): modernise(record) for record in root} for type_, root in roots.items()}


def record_id(record: Element) -> int:
    return int(record.get("id") or record.findtext("id") or 0)


def modernise(record: Element) -> Element:
    """Take out of a record what the sample leaves out and what dumps no longer have."""
    record.attrib.pop("status", None)
    record.tail = None
    for element in reversed(list(record.iterdescendants())):
        if is_left_out(element):
            element.getparent().remove(element)
    return record


def is_left_out(element: Element) -> bool:
    is_empty = not (len(element) or element.attrib or (element.text or "").strip())
    is_gone = element.tag == "id" and (element.getparent().tag == "members" or element.text == "0")
    return is_empty or is_gone or element.tag in LEFT_OUT


def connect(excerpt: Records) -> Records:
    """Return all releases, what they refer to, and the excerpt's other records that refer to one of those."""
    sample: Records = {type_: {} for type_ in RECORD_TAGS}
    pending = [("releases", id_, record) for id_, record in excerpt["releases"].items()]
    while pending:
        for type_, id_, record in pending:
            sample[type_][id_] = record
            add_references(sample, excerpt, record)
        pending = list(neighbours(sample, excerpt))
    return sample


def add_references(sample: Records, excerpt: Records, record: Element) -> None:
    for type_, id_, reference in references(record):
        if id_ not in sample[type_]:
            known = excerpt[type_].get(id_)
            added = minimal(type_, id_, reference, record) if known is None else known
            sample[type_][id_] = added
            add_references(sample, excerpt, added)


def neighbours(sample: Records, excerpt: Records) -> Iterator[tuple[str, int, Element]]:
    for type_ in REFERENCES:
        for id_, record in excerpt[type_].items():
            if id_ not in sample[type_] and touches(sample, record):
                yield type_, id_, record


def touches(sample: Records, record: Element) -> bool:
    return any(id_ in sample[type_] and id_ not in PLACEHOLDERS for type_, id_, _ in references(record))


def references(record: Element) -> Iterator[tuple[str, int, Element]]:
    for type_, paths in REFERENCES.items():
        for path in paths:
            for reference in record.findall(path):
                text = reference.text if type_ == "masters" else reference.get("id") or reference.findtext("id")
                if text and text != "0":
                    yield type_, int(text), reference


def minimal(type_: str, id_: int, reference: Element, record: Element) -> Element:
    """Return a record that says what the reference to it says."""
    if type_ == "masters":
        return minimal_master(id_, reference, record)
    made = etree.Element(RECORD_TAGS[type_])
    etree.SubElement(made, "id").text = str(id_)
    if name := reference.get("name") or reference.findtext("name") or reference.text:
        etree.SubElement(made, "name").text = name
    return made


def minimal_master(id_: int, reference: Element, release: Element) -> Element:
    master = etree.Element("master", id=str(id_))
    if reference.get("is_main_release") == "true":
        etree.SubElement(master, "main_release").text = release.get("id")
    master.extend(copies(release, "artists", "genres", "styles"))
    if released := release.findtext("released"):
        etree.SubElement(master, "year").text = released[:4]
    master.extend(copies(release, "title"))
    return master


def copies(release: Element, *tags: str) -> Iterator[Element]:
    return (deepcopy(child) for tag in tags for child in release.findall(tag))


def write(folder: Path, sample: Records) -> None:
    """Write the four files and their checksums under their published names."""
    folder.mkdir(parents=True, exist_ok=True)
    checksums = []
    for type_, records in sample.items():
        path = folder / f"discogs_{VERSION}_{type_}.xml.gz"
        with path.open("wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed:
            packed.write(file_content(type_, records))
        checksums.append(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n")
    (folder / f"discogs_{VERSION}_CHECKSUM.txt").write_text("".join(checksums))


def file_content(type_: str, records: dict[int, Element]) -> bytes:
    lines = [etree.tostring(records[id_], encoding="unicode") for id_ in sorted(records)]
    return "\n".join([f"<{type_}>", *lines, f"</{type_}>\n"]).encode()


def main() -> None:
    """Read the excerpts, write the sample, say how many records it has."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("excerpts", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    sample = connect(read_excerpt(arguments.excerpts))
    write(arguments.out, sample)
    print({type_: len(records) for type_, records in sample.items()})


if __name__ == "__main__":
    main()
