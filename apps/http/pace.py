"""The pace of requests to a publisher's site, shared by all processes that use the same folder of dumps."""

from __future__ import annotations

import os
from datetime import UTC
from email.utils import parsedate_to_datetime
from pathlib import Path

from apps.http.clock import Clock
from apps.http.locks import hold_lock

FIRST_WAIT_SECONDS = 30.0


class Pace:
    """Spaces requests across processes. A shared file holds the time of the next allowed request.

    ``interval_seconds`` is the least time between two requests; ``longest_seconds`` is the longest wait that a site may
    ask for.
    """

    def __init__(self, path: Path, *, interval_seconds: float, longest_seconds: float, clock: Clock) -> None:
        self.path = path
        self.interval_seconds = interval_seconds
        self.longest_seconds = longest_seconds
        self.clock = clock

    def take_turn(self) -> None:
        """Wait until a request is allowed, and reserve it."""
        while (seconds := self.claim()) > 0:
            self.clock.sleep(seconds)

    def claim(self) -> float:
        """Reserve the next request and return 0, or return the seconds until it is allowed."""
        with hold_lock(self.path) as opened:
            now = self.clock.time()
            seconds = read(opened) - now
            # A time further away than any that is ever written was written before the clock was set back. Ignore it.
            if 0 < seconds <= max(self.longest_seconds, self.interval_seconds) + 1:
                return seconds
            write(opened, now + self.interval_seconds)
            return 0.0

    def hold(self, seconds: float) -> None:
        """Allow no request of any process for ``seconds``, at most for ``longest_seconds``."""
        with hold_lock(self.path) as opened:
            write(opened, max(read(opened), self.clock.time() + min(seconds, self.longest_seconds)))


def read(opened: int) -> float:
    """Return the time in the file; 0 if the file is empty or unreadable."""
    try:
        return float(os.pread(opened, 40, 0))
    except ValueError:
        return 0.0


def write(opened: int, when: float) -> None:
    """Replace the time in the file."""
    os.ftruncate(opened, 0)
    os.pwrite(opened, f"{when:.3f}".encode(), 0)


def wait_seconds(retry_after: str | None, waits: int, now: float) -> float:
    """Return how many seconds to wait for a busy site: by its ``Retry-After``, else 30 s, doubled with each wait.

    ``waits`` is the number of waits before this one; ``now`` is in seconds since 1970.
    """
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return float(FIRST_WAIT_SECONDS * 2**waits)
    return max((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp() - now, 0.0)
