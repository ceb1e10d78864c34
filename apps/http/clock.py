"""Clocks for code that has to wait. A test passes a clock that does not really sleep."""

from __future__ import annotations

import time
from typing import Protocol

from apps.http.errors import SiteError


class Clock(Protocol):
    """Tells the time and sleeps."""

    def time(self) -> float:
        """Return the time in seconds since 1970."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait for ``seconds``."""
        ...


class SystemClock:
    """The clock of this host."""

    def time(self) -> float:
        """Return the time in seconds since 1970."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait for ``seconds``."""
        time.sleep(seconds)


class ImpatientClock(SystemClock):
    """A clock for a user who waits for a page: all waiting together may take ``patience_seconds``."""

    def __init__(self, patience_seconds: float) -> None:
        self.left = patience_seconds

    def sleep(self, seconds: float) -> None:
        """Wait for ``seconds``.

        Raises:
            SiteError: The patience is used up.
        """
        self.left -= seconds
        if self.left < 0:
            raise SiteError(
                f"The publisher's site lets us wait for {seconds:,.0f} seconds: try again later, or have"
                " manage.py extract wait"
            )
        super().sleep(seconds)
