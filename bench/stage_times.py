"""A stop-watch inside the worker: one line of JSON a task, appended to the file that ``BENCH_STAGE_TIMES`` names.

It costs two clock readings and one small write for each task, of which a run has a few thousand.
"""

from __future__ import annotations

import inspect
import json
import logging
import os
import time
from pathlib import Path
from typing import Any

from celery.signals import task_postrun, task_prerun, task_retry

TIMES = Path(os.environ["BENCH_STAGE_TIMES"])
_begun: dict[str, tuple[float, float]] = {}


def write(**fields: Any) -> None:
    """Append one line; lines of several processes do not mix, as each is one small write."""
    with TIMES.open("a") as file:
        file.write(json.dumps(fields) + "\n")


@task_prerun.connect
def begin(task_id: str, **_: Any) -> None:
    """Remember when a task began."""
    _begun[task_id] = time.perf_counter(), time.process_time()


@task_postrun.connect
def end(task_id: str, task: Any, **_: Any) -> None:
    """Write down when a task ended, and what it took: seconds, and CPU seconds of its process."""
    began, cpu_began = _begun.pop(task_id)
    stage = task.name.rpartition(".")[2]
    write(
        stage=stage,
        ended=time.time(),
        seconds=time.perf_counter() - began,
        cpu_seconds=time.process_time() - cpu_began,
    )


@task_retry.connect
def note_retry(sender: Any, reason: Any, **_: Any) -> None:
    """Write down that a task is tried again."""
    write(retry=f"{sender.name}: {reason}"[:500])


class RetryHandler(logging.Handler):
    """Writes down what the driver of Neo4j logs: transactions that it runs again."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one entry, with the error, which the message lacks: it stands in a variable of the driver."""
        callers = (caller.frame.f_locals.get("errors") for caller in inspect.stack(context=0))
        errors = next((errors for errors in callers if isinstance(errors, list)), [""])
        write(retry=f"{record.getMessage()} {errors[-1]}"[:500])
