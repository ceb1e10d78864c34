"""Signs of life of workers and beat, for the health check of their container: a file that is touched.

A worker touches it with every heartbeat, every two seconds; beat whenever it sends a task, every
``INGEST_WATCHDOG_SECONDS`` at the latest. Nothing is touched unless ``LIVENESS_FILE`` names a file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from celery.signals import after_task_publish, beat_init, heartbeat_sent
from django.conf import settings


def install() -> None:
    """Listen to the signals of Celery; before a worker starts, which asks once whether anybody does."""
    heartbeat_sent.connect(touch)
    beat_init.connect(touch_when_sending)


def touch(**_: Any) -> None:
    """Say that this process is alive."""
    if settings.LIVENESS_FILE:
        Path(settings.LIVENESS_FILE).touch()


def touch_when_sending(**_: Any) -> None:
    """Let beat do so with each task that it sends."""
    after_task_publish.connect(touch)
