"""The folders that loading writes, and whether this process may write them."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings

from apps.ingest.chunks import spool

NAMES = ("DISCOGS_ROOT", "MUSICBRAINZ_ROOT", "QUALITY_ROOT", "SPOOL_URL")


def problems() -> dict[str, str]:
    """Return, by the name of its setting, what keeps this process from writing a folder; nothing where all is well.

    A spool that is no folder of this host is not looked at.
    """
    folders = {name: folder_of(name) for name in NAMES}
    found = {name: problem(folder) for name, folder in folders.items() if folder is not None}
    return {name: text for name, text in found.items() if text}


def folder_of(name: str) -> Path | None:
    """Return the folder that a setting names; None if it is none of this host."""
    if name != "SPOOL_URL":
        return Path(getattr(settings, name)).absolute()
    files, root = spool.filesystem(settings.SPOOL_URL)
    return Path(root) if "file" in files.protocol else None


def problem(folder: Path) -> str:
    """Return why this process cannot write a folder, or make it; "" if it can."""
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
