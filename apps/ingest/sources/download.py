"""Download one file: hash it on the way, resume where it broke off, and move it into place only when it is whole."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests

from apps.http.client import BLOCK_BYTES, Client, blocks
from apps.http.errors import RefusedError, SiteError
from apps.ingest.errors import DumpError
from apps.ingest.sources import files

# Attempts in a row that may end without more bytes than an earlier one.
ATTEMPTS = 3
FIRST_WAIT_SECONDS = 2
GZIP = b"\x1f\x8b"
CONTENT_RANGE = re.compile(r"bytes (?:([0-9]+)-[0-9]+|\*)/([0-9]+|\*)")
# Called with (bytes received, bytes in all); the second is 0 if the site does not say.
Report = Callable[[int, int], None]


def download(client: Client, url: str, target: Path, checksum: str, report: Report) -> str:
    """Download a file and return its SHA-256 in hex, which must be ``checksum`` unless that is empty.

    The bytes received are kept in ``.part`` beside the target. If the connection breaks, this call or the next one
    resumes there.

    Raises:
        DumpError: The file does not have its published checksum, or the disk is full.
        SiteError: The site does not deliver the file.
    """
    part = part_of(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    furthest = failures = 0
    while True:
        try:
            sha256 = attempt(client, url, part, checksum, report)
        except RefusedError:
            raise
        except SiteError:
            reached = part.stat().st_size if part.exists() else 0
            # Attempts that made progress do not count, so a line that breaks every hour still brings a large file in
            # the end.
            failures = 1 if reached > furthest else failures + 1
            furthest = max(furthest, reached)
            if failures >= ATTEMPTS:
                raise
            client.clock.sleep(FIRST_WAIT_SECONDS * 2 ** (failures - 1))
        else:
            # Renamed only when whole and on disk: a file under its final name is complete, even after a power failure.
            part.replace(target)
            files.sync_folder(target.parent)
            return sha256


def part_of(target: Path) -> Path:
    """Return the path of the unfinished file."""
    return target.with_name(f"{target.name}.part")


def attempt(client: Client, url: str, part: Path, checksum: str, report: Report) -> str:
    """Request the missing bytes of a file once, and return the SHA-256 of the whole file in hex."""
    sha256 = hashlib.sha256()
    # The hash has to cover the bytes that an earlier attempt left, so they are read again.
    had = hash_file(part, sha256, lambda here, _: report(here, 0))
    with client.open(url, {"Range": f"bytes={had}-"} if had else {}) as response:
        if response.status_code == requests.codes.ok:
            # The site ignores ranges and sends the whole file.
            had, sha256 = 0, hashlib.sha256()
        elif not is_continued(response, had):
            part.unlink(missing_ok=True)
            raise SiteError(f"{url} does not go on where it broke off")
        if response.status_code != requests.codes.requested_range_not_satisfiable:
            receive(response, part, had, sha256, report)
    digest = sha256.hexdigest()
    if checksum and digest != checksum:
        part.unlink()
        # A resumed file may be a mixture of two publications, so it is tried once more from the beginning.
        if had:
            raise SiteError(f"{url} does not fit to the part of it that was here")
        raise DumpError(f"{url} does not have its published SHA-256 ({checksum}): it was deleted; try again later")
    if not checksum and not is_gzip(part):
        part.unlink()
        raise DumpError(f"{url} is not a gzip file: is DISCOGS_DUMP_URL right?")
    return digest


def is_continued(response: requests.Response, had: int) -> bool:
    """Tell whether the response to a range request begins behind our bytes, or says that no byte is missing."""
    found = CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
    if response.status_code == requests.codes.partial_content:
        return found is not None and found[1] == str(had)
    return found is not None and found[2] == str(had)


def receive(response: requests.Response, part: Path, had: int, sha256: Any, report: Report) -> None:
    """Write the body of a response behind the first ``had`` bytes, and flush it to disk."""
    length = response.headers.get("Content-Length", "")
    total = had + int(length) if length.isascii() and length.isdigit() else 0
    require_space(part.parent, total - had)
    try:
        with part.open("r+b" if had else "wb") as file:
            file.seek(had)
            for block in blocks(response):
                file.write(block)
                sha256.update(block)
                had += len(block)
                report(had, total)
            file.truncate()
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise no_space(part.parent) from error
    if total and had != total:
        raise SiteError(f"{response.url} ended after {had:,} of {total:,} bytes")


def require_space(folder: Path, needed_bytes: int) -> None:
    """Raise ``DumpError`` if the disk has less free space than needed."""
    if shutil.disk_usage(folder).free < needed_bytes:
        raise no_space(folder, f", and {needed_bytes / 1e6:,.0f} MB are needed")


def no_space(folder: Path, needed: str = "") -> DumpError:
    """Return the error for a full disk."""
    free = shutil.disk_usage(folder).free
    return DumpError(
        f"{folder} has {free / 1e6:,.0f} MB free{needed}: free some, or set DISCOGS_ROOT or MUSICBRAINZ_ROOT, and load"
        " again"
    )


def hash_file(path: Path, sha256: Any, report: Report) -> int:
    """Add a file's bytes to the hash and return their number; 0 if the file does not exist."""
    done = 0
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            while block := file.read(BLOCK_BYTES):
                sha256.update(block)
                done += len(block)
                report(done, size)
    except FileNotFoundError:
        return 0
    return done


def is_gzip(path: Path) -> bool:
    """Tell whether a file begins with the magic bytes of gzip."""
    with path.open("rb") as file:
        return file.read(len(GZIP)) == GZIP
