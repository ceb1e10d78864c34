"""The local catalogue of downloaded files, ``.discogs_metadata.json`` beside them: checksum, version and size of each.

``{file name: {"path": …, "checksum": SHA-256 in hex, "version": "20260601", "size": bytes}}``
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from apps.http.locks import hold_lock
from apps.ingest.sources import files

logger = logging.getLogger(__name__)

NAME = ".discogs_metadata.json"
LOCK = ".discogs_metadata.lock"
Entries = dict[str, dict[str, Any]]


def read(folder: Path) -> Entries:
    """Return a folder's catalogue. A damaged one is renamed to ``.corrupt``, and an empty one is returned."""
    path = folder / NAME
    try:
        return parse(path.read_bytes())
    except FileNotFoundError:
        return {}
    except ValueError as error:
        logger.warning("%s is damaged (%s): it is put aside, and every file is looked at again", path, error)
        path.replace(path.with_name(f"{NAME}.corrupt"))
        return {}


def parse(content: bytes) -> Entries:
    """Return the entries of a catalogue.

    Raises:
        ValueError: The content is no JSON object of objects.
    """
    found = json.loads(content)
    if isinstance(found, dict) and all(isinstance(entry, dict) for entry in found.values()):
        return found
    raise ValueError("it is not an object of objects")


def checksum(folder: Path, name: str) -> str | None:
    """Return the SHA-256 that a file had when it was downloaded, in hex; None if it is not in the catalogue."""
    with hold_lock(folder / LOCK):
        found = read(folder).get(name, {}).get("checksum")
    return found if isinstance(found, str) else None


def put(path: Path, *, sha256: str, version: str) -> None:
    """Enter a downloaded file."""
    entry = {"path": str(path), "checksum": sha256, "version": version, "size": path.stat().st_size}
    change(path.parent, lambda entries: {**entries, path.name: entry})


def drop(folder: Path, *names: str) -> None:
    """Remove files from the catalogue; a missing entry is no error."""
    change(folder, lambda entries: {name: entry for name, entry in entries.items() if name not in names})


def change(folder: Path, edit: Callable[[Entries], Entries]) -> None:
    """Replace the entries by ``edit(entries)``, under a lock that other processes respect."""
    with hold_lock(folder / LOCK):
        entries = read(folder)
        changed = edit(entries)
        if changed != entries:
            files.replace(folder / NAME, json.dumps(changed, indent=1, sort_keys=True).encode())
