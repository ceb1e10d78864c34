"""Work after an answer was sent: mail, and what must not show in the time of an answer."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connections

logger = logging.getLogger(__name__)

# Seconds until the work begins, at random. At once, it would slow down the next request of the same client, which so
# learned whether an address has an account.
PAUSE_SECONDS = (0.5, 1.5)
# What waits is lost when the process is killed: people ask for a mail again.
_pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="accounts")


def run_later(task: Callable[[], object]) -> None:
    """Run a task in a thread, after a pause; an error is logged."""
    _pool.submit(_run, task, time.monotonic() + random.uniform(*PAUSE_SECONDS))  # noqa: S311 - no secret


def _run(task: Callable[[], object], due: float) -> None:
    time.sleep(max(due - time.monotonic(), 0))
    try:
        task()
    except Exception:
        logger.exception("work after an answer failed")
    finally:
        connections.close_all()
