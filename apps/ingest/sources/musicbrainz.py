"""The dumps of MusicBrainz: the names of their files, and how lines are read from their archives.

Contract: docs/contract/data.md#musicbrainz-files.
"""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any, Self

from apps.ingest.errors import DumpError
from apps.ingest.sources import checksums, compression
from apps.ingest.sources.discogs import Dump

TYPES: tuple[str, ...] = ("artists", "labels", "release-groups", "releases")
# Type → what MusicBrainz calls one of them, in file names, members and relations.
ENTITIES = {"artists": "artist", "labels": "label", "release-groups": "release-group", "releases": "release"}
# Entity → the kind of page at Discogs about the same thing.
PAGES = {"artist": "artist", "label": "label", "release-group": "master", "release": "release"}
VERSION = re.compile(r"[0-9]{8}-[0-9]{6}\Z")
CHECKSUMS = "SHA256SUMS"
SCHEMA_MEMBER, SCHEMA_NUMBER = "JSON_DUMPS_SCHEMA_NUMBER", "1"
# How much of an archive is read at once. Small, because the rest of it is copied for each block of zeros behind the
# archive's members.
TAR_BYTES = 64 * 1024
SUFFIXES = (".jsonl.xz", ".jsonl")
OURS = re.compile(
    r"(?:artist|label|release-group|release)\.(?:tar\.xz|jsonl\.xz|jsonl)(?:\.part)?|SHA256SUMS"
    r"|\.mb_extraction_status_[0-9]{8}-[0-9]{6}\.json|\.discogs_metadata\.(?:json|lock)"
)


def find(folder: Path, version: str | None = None, types: Collection[str] = TYPES) -> Dump:
    """Find the newest version in a folder that has a file of each type, or ``version``.

    The folder contains one folder for each version, or is itself the folder of a version. If its name is no version,
    ``version`` must be given.

    Raises:
        DumpError: The folder does not exist, or has no such version with all of the types.
    """
    if not folder.is_dir():
        raise DumpError(f"{folder} is not a folder. Give the one with the dump files to --from")
    versions = folders(folder, version)
    found = {name: files_in(path, types) for name, path in versions.items()}
    complete = [name for name, files in found.items() if files.keys() == set(types)]
    if version is not None and version not in complete:
        missing = ", ".join(sorted(set(types) - found.get(version, {}).keys()))
        raise DumpError(f"{folder} has no complete version {version}: {missing} missing (ENTITY.tar.xz, ENTITY.jsonl)")
    if not complete:
        raise DumpError(
            f"{folder} has no complete dump: it takes VERSION/ENTITY.tar.xz, ENTITY.jsonl.xz or ENTITY.jsonl for"
            f" {', '.join(ENTITIES[each] for each in types)}, where VERSION is YYYYMMDD-HHMMSS, or --version names it"
        )
    chosen = version or max(complete)
    files = {record_type: found[chosen][record_type] for record_type in TYPES if record_type in types}
    return Dump(chosen, files, checksums.read(versions[chosen] / CHECKSUMS))


def complete_versions(folder: Path) -> list[str]:
    """Return the versions whose four files are all there, newest first."""
    found = folders(folder, None).items()
    return sorted((each for each, path in found if files_in(path, TYPES).keys() == set(TYPES)), reverse=True)


def path_of(key: str) -> str:
    """Return the path of a key's file, relative to the folder of the dumps. It is the publisher's: VERSION/FILE."""
    return key


def checksums_path(version: str) -> str:
    """Return the path of a version's list of checksums, relative to the folder of the dumps."""
    return f"{version}/{CHECKSUMS}"


def marker_path(version: str) -> str:
    """Return the path of a version's marker, relative to the folder of the dumps."""
    return f"{version}/.mb_extraction_status_{version}.json"


def kept(folder: Path) -> dict[str, list[Path]]:
    """Return the files in the folder of the dumps that retention may delete: version → paths."""
    versions = {path.name: path for path in folder.iterdir() if path.is_dir() and VERSION.match(path.name)}
    return {
        version: sorted(each for each in path.iterdir() if OURS.fullmatch(each.name))
        for version, path in versions.items()
    }


