"""Whether there are workers, and workers of one's own for the time of a run."""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from celery import current_app
from kombu.exceptions import OperationalError

from apps.ingest.errors import RunError
from apps.stack import children, outages

ANSWER_SECONDS = 2.5
GIVE_BACK_SECONDS = 0.5


def answer() -> bool:
    """Tell whether any worker answers within a few seconds."""
    try:
        return bool(current_app.control.ping(timeout=ANSWER_SECONDS, limit=1))
    except (OSError, OperationalError) as error:
        raise RunError(outages.explain_broker(error)) from error


@contextmanager
def for_the_run(*, local: bool) -> Iterator[Callable[[], None]]:
    """Make sure that there are workers: those that run, or with ``local`` one of our own, which ends with the block.

    Yields a function that raises StackError when our own has ended before.

    Raises:
        RunError: No worker answers, or the broker does not.
    """
    if not local:
        if not answer():
            raise RunError("No worker answers. Start one in another terminal (make worker), or add --local")
        yield lambda: None
        return
    with TemporaryDirectory(prefix="linernotes-") as folder, own(Path(folder)) as worker:
        sys.stderr.write(f"Output of the worker: {worker.log}\n")
        yield worker.require
        # The run has ended, so there is nothing to wait for. A worker gives back at once what is not its own; what it
        # does after that is to let its threads sleep out, for two seconds.
        children.end(worker.process, by=signal.SIGQUIT, seconds=GIVE_BACK_SECONDS)


def own(folder: Path) -> AbstractContextManager[children.Child]:
    """Run a worker for all queues, with the watchdog's clock; killed with us, it gives back what it has begun."""
    arguments = ["-A", "config", "worker", "-B", "-s", str(folder / "beat"), "--loglevel=WARNING"]
    arguments += [f"--concurrency={concurrency()}", "-n", f"local{os.getpid()}@%h"]
    arguments += ["--without-gossip", "--without-mingle"]
    return children.running("local worker", "celery", arguments, end_by=signal.SIGQUIT)


def concurrency() -> int:
    """Return how many processes our own worker has.

    Raises:
        RunError: ``CONCURRENCY`` is no such number.
    """
    text = os.environ.get("CONCURRENCY") or str(os.cpu_count() or 1)
    if not re.fullmatch(r"[1-9][0-9]{0,2}", text):
        raise RunError(f"CONCURRENCY is {text!r}: give the number of the worker's processes, from 1 to 999, such as 2")
    return int(text)
