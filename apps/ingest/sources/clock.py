"""The time, for what has to wait: a test gives a clock that does not take any."""

from __future__ import annotations

import time
from typing import Protocol

from apps.ingest.errors import SiteError


class Clock(Protocol):
    """Tells the time, and lets it pass."""

    def time(self) -> float:
        """Return the seconds since 1970."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let so many seconds pass."""
        ...


class SystemClock:
    """The clock of this host."""

    def time(self) -> float:
        """Return the seconds since 1970."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Let so many seconds pass."""
        time.sleep(seconds)


class ImpatientClock(SystemClock):
    """The clock of somebody who sits in front of a page: all waiting together may take so many seconds."""

    def __init__(self, patience_seconds: float) -> None:
        self.left = patience_seconds

    def sleep(self, seconds: float) -> None:
        """Let so many seconds pass.

        Raises:
            SiteError: Nobody would wait for so long.
        """
        self.left -= seconds
        if self.left < 0:
            raise SiteError(
                f"The publisher's site lets us wait for {seconds:,.0f} seconds: try again later, or have"
                " manage.py extract wait"
            )
        super().sleep(seconds)
