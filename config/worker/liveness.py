"""Touch a file as a sign of life of workers and beat, for the health check of their container (decision 52).

A worker touches it with every heartbeat, every two seconds. Beat touches it whenever it sends a task, at least every
``INGEST_WATCHDOG_SECONDS``. Nothing happens unless ``LIVENESS_FILE`` names a file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from celery.signals import after_task_publish, beat_init, heartbeat_sent
from django.conf import settings


def install() -> None:
    """Connect to Celery's signals. Must be called before a worker starts, which checks for receivers only then."""
    heartbeat_sent.connect(touch)
    beat_init.connect(touch_when_sending)


def touch(**_: Any) -> None:
    """Touch the file."""
    if settings.LIVENESS_FILE:
        Path(settings.LIVENESS_FILE).touch()


def touch_when_sending(**_: Any) -> None:
    """Make beat touch the file with each task that it sends."""
    after_task_publish.connect(touch)
