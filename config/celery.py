"""The Celery application: its settings, the modules of its tasks, and our patches of its workers."""

from __future__ import annotations

import ctypes
import os
from contextlib import suppress
from typing import Any

from celery import Celery
from celery.signals import beat_embedded_init, setup_logging, worker_process_init

from config import logs
from config.worker import consuming, keeping_beat, liveness, reconnecting

# The parameter of glibc's mallopt(), and its value: a freed block of this size or more is returned to the system.
M_MMAP_THRESHOLD, LARGE_BLOCK_BYTES = -3, 1024 * 1024

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Celery would run Django's checks in each worker, which loads URLs, pages and the admin: 13 MB and a second. Every
# command of manage.py runs these checks anyway.
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
    "tasks.sync",
    "tasks.insights",
)


@setup_logging.connect
def use_django_logging(**_: Any) -> None:
    """Keep Celery from replacing the logging that the settings configure."""


@worker_process_init.connect
def return_large_blocks(**_: Any) -> None:
    """Make glibc return the buffers of chunks to the system; it would raise its threshold when the first is freed."""
    with suppress(AttributeError, OSError):  # another C library
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK_BYTES)
