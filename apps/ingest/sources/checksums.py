"""Read lists of SHA-256 checksums in the formats that tools write. A list that cannot be read is an error.

Contract: docs/contract/data.md#discogs-files, docs/contract/data.md#musicbrainz-files.
"""

from __future__ import annotations

import re
from pathlib import Path

from apps.ingest.errors import DumpError
from apps.ingest.sources import encoding

# LINE is the format of sha256sum and shasum, which put a backslash in front if the name contains one. TAGGED is that of
# BSD tools and OpenSSL.
LINE = re.compile(r"\\?(?P<sha256>[0-9a-f]{64})\s+\*?(?P<name>(?!-\Z)\S.*)", re.IGNORECASE)
TAGGED = re.compile(r"\\?SHA2?-?256 ?\((?P<name>.+)\) ?= ?(?P<sha256>[0-9a-f]{64})", re.IGNORECASE)
SUFFIXES = (".xml", ".xml.gz", ".tar.xz", ".jsonl", ".jsonl.xz")
FORM = "a line is a SHA-256 and a file's name, as sha256sum writes it. Put it right, or load from a folder without it"


def read(path: Path) -> dict[str, str]:
    """Read a list of checksums: file name without folder → lower-case hex. A missing list has no checksums.

    Raises:
        DumpError: The list exists and cannot be read.
    """
    try:
        return parse(encoding.decode(path.read_bytes()), path.name)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise DumpError(f"{path} cannot be read: {error.strerror}") from error


def parse(text: str, name: str) -> dict[str, str]:
    """Parse a list of checksums: file name without folder → lower-case hex. ``name`` is for messages.

    An unreadable line is ignored if it names no dump file, or only files whose checksum another line has.

    Raises:
        DumpError: The text is no list, lacks the checksum of a dump file that it names, or has two for one file.
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
