"""Downloading one file: hashed while it comes, resumed where it broke off, in place only when it is whole."""

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

from apps.ingest.errors import DumpError, RefusedError, SiteError
from apps.ingest.sources import files
from apps.ingest.sources.client import BLOCK_BYTES, Client, blocks

# Attempts in a row that did not get further than one before.
ATTEMPTS = 3
FIRST_WAIT_SECONDS = 2
GZIP = b"\x1f\x8b"
CONTENT_RANGE = re.compile(r"bytes (?:([0-9]+)-[0-9]+|\*)/([0-9]+|\*)")
# Takes how many bytes are here and how many there are in all, 0 if the site does not say.
Report = Callable[[int, int], None]


def download(client: Client, url: str, target: Path, checksum: str, report: Report) -> str:
    """Bring a file here and return its SHA-256, which must be ``checksum`` unless that is empty.

    What is here of it, in ``.part`` beside the target, is kept when the site breaks off, and resumed: by this call, or
    by the next one.

    Raises:
        DumpError: It is not what was published, or there is no room for it.
        SiteError: The site does not give it to us.
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
            failures = 1 if reached > furthest else failures + 1
            furthest = max(furthest, reached)
            if failures >= ATTEMPTS:
                raise
            client.clock.sleep(FIRST_WAIT_SECONDS * 2 ** (failures - 1))
        else:
            part.replace(target)
            files.sync_folder(target.parent)
            return sha256


def part_of(target: Path) -> Path:
    """Return where an unfinished file is."""
    return target.with_name(f"{target.name}.part")


def attempt(client: Client, url: str, part: Path, checksum: str, report: Report) -> str:
    """Ask for what is missing of a file once, and return the SHA-256 of the whole."""
    sha256 = hashlib.sha256()
    had = hash_file(part, sha256, lambda here, _: report(here, 0))
    with client.open(url, {"Range": f"bytes={had}-"} if had else {}) as response:
        if response.status_code == requests.codes.ok:
            had, sha256 = 0, hashlib.sha256()
        elif not goes_on(response, had):
            part.unlink(missing_ok=True)
            raise SiteError(f"{url} does not go on where it broke off")
        if response.status_code != requests.codes.requested_range_not_satisfiable:
            receive(response, part, had, sha256, report)
    digest = sha256.hexdigest()
    if checksum and digest != checksum:
        part.unlink()
        if had:
            raise SiteError(f"{url} does not fit to the part of it that was here")
        raise DumpError(f"{url} does not have its published SHA-256 ({checksum}): it was deleted; try again later")
    if not checksum and not is_gzip(part):
        part.unlink()
        raise DumpError(f"{url} is not a gzip file: is DISCOGS_DUMP_URL right?")
    return digest


def goes_on(response: requests.Response, had: int) -> bool:
    """Tell whether an answer to a question for a range begins where ours ends, or says that nothing is missing."""
    found = CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
    if response.status_code == requests.codes.partial_content:
        return found is not None and found[1] == str(had)
    return found is not None and found[2] == str(had)


def receive(response: requests.Response, part: Path, had: int, sha256: Any, report: Report) -> None:
    """Write the body of an answer behind the bytes that are here."""
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
    """Refuse to begin a download that the disk has no room for."""
    if shutil.disk_usage(folder).free < needed_bytes:
        raise no_space(folder, f", and {needed_bytes / 1e6:,.0f} MB are needed")


def no_space(folder: Path, needed: str = "") -> DumpError:
    """Return the error of a full disk."""
    free = shutil.disk_usage(folder).free
    return DumpError(
        f"{folder} has {free / 1e6:,.0f} MB free{needed}: free some, or set DISCOGS_ROOT or MUSICBRAINZ_ROOT, and load"
        " again"
    )


def hash_file(path: Path, sha256: Any, report: Report) -> int:
    """Hash what a file has and return how many bytes that are; none if there is no such file."""
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
    """Tell whether a file begins as a gzip file does."""
    with path.open("rb") as file:
        return file.read(len(GZIP)) == GZIP
