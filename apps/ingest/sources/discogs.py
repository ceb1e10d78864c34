"""The monthly dumps of Discogs: the names of their files, and how records are found in them.

Contract: docs/contract/data.md#discogs-files, docs/contract/data.md#discogs-xml.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from apps.ingest.errors import DumpError
from apps.ingest.sources import checksums
from apps.ingest.sources.offers import file_name

TYPES: tuple[str, ...] = ("labels", "artists", "masters", "releases")
FILE_NAME = re.compile(r"discogs_(\d{8})_(artists|labels|masters|releases)\.xml(\.gz)?\Z")
OURS = re.compile(
    r"discogs_([0-9]{8})_(?:(?:artists|labels|masters|releases)\.xml(?:\.gz)?(?:\.part)?|CHECKSUM\.txt)"
    r"|\.extraction_status_([0-9]{8})\.json"
)


@dataclass(frozen=True, slots=True)
class Grammar:
    """Patterns that find the records of one type in the bytes of a file.

    ``start`` matches the beginning of a record, and nothing inside a record. Its group ``id`` is the record's id if it
    is written plainly, as the attribute or in the first element. Without the group, only a parser can tell the id. No
    pattern needs a line break, since the format does not promise any.
    """

    root: bytes
    tag: str
    start: re.Pattern[bytes]

    @property
    def record_type(self) -> str:
        """The type of the records, which is the name of the root element."""
        return self.root.decode()

    @property
    def end(self) -> re.Pattern[bytes]:
        """A pattern for the end tag of a record."""
        return end_tag(self.tag.encode())

    @property
    def tags(self) -> re.Pattern[bytes]:
        """A pattern for all tags with the name of a record. Group ``end`` or ``empty`` says which kind of tag it is."""
        return tags(self.tag.encode())

    @property
    def outside(self) -> re.Pattern[bytes]:
        """A pattern for the content that is allowed outside of records."""
        return outside(self.root)

    def plain_id(self, record: bytes) -> int | None:
        """Return the id of the record at the beginning of the bytes, or None if it is not written plainly."""
        found = self.start.match(record)
        return int(found["id"]) if found and found["id"] else None

    def plain_ids(self, content: bytes) -> list[bytes]:
        """Return one id for each record start in the content; it is empty where it is not written plainly."""
        # findall() returns tuples if the pattern has several groups, else plain matches of its only group.
        found = self.start.findall(content)
        place = self.start.groupindex["id"] - 1
        return [groups[place] for groups in found] if self.start.groups > 1 else found


# Allowed outside of records: white space and padding, byte order marks, declarations and processing instructions,
# comments, document types.
MARKUP = rb"[\0 \t\r\n]+|\xef\xbb\xbf|<\?.*?\?>|<!--.*?-->|<!DOCTYPE\b[^\[>]*(?:\[.*?\]\s*)?>"


@lru_cache
def end_tag(*names: bytes) -> re.Pattern[bytes]:
    """Return a pattern for the end tags of elements with these names."""
    return re.compile(rb"</(?:%s)\s*>" % b"|".join(map(re.escape, names)))


@lru_cache
def tags(name: bytes) -> re.Pattern[bytes]:
    """Return a pattern for start, end and empty-element tags with this name."""
    return re.compile(rb"<(?P<end>/?)%s(?=[\s/>])[^<>]*?(?P<empty>/?)>" % re.escape(name))


@lru_cache
def outside(*roots: bytes) -> re.Pattern[bytes]:
    """Return a pattern for the markup that is allowed outside of records, and for the tags of these roots."""
    tags = rb"</?(?:%s)(?:\s[^<>]*)?/?>" % b"|".join(map(re.escape, roots))
    return re.compile(rb"(?:%s|%s)*+" % (MARKUP, tags), re.DOTALL)


def grammar(record_type: str) -> Grammar:
    """Return the grammar for the files of a record type."""
    return GRAMMARS[record_type]


# Parts of the patterns: XML white space, a record's id, and what may come between a record's start and its id. In older
# dumps the images come before the id.
S = r"[ \t\r\n]*"
ID = rf"{S}(?P<id>[1-9][0-9]{{0,17}}){S}"
ATTRIBUTE = rf"""[ \t\r\n]+[\w:.-]+{S}={S}(?:"[^"<]*"|'[^'<]*')"""
BY_ATTRIBUTE = rf"""(?=[\s/>])(?:(?:{ATTRIBUTE})*?[ \t\r\n]+id{S}={S}(?P<quote>["']){ID}(?P=quote))?"""
IMAGES = rf"<images(?:{S}/>|>(?:{S}<image\b[^<>]*/>)*{S}</images>)"
BY_ELEMENT = rf"{S}(?:{IMAGES}{S})?<id>{ID}</id>"
STARTS = {
    "artist": rf"<artist(?=[\s/>])(?:{S}>{BY_ELEMENT})?",
    # <sublabels> contains <label id="…"> and <label>name</label>. Only a record's <label> begins with an element.
    "label": rf"<label{S}>(?={S}<(?:[^\W\d]|\?|!--))(?:{BY_ELEMENT})?",
    "master": f"<master{BY_ATTRIBUTE}",
    "release": f"<release{BY_ATTRIBUTE}",
}
GRAMMARS = {f"{tag}s": Grammar(f"{tag}s".encode(), tag, re.compile(start.encode())) for tag, start in STARTS.items()}


