"""Courtesy towards a publisher's site: when the next request may be made, for all of our processes together."""

from __future__ import annotations

import os
from datetime import UTC
from email.utils import parsedate_to_datetime
from pathlib import Path

from apps.ingest.sources import files
from apps.ingest.sources.clock import Clock

FIRST_WAIT_SECONDS = 30.0


class Pace:
    """Keeps requests apart, also those of other processes: the time of the next one is in a file that they share.

    ``interval_seconds`` is the least time between two requests, ``longest_seconds`` the most that a site may ask us to
    wait.
    """

    def __init__(self, path: Path, *, interval_seconds: float, longest_seconds: float, clock: Clock) -> None:
        self.path = path
        self.interval_seconds = interval_seconds
        self.longest_seconds = longest_seconds
        self.clock = clock

    def take_turn(self) -> None:
        """Wait until a request may be made, and make the next one wait."""
        while (seconds := self.claim()) > 0:
            self.clock.sleep(seconds)

    def claim(self) -> float:
        """Take the turn, or return how many seconds it is away."""
        with files.locked(self.path) as opened:
            now = self.clock.time()
            seconds = read(opened) - now
            # What is further away than anything we would write is from before the clock was set back.
            if 0 < seconds <= max(self.longest_seconds, self.interval_seconds) + 1:
                return seconds
            write(opened, now + self.interval_seconds)
            return 0.0

    def hold(self, seconds: float) -> None:
        """Let nobody make a request for so many seconds, as far as we obey."""
        with files.locked(self.path) as opened:
            write(opened, max(read(opened), self.clock.time() + min(seconds, self.longest_seconds)))


def read(opened: int) -> float:
    """Return the time in a file; 0 if there is none, or nothing that can be read."""
    try:
        return float(os.pread(opened, 40, 0))
    except ValueError:
        return 0.0


def write(opened: int, when: float) -> None:
    """Put a time into a file."""
    os.ftruncate(opened, 0)
    os.pwrite(opened, f"{when:.3f}".encode(), 0)


def wait_seconds(retry_after: str | None, waits: int, now: float) -> float:
    """Return how long a busy site wants us to wait: its header in seconds or as a date, else 30 s, doubling each time.

    ``waits`` is how often it has made us wait before; ``now`` in seconds since 1970.
    """
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return float(FIRST_WAIT_SECONDS * 2**waits)
    return max((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp() - now, 0.0)