def folders(folder: Path, version: str | None) -> dict[str, Path]:
    """Return the folders that may hold a version: version → path."""
    found = {path.name: path for path in folder.iterdir() if path.is_dir() and VERSION.match(path.name)}
    own = folder.resolve().name
    if VERSION.match(own):
        found[own] = folder
    elif version is not None and version not in found:
        found[version] = folder
    return found


def files_in(folder: Path, types: Collection[str]) -> dict[str, Path]:
    """Return type → file in a version's folder. Unfinished downloads do not count."""
    names = sorted(path.name for path in folder.iterdir() if path.is_file() and path.suffix not in (".tmp", ".part"))
    found = {}
    for record_type in types:
        name = file_of(ENTITIES[record_type], names)
        if name is not None:
            found[record_type] = folder / name
    return found


def file_of(entity: str, names: Collection[str]) -> str | None:
    """Return the name of an entity's file: the published name, or any name that contains the entity's; else None."""
    exact = (f"{entity}.tar.xz", f"{entity}.jsonl.xz", f"mbdump-{entity}.jsonl.xz", f"{entity}.jsonl")
    # A search for release must not find release-group.
    anywhere = re.compile(rf"(?<![a-z]){entity}(?!-group|[a-z])")
    others = (name for name in names if name.endswith(SUFFIXES) and anywhere.search(name))
    return next((name for name in exact if name in names), None) or next(others, None)


class Header(tarfile.TarInfo):
    """The header of an archive's member. For ``tarfile`` a damaged header ends the archive; here it is an error."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """Read a header from a block. An empty block and one of zeros are left to ``tarfile``."""
        try:
            return super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            if not any(buf):
                raise
            if len(buf) < tarfile.BLOCKSIZE:
                raise tarfile.ReadError(str(error)) from error
            raise tarfile.TarError(f"{error} in the archive") from error


def blocks(
    reader: io.RawIOBase, path: Path, entity: str, block_bytes: int, warn: Callable[[str], None]
) -> Iterator[bytes]:
    """Yield the content of a file in blocks. An archive is not unpacked: its member is read as a stream.

    ``warn`` is called if the archive declares another schema than the known one.

    Raises:
        DumpError: The file is damaged, ends too early, or has no member for the entity.
    """
    content: Any = compression.open_content(reader, compression.XZ) if path.suffix == ".xz" else reader
    if path.name.endswith(".tar.xz"):
        yield from member_blocks(content, path, entity, block_bytes, warn)
    else:
        yield from read_blocks(content, block_bytes)


def member_blocks(
    content: io.BufferedReader, path: Path, entity: str, block_bytes: int, warn: Callable[[str], None]
) -> Iterator[bytes]:
    """Yield the content of the archive's member with the entity's lines; of joined archives, of each such member."""
    is_there = False
    try:
        with tarfile.open(fileobj=content, mode="r|", bufsize=TAR_BYTES, ignore_zeros=True, tarinfo=Header) as archive:
            for member in archive:
                lines = archive.extractfile(member) if member.isreg() else None
                if lines is None:
                    continue
                name = member.name.removeprefix("./")
                if name == f"mbdump/{entity}":
                    if is_there:
                        # The last line of the member before may lack its line break.
                        yield b"\n"
                    is_there = True
                    yield from read_blocks(lines, block_bytes)
                elif name == SCHEMA_MEMBER:
                    check_schema(lines.read(20).decode(errors="replace").strip(), path, warn)
    except tarfile.TarError as error:
        problem = "is cut short" if isinstance(error, tarfile.ReadError) else f"is damaged ({error})"
        raise DumpError(f"{problem}: fetch it again") from error
    if not is_there:
        raise DumpError(f"has no mbdump/{entity}: it is another file under this name")


def check_schema(number: str, path: Path, warn: Callable[[str], None]) -> None:
    """Warn if the number of the schema is not the known one."""
    if number != SCHEMA_NUMBER:
        warn(f"{path.name} has JSON of schema {number!r}, and what we know is {SCHEMA_NUMBER}: compare what was loaded")


def read_blocks(content: Any, block_bytes: int) -> Iterator[bytes]:
    """Yield a file's content in blocks."""
    while block := content.read(block_bytes):
        yield block
