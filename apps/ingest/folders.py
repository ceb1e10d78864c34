"""Check whether this process can write the folders that loading writes."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings

from apps.ingest.chunks import spool

NAMES = ("DISCOGS_ROOT", "MUSICBRAINZ_ROOT", "QUALITY_ROOT", "SPOOL_URL")


def problems() -> dict[str, str]:
    """Return setting → reason for each folder that this process cannot write; empty if all is well.

    A spool that is not a folder of this host is not checked.
    """
    folders = {name: folder_of(name) for name in NAMES}
    found = {name: problem(folder) for name, folder in folders.items() if folder is not None}
    return {name: text for name, text in found.items() if text}


def folder_of(name: str) -> Path | None:
    """Return the folder that a setting names; None if it is not on this host."""
    if name != "SPOOL_URL":
        return Path(getattr(settings, name)).absolute()
    files, root = spool.filesystem(settings.SPOOL_URL)
    return Path(root) if "file" in files.protocol else None


def problem(folder: Path) -> str:
    """Return why this process can neither write nor create a folder; "" if it can."""
    # A folder that does not exist yet is created in its nearest existing parent. lexists() also finds a broken link.
    there = next(path for path in (folder, *folder.parents) if os.path.lexists(path))
    if not there.is_dir():
        return f"{there} is no folder"
    if os.access(there, os.W_OK | os.X_OK, effective_ids=True):
        return ""
    if os.statvfs(there).f_flag & os.ST_RDONLY:
        return f"{there} is mounted read-only"
    return (
        f"{there} belongs to user {there.stat().st_uid} and cannot be written by user {os.geteuid()} of this process:"
        f" run chown --recursive {os.geteuid()} on it, or scripts/create-folders.sh for containers"
    )
