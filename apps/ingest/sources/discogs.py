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

    ``start`` matches where a record begins and nowhere inside of one. ``record_id`` finds the id of the record whose
    bytes it is given. Neither asks for a line break: the format does not promise one.
    """

    root: bytes
    tag: str
    start: re.Pattern[bytes]
    record_id: re.Pattern[bytes]

    @property
    def end(self) -> re.Pattern[bytes]:
        """Matches the end tag of a record."""
        return end_tag(self.tag.encode())

    @property
    def outside(self) -> re.Pattern[bytes]:
        """Matches what may stand outside of records."""
        return outside(self.root)


# White space and padding, byte order marks, declarations and processing instructions, comments, document types.
MARKUP = rb"[\0 \t\r\n]+|\xef\xbb\xbf|<\?.*?\?>|<!--.*?-->|<!DOCTYPE\b[^\[>]*(?:\[.*?\]\s*)?>"


@lru_cache
def end_tag(*names: bytes) -> re.Pattern[bytes]:
    """Return what matches the end tag of an element of some names."""
    return re.compile(rb"</(?:%s)\s*>" % b"|".join(map(re.escape, names)))


@lru_cache
def outside(*roots: bytes) -> re.Pattern[bytes]:
    """Return what matches markup that may stand outside of records, with the tags of some roots."""
    tags = rb"</?(?:%s)(?:\s[^<>]*)?/?>" % b"|".join(map(re.escape, roots))
    return re.compile(rb"(?:%s|%s)*+" % (MARKUP, tags), re.DOTALL)


def grammar(record_type: str) -> Grammar:
    """Return the grammar of one type's file."""
    return GRAMMARS[record_type]


BY_ATTRIBUTE = rb"<%s\s(?:[^>]*?\s)?id=[\"'](\d{1,18})[\"']"
BY_CHILD = re.compile(rb"<id>(\d{1,18})</id>")
GRAMMARS = {
    "artists": Grammar(b"artists", "artist", re.compile(rb"<artist(?=[\s/>])"), BY_CHILD),
    # Records nest <label id="…"> and <label>name</label> in <sublabels>; only a record begins with an element.
    "labels": Grammar(b"labels", "label", re.compile(rb"<label\s*>(?=\s*<(?:[^\W\d]|\?|!--))"), BY_CHILD),
    "masters": Grammar(b"masters", "master", re.compile(rb"<master(?=[\s/>])"), re.compile(BY_ATTRIBUTE % b"master")),
    "releases": Grammar(
        b"releases", "release", re.compile(rb"<release(?=[\s/>])"), re.compile(BY_ATTRIBUTE % b"release")
    ),
}


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
