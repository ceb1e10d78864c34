"""Lists of SHA-256 checksums, as tools write them: read, or refused, never passed over.

Contract: docs/contract/data.md#discogs-files, docs/contract/data.md#musicbrainz-files.
"""

from __future__ import annotations

import re
from pathlib import Path

from apps.ingest.errors import DumpError
from apps.ingest.sources import encoding

# As sha256sum and shasum write it, with a backslash in front where the name has one; as BSD and OpenSSL do.
LINE = re.compile(r"\\?(?P<sha256>[0-9a-f]{64})\s+\*?(?P<name>(?!-\Z)\S.*)", re.IGNORECASE)
TAGGED = re.compile(r"\\?SHA2?-?256 ?\((?P<name>.+)\) ?= ?(?P<sha256>[0-9a-f]{64})", re.IGNORECASE)
SUFFIXES = (".xml", ".xml.gz", ".tar.xz", ".jsonl", ".jsonl.xz")
FORM = "a line is a SHA-256 and a file's name, as sha256sum writes it. Put it right, or load from a folder without it"


def read(path: Path) -> dict[str, str]:
    """Read a list of checksums: file name without folder → lower-case hex. No such file: no checksums.

    Raises:
        DumpError: It is there and cannot be read.
    """
    try:
        return parse(encoding.decode(path.read_bytes()), path.name)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise DumpError(f"{path} cannot be read: {error.strerror}") from error


def parse(text: str, name: str) -> dict[str, str]:
    """Read the text of a list of some name: file name without folder → lower-case hex.

    A line that cannot be read is passed over if it is about nothing that we load, or about a file that another line
    has the checksum of.

    Raises:
        DumpError: It is no list, has no checksum of a dump file that it names, or two of one file.
    """
    sums: dict[str, str] = {}
    unread = []
    for line in map(str.strip, text.removeprefix("\ufeff").splitlines()):
        if found := LINE.fullmatch(line) or TAGGED.fullmatch(line):
            file, sha256 = re.split(r"[/\\]", found["name"])[-1], found["sha256"].lower()
            if sums.setdefault(file, sha256) != sha256:
                raise DumpError(f"{name} has two checksums of {file}: {FORM}")
        elif line and not line.startswith("#"):
            unread.append(line)
    for line in unread:
        named = {word for word in re.findall(r"[\w.-]+", line) if word.endswith(SUFFIXES)}
        if not sums or not named <= sums.keys():
            raise DumpError(f"{name} has a line that cannot be read, {line[:100]!r}: {FORM}")
    return sums
