"""Check whether workers answer, or run a local worker for the time of a run."""

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
    """Tell whether any worker answers within ``ANSWER_SECONDS``.

    Raises:
        RunError: The broker does not answer.
    """
    try:
        # A ping and not a look at the queues: Redis and Valkey do not know their consumers.
        return bool(current_app.control.ping(timeout=ANSWER_SECONDS, limit=1))
    except (OSError, OperationalError) as error:
        raise RunError(outages.explain_broker(error)) from error


@contextmanager
def provide_workers(*, local: bool) -> Iterator[Callable[[], None]]:
    """Make sure that there are workers: running ones, or with ``local`` one that is started here, for the block only.

    Yields a function that raises StackError if the local worker has ended too early.

    Raises:
        RunError: No worker answers, or the broker does not answer.
    """
    if not local:
        if not answer():
            raise RunError("No worker answers. Start one in another terminal (make worker), or add --local")
        yield lambda: None
        return
    with TemporaryDirectory(prefix="linernotes-") as folder, run_own_worker(Path(folder)) as worker:
        sys.stderr.write(f"Output of the worker: {worker.log}\n")
        yield worker.require
        # The run has ended, so there is nothing to wait for. The worker returns messages that it has not begun at once;
        # afterwards it would only wait two seconds for its sleeping threads.
        children.end(worker.process, by=signal.SIGQUIT, seconds=GIVE_BACK_SECONDS)


def run_own_worker(folder: Path) -> AbstractContextManager[children.Child]:
    """Run a worker for all queues, with beat for the watchdog. If this process is killed, it returns its messages."""
    arguments = ["-A", "config", "worker", "-B", "-s", str(folder / "beat"), "--loglevel=WARNING"]
    # The name has the process id: two commands on one host must not have workers of the same name.
    arguments += [f"--concurrency={concurrency()}", "-n", f"local{os.getpid()}@%h"]
    # Both talk to other workers at the start. This one does not need to know of them, and should begin at once.
    arguments += ["--without-gossip", "--without-mingle"]
    return children.run_in_background("local worker", "celery", arguments, end_by=signal.SIGQUIT)


def concurrency() -> int:
    """Return the number of processes of the local worker: ``CONCURRENCY``, or the number of cores.

    Raises:
        RunError: ``CONCURRENCY`` is no number from 1 to 999.
    """
    text = os.environ.get("CONCURRENCY") or str(os.cpu_count() or 1)
    if not re.fullmatch(r"[1-9][0-9]{0,2}", text):
        raise RunError(f"CONCURRENCY is {text!r}: give the number of the worker's processes, from 1 to 999, such as 2")
    return int(text)
