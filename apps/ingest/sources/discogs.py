"""The monthly dumps of Discogs: four files and a list of checksums.

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
    """How the records of one type are told apart in a file's bytes.

    ``start`` matches where a record begins and nowhere inside of one. Its group ``id`` is the record's own id, where
    that is written plainly: as the attribute or the first element. Where the group is missing, only a parser can tell.
    Nothing here asks for a line break: the format does not promise one.
    """

    root: bytes
    tag: str
    start: re.Pattern[bytes]

    @property
    def record_type(self) -> str:
        """Return the type of the records, which is how their root is called."""
        return self.root.decode()

    @property
    def end(self) -> re.Pattern[bytes]:
        """Matches the end tag of a record."""
        return end_tag(self.tag.encode())

    @property
    def tags(self) -> re.Pattern[bytes]:
        """Matches tags of elements that are called as a record is: groups ``end`` and ``empty`` say of which kind."""
        return tags(self.tag.encode())

    @property
    def outside(self) -> re.Pattern[bytes]:
        """Matches what may stand outside of records."""
        return outside(self.root)

    def plain_id(self, record: bytes) -> int | None:
        """Return the id of the record that begins some bytes, if it is written plainly."""
        found = self.start.match(record)
        return int(found["id"]) if found and found["id"] else None

    def plain_ids(self, content: bytes) -> list[bytes]:
        """Return the id of each record start in some bytes, empty where it is not written plainly."""
        found = self.start.findall(content)
        place = self.start.groupindex["id"] - 1
        return [groups[place] for groups in found] if self.start.groups > 1 else found


# White space and padding, byte order marks, declarations and processing instructions, comments, document types.
MARKUP = rb"[\0 \t\r\n]+|\xef\xbb\xbf|<\?.*?\?>|<!--.*?-->|<!DOCTYPE\b[^\[>]*(?:\[.*?\]\s*)?>"


@lru_cache
def end_tag(*names: bytes) -> re.Pattern[bytes]:
    """Return what matches the end tag of an element of some names."""
    return re.compile(rb"</(?:%s)\s*>" % b"|".join(map(re.escape, names)))


@lru_cache
def tags(name: bytes) -> re.Pattern[bytes]:
    """Return what matches the tags of elements of a name."""
    return re.compile(rb"<(?P<end>/?)%s(?=[\s/>])[^<>]*?(?P<empty>/?)>" % re.escape(name))


@lru_cache
def outside(*roots: bytes) -> re.Pattern[bytes]:
    """Return what matches markup that may stand outside of records, with the tags of some roots."""
    tags = rb"</?(?:%s)(?:\s[^<>]*)?/?>" % b"|".join(map(re.escape, roots))
    return re.compile(rb"(?:%s|%s)*+" % (MARKUP, tags), re.DOTALL)


def grammar(record_type: str) -> Grammar:
    """Return the grammar of one type's file."""
    return GRAMMARS[record_type]


# White space as XML has it, a record's id, and the ways to come from a record's start to its id. Older dumps have the
# images in front of it.
S = r"[ \t\r\n]*"
ID = rf"{S}(?P<id>[1-9][0-9]{{0,17}}){S}"
ATTRIBUTE = rf"""[ \t\r\n]+[\w:.-]+{S}={S}(?:"[^"<]*"|'[^'<]*')"""
BY_ATTRIBUTE = rf"""(?=[\s/>])(?:(?:{ATTRIBUTE})*?[ \t\r\n]+id{S}={S}(?P<quote>["']){ID}(?P=quote))?"""
IMAGES = rf"<images(?:{S}/>|>(?:{S}<image\b[^<>]*/>)*{S}</images>)"
BY_ELEMENT = rf"{S}(?:{IMAGES}{S})?<id>{ID}</id>"
STARTS = {
    "artist": rf"<artist(?=[\s/>])(?:{S}>{BY_ELEMENT})?",
    # Records nest <label id="…"> and <label>name</label> in <sublabels>; only a record begins with an element.
    "label": rf"<label{S}>(?={S}<(?:[^\W\d]|\?|!--))(?:{BY_ELEMENT})?",
    "master": f"<master{BY_ATTRIBUTE}",
    "release": f"<release{BY_ATTRIBUTE}",
}
GRAMMARS = {f"{tag}s": Grammar(f"{tag}s".encode(), tag, re.compile(start.encode())) for tag, start in STARTS.items()}


@dataclass(frozen=True, slots=True)
class Dump:
    """One version in a folder: its files by type, and their published checksums as far as there are any."""

    version: str
    files: dict[str, Path]
    checksums: dict[str, str]


def find(folder: Path, version: str | None = None, types: Collection[str] = TYPES) -> Dump:
    """Find the newest version in a folder that has a file of each type, or the one that is asked for.

    Raises:
        DumpError: There is no such folder, or no version in it with all of the types.
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
    """Return where the file of a key is kept, from the folder of the dumps: there all are beside one another."""
    return file_name(key)


def checksums_path(version: str) -> str:
    """Return where the checksums of a version are, from the folder of the dumps."""
    return f"discogs_{version}_CHECKSUM.txt"


def marker_path(version: str) -> str:
    """Return where the marker of a version is, from the folder of the dumps."""
    return f".extraction_status_{version}.json"


def kept(folder: Path) -> dict[str, list[Path]]:
    """Return the files in the folder of the dumps that are ours to delete: version → paths."""
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
    """Return the versions that a folder has all four files of, newest first."""
    return sorted((each for each, files in files_by_version(folder).items() if len(files) == len(TYPES)), reverse=True)
