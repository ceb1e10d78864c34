"""Work after an answer was sent: mail, and what must not show in the time of an answer."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connections

logger = logging.getLogger(__name__)

# What waits is lost when the process ends: people ask for a mail again.
_pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="accounts")


def run_later(task: Callable[[], object]) -> None:
    """Run a task in a thread; an error is logged."""
    _pool.submit(_run, task)


def _run(task: Callable[[], object]) -> None:
    try:
        task()
    except Exception:
        logger.exception("work after an answer failed")
    finally:
        connections.close_all()
