"""The spool: compressed blobs that wait between two stages, in any store that fsspec can address.

A blob's name says its run, file, chunk and stage. A blob is complete or absent, never partial. Writing a blob is
idempotent: a second write leaves the same bytes.
"""

from __future__ import annotations

import errno
import shutil
import uuid
from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import Any

import fsspec
from django.conf import settings

from apps.ingest.errors import SpoolError

try:
    from compression import zstd  # type: ignore[import-not-found,unused-ignore]
except ImportError:
    from backports import zstd

# Level 1 keeps XML in a quarter of its size at 400 MB/s.
LEVEL = 1


@cache
def filesystem(url: str) -> tuple[Any, str]:
    """Return the fsspec file system of a URL and the path of the spool's root in it."""
    return fsspec.core.url_to_fs(url)  # type: ignore[no-any-return]


def write(name: str, content: bytes) -> None:
    """Write a blob under ``name``; ``content`` is compressed already.

    Raises:
        SpoolError: The spool is full.
    """
    files, root = filesystem(settings.SPOOL_URL)
    # Written beside the final name and moved there, so that a reader never sees half a blob. The name of the attempt
    # is random because a duplicate of this task may write the same blob at the same time.
    path, attempt = f"{root}/{name}", f"{root}/{name}.{uuid.uuid4().hex}.tmp"
    try:
        files.makedirs(path.rpartition("/")[0], exist_ok=True)
        files.pipe_file(attempt, content)
        files.mv(attempt, path)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        # The half blob goes at once: it takes the room that the retry needs, and its random name would never be written
        # again.
        files.rm(attempt)
        raise SpoolError(f"No space left in the spool {settings.SPOOL_URL}: free some and load again") from error


def compress(content: bytes | bytearray) -> bytes:
    """Compress the content of a blob."""
    compressed: bytes = zstd.compress(content, LEVEL)
    return compressed


def compressor() -> Any:
    """Return a stream compressor for a blob that is built piece by piece."""
    return zstd.ZstdCompressor(LEVEL)


def read(name: str) -> bytes:
    """Return a blob's content, decompressed.

    Raises:
        SpoolError: The blob does not exist.
    """
    files, root = filesystem(settings.SPOOL_URL)
    try:
        # In one call: reading piece by piece would hold the content twice in memory.
        content: bytes = zstd.decompress(files.cat_file(f"{root}/{name}"))
    except FileNotFoundError as error:
        raise build_lost_error(name) from error
    return content


def open_blob(name: str) -> Any:
    """Open a blob as a file object that decompresses while it is read.

    Raises:
        SpoolError: The blob does not exist.
    """
    files, root = filesystem(settings.SPOOL_URL)
    try:
        return zstd.open(files.open(f"{root}/{name}", "rb"))
    except FileNotFoundError as error:
        raise build_lost_error(name) from error


def build_lost_error(name: str) -> SpoolError:
    """Return the error for a missing blob."""
    return SpoolError(f"The spool {settings.SPOOL_URL} has lost {name}: load again")


def exists(name: str) -> bool:
    """Tell whether a blob exists."""
    files, root = filesystem(settings.SPOOL_URL)
    return bool(files.exists(f"{root}/{name}"))


def find(folder: str) -> list[str]:
    """Return the names of a folder's blobs, sorted; none if there is no such folder."""
    files, root = filesystem(settings.SPOOL_URL)
    try:
        paths = files.ls(f"{root}/{folder}", detail=False)
    except FileNotFoundError:
        return []
    names = (path.rpartition("/")[2] for path in paths)
    # A writer that died may have left half a blob.
    return [f"{folder}/{name}" for name in sorted(names) if not name.endswith(".tmp")]


def local_folder(name: str) -> Path | None:
    """Return the path of a folder of blobs, or None if the spool is not a folder of this host."""
    files, root = filesystem(settings.SPOOL_URL)
    return Path(root, name) if "file" in files.protocol else None


def delete(*names: str) -> None:
    """Delete blobs or whole folders of blobs. A missing one is no error, so the call is idempotent."""
    files, root = filesystem(settings.SPOOL_URL)
    for name in names:
        try:
            files.rm(f"{root}/{name}", recursive=True)
        # A duplicate of the task was quicker, or the run was swept.
        except FileNotFoundError:
            continue


def sweep(*, keep: Collection[str]) -> None:
    """Delete the folders of all runs except ``keep``, which are the numbers of unfinished runs."""
    files, root = filesystem(settings.SPOOL_URL)
    if files.exists(root):
        # Only names that are a run's number: the spool may be a folder that holds files of others.
        names = (path.rstrip("/").rpartition("/")[2] for path in files.ls(root, detail=False))
        delete(*(name for name in names if name.isdigit() and name not in keep))


def require_space(needed_bytes: int) -> None:
    """Check that a local spool has enough free space. A remote store cannot tell, and is not checked.

    Raises:
        SpoolError: Less than ``needed_bytes`` is free.
    """
    files, root = filesystem(settings.SPOOL_URL)
    if "file" not in files.protocol:
        return
    Path(root).mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(root).free
    if free < needed_bytes:
        raise SpoolError(
            f"The spool {settings.SPOOL_URL} has {free / 1e6:,.0f} MB free and needs {needed_bytes / 1e6:,.0f} MB:"
            " free some, or set SPOOL_URL, and load again"
        )
