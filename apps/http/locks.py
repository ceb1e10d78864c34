"""Locks that hold between processes."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def hold_lock(path: Path) -> Iterator[int]:
    """Hold an exclusive lock on a file, which is created if needed; yield its descriptor."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # The lock ends with the descriptor, so a dead process cannot hold it.
    opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield opened
    finally:
        os.close(opened)
