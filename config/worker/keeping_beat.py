"""Make a worker with ``-B`` restart its beat process when that dies.

Celery starts the process once and does not watch it
(https://docs.celeryq.dev/en/stable/userguide/periodic-tasks.html#starting-the-scheduler advises against ``-B`` for
production). Without beat the watchdog does not run, so lost messages would not be dispatched again.

Still so in Celery 5.7. Needless once Celery restarts it: tests/unit/config/worker/test_patches.py fails then.
"""

from __future__ import annotations

import logging
import signal
import sys
from typing import Any

from billiard.util import set_pdeathsig
from celery import bootsteps
from celery.beat import EmbeddedService

logger = logging.getLogger("tasks.beat")

LOOK_SECONDS = 2.0


def end_with_worker(**_: Any) -> None:
    """End this beat process when its worker has ended, even by ``kill -9``. Only Linux can do that."""
    if sys.platform == "linux":
        set_pdeathsig(signal.SIGTERM)


class KeepBeat(bootsteps.StartStopStep):  # type: ignore[misc] # Celery has no types
    """Starts a new beat process when the old one has died."""

    conditional = True
    requires = (
        "celery.worker.components:Timer",
        "celery.worker.components:Pool",
        "celery.worker.components:Beat",
    )

    def __init__(self, worker: Any, *, beat: bool = False, **options: Any) -> None:
        self.enabled = beat
        self.again: Any = None
        self.entry: Any = None
        super().__init__(worker, beat=beat, **options)

    def start(self, parent: Any) -> None:
        """Begin to check the beat process, every ``LOOK_SECONDS``."""
        self.entry = parent.timer.call_repeatedly(LOOK_SECONDS, self.restart_beat, (parent,))

    def restart_beat(self, worker: Any) -> None:
        """Start a new beat process if there is none. A worker that is ending has stopped its own on purpose."""
        if worker.blueprint.state == bootsteps.RUN and not worker.beat.is_alive():
            logger.warning("the clock of this worker died: another one starts")
            worker.beat = self.again = EmbeddedService(
                worker.app, schedule_filename=worker.schedule_filename, scheduler_cls=worker.scheduler
            )
            self.again.start()

    def stop(self, parent: Any) -> None:  # noqa: ARG002 - Celery's signature
        """Stop checking, and stop the beat process that was started here."""
        if self.entry is not None:
            self.entry.cancel()
        if self.again is not None:
            self.again.stop()

    def terminate(self, parent: Any) -> None:
        """Do the same when the worker is terminated."""
        self.stop(parent)
