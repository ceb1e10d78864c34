"""The Celery application: what a message is, which queue it goes to and who loads the tasks."""

from __future__ import annotations

import ctypes
import os
from contextlib import suppress
from typing import Any

from celery import Celery
from celery.signals import beat_embedded_init, setup_logging, worker_process_init

from config import logs
from config.worker import consuming, keeping_beat, liveness, reconnecting

# mallopt(M_MMAP_THRESHOLD, …) of glibc, and from which size on a block goes back to the system when it is freed.
M_MMAP_THRESHOLD, LARGE_BLOCK_BYTES = -3, 1024 * 1024

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Celery would run Django's checks in each worker, and with them load addresses, pages and admin: 13 MB and a second.
# Every command of manage.py runs them.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")

reconnecting.install()
logs.follow_tasks()
liveness.install()
beat_embedded_init.connect(keeping_beat.end_with_worker)
app = Celery("linernotes")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.worker_consumer = "config.worker.consuming:Consumer"
app.steps["consumer"].add(consuming.DeclareDeadLetters)
app.steps["worker"].add(keeping_beat.KeepBeat)
app.conf.imports = (
    "tasks.extractor",
    "tasks.tableinator",
    "tasks.graphinator",
    "tasks.maintenance",
    "tasks.watchdog",
    "tasks.fetcher",
    "tasks.periodic",
    "tasks.feed",
)


@setup_logging.connect
def use_django_logging(**_: Any) -> None:
    """Keep Celery from replacing the logging that the settings configure."""


@worker_process_init.connect
def return_large_blocks(**_: Any) -> None:
    """Keep glibc from holding on to the buffers of chunks: it would raise its threshold with the first one freed."""
    with suppress(AttributeError, OSError):  # another C library
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK_BYTES)
