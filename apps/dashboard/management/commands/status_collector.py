"""``manage.py status_collector``: measure for the live status, until it is stopped."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from apps.dashboard.live.collecting import Collector


class Command(BaseCommand):
    """Runs the collector. Of several, one works and the others wait to take over."""

    help = "Measure queues, workers, runs and servers for the live status, until SIGTERM or Ctrl-C."

    def handle(self, *_: Any, **__: Any) -> None:
        """Run it."""
        stop = threading.Event()
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, lambda *_: stop.set())
        Collector().run(stop)
