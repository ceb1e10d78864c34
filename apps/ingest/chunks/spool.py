"""The spool: where chunks and batches wait between two stages, compressed, under any address that fsspec knows.

Blobs are named by run, file, chunk and stage. One is complete or absent, never half there, and writing it again puts
the same bytes there.
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
    """Return the file system of the spool's address and the path of its root there."""
    return fsspec.core.url_to_fs(url)  # type: ignore[no-any-return]


def write(name: str, content: bytes) -> None:
    """Keep a blob.

    Raises:
        SpoolError: There is no room left.
    """
    files, root = filesystem(settings.SPOOL_URL)
    path, attempt = f"{root}/{name}", f"{root}/{name}.{uuid.uuid4().hex}.tmp"
    try:
        files.makedirs(path.rpartition("/")[0], exist_ok=True)
        files.pipe_file(attempt, content)
        files.mv(attempt, path)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        files.rm(attempt)
        raise SpoolError(f"No space left in the spool {settings.SPOOL_URL}: free some and load again") from error


def compress(content: bytes | bytearray) -> bytes:
    """Compress what is to be a blob."""
    compressed: bytes = zstd.compress(content, LEVEL)
    return compressed


def compressor() -> Any:
    """Return a stream compressor for a blob that is made piece by piece."""
    return zstd.ZstdCompressor(LEVEL)


def read(name: str) -> bytes:
    """Return a blob's content.

    Raises:
        SpoolError: It is not there.
    """
    files, root = filesystem(settings.SPOOL_URL)
    try:
        # At once, since piece by piece would hold it twice.
        content: bytes = zstd.decompress(files.cat_file(f"{root}/{name}"))
    except FileNotFoundError as error:
        raise lost(name) from error
    return content


def open_blob(name: str) -> Any:
    """Open a blob for reading its content piece by piece.

    Raises:
        SpoolError: It is not there.
    """
    files, root = filesystem(settings.SPOOL_URL)
    try:
        return zstd.open(files.open(f"{root}/{name}", "rb"))
    except FileNotFoundError as error:
        raise lost(name) from error


def lost(name: str) -> SpoolError:
    """Return the error of a blob that should be there."""
    return SpoolError(f"The spool {settings.SPOOL_URL} has lost {name}: load again")


def exists(name: str) -> bool:
    """Tell whether a blob is there."""
    files, root = filesystem(settings.SPOOL_URL)
    return bool(files.exists(f"{root}/{name}"))


def delete(*names: str) -> None:
    """Delete blobs, or whole folders of them; what is not there is gone already."""
    files, root = filesystem(settings.SPOOL_URL)
    for name in names:
        try:
            files.rm(f"{root}/{name}", recursive=True)
        except FileNotFoundError:
            continue


def sweep(*, keep: Collection[str]) -> None:
    """Delete what runs left behind, apart from those whose folders are to be kept."""
    files, root = filesystem(settings.SPOOL_URL)
    if files.exists(root):
        names = (path.rstrip("/").rpartition("/")[2] for path in files.ls(root, detail=False))
        delete(*(name for name in names if name.isdigit() and name not in keep))


def require_space(needed_bytes: int) -> None:
    """Refuse to begin what the spool has no room for; a store that cannot tell its free space is trusted.

    Raises:
        SpoolError: There is less free space than needed.
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