@dataclass(frozen=True, slots=True)
class Dump:
    """One version in a folder: its files by type, and the published checksums by file name, if there are any."""

    version: str
    files: dict[str, Path]
    checksums: dict[str, str]


def find(folder: Path, version: str | None = None, types: Collection[str] = TYPES) -> Dump:
    """Find the newest version in a folder that has a file of each type, or ``version``.

    Raises:
        DumpError: The folder does not exist, or has no such version with all of the types.
    """
    if not folder.is_dir():
        raise DumpError(f"{folder} is not a folder. Give the one with the dump files to --from")
    found = files_by_version(folder)
    complete = [each for each, files in found.items() if files.keys() >= set(types)]
    if version is not None and version not in complete:
        missing = ", ".join(sorted(set(types) - found.get(version, {}).keys()))
        raise DumpError(
            f"{folder} has no complete version {version}: {missing} missing (discogs_{version}_TYPE.xml.gz)"
        )
    if not complete:
        raise DumpError(f"{folder} has no complete dump: it takes discogs_VERSION_TYPE.xml.gz for {', '.join(types)}")
    chosen = version or max(complete)
    files = {record_type: found[chosen][record_type] for record_type in TYPES if record_type in types}
    return Dump(chosen, files, checksums.read(folder / checksums_path(chosen)))


def path_of(key: str) -> str:
    """Return the path of a key's file, relative to the folder of the dumps. All files are in that one folder."""
    return file_name(key)


def checksums_path(version: str) -> str:
    """Return the path of a version's list of checksums, relative to the folder of the dumps."""
    return f"discogs_{version}_CHECKSUM.txt"


def marker_path(version: str) -> str:
    """Return the path of a version's marker, relative to the folder of the dumps."""
    return f".extraction_status_{version}.json"


def kept(folder: Path) -> dict[str, list[Path]]:
    """Return the files in the folder of the dumps that retention may delete: version → paths."""
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.iterdir()):
        if match := OURS.fullmatch(path.name):
            found.setdefault(match[1] or match[2], []).append(path)
    return found


def files_by_version(folder: Path) -> dict[str, dict[str, Path]]:
    """Return the dump files of a folder: version → type → path."""
    found: dict[str, dict[str, Path]] = {}
    for path in sorted(folder.iterdir()):
        if match := FILE_NAME.match(path.name):
            found.setdefault(match[1], {})[match[2]] = path
    return found


def complete_versions(folder: Path) -> list[str]:
    """Return the versions whose four files are all in the folder, newest first."""
    return sorted((each for each, files in files_by_version(folder).items() if len(files) == len(TYPES)), reverse=True)
