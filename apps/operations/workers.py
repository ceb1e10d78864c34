"""Whether there are workers, and workers of one's own for the time of a run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError

from apps.ingest.errors import RunError
from apps.stack import outages

ANSWER_SECONDS = 2.5
STOP_SECONDS = 20
GIVE_BACK_SECONDS = 0.5


def answer() -> bool:
    """Tell whether any worker answers within a few seconds."""
    try:
        return bool(current_app.control.ping(timeout=ANSWER_SECONDS, limit=1))
    except (OSError, OperationalError) as error:
        raise RunError(outages.explain_broker(error)) from error


@contextmanager
def for_the_run(*, local: bool) -> Iterator[None]:
    """Make sure that there are workers: those that run, or with ``local`` one of our own, which ends with the block.

    Raises:
        RunError: No worker answers, or the broker does not.
    """
    if not local:
        if not answer():
            raise RunError("No worker answers. Start one in another terminal (make worker), or add --local")
        yield
        return
    with tempfile.TemporaryDirectory(prefix="linernotes-") as folder, started(Path(folder)) as worker:
        yield
        # The run has ended, so there is nothing to wait for. A worker gives back at once what is not its own; what it
        # does after that is to let its threads sleep out, for two seconds.
        worker.send_signal(signal.SIGQUIT)
        end(worker, GIVE_BACK_SECONDS)


@contextmanager
def started(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker for all queues with the watchdog's clock, detached from the terminal's Ctrl-C."""
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "config",
        "worker",
        "-B",
        "-s",
        str(folder / "beat"),
        "--loglevel=WARNING",
    ]
    command += [f"--concurrency={os.environ.get('CONCURRENCY', os.cpu_count() or 1)}", "-n", f"local{os.getpid()}@%h"]
    command += ["--without-gossip", "--without-mingle"]
    worker = subprocess.Popen(  # noqa: S603 - a command of our own
        command, cwd=settings.BASE_DIR, stdin=subprocess.DEVNULL, stdout=sys.stderr, start_new_session=True
    )
    try:
        yield worker
    finally:
        stop(worker)


def stop(worker: subprocess.Popen[bytes]) -> None:
    """End a worker: let its tasks finish, and end it all the same if they do not."""
    if worker.poll() is None:
        worker.terminate()
    end(worker, STOP_SECONDS)


def end(worker: subprocess.Popen[bytes], seconds: float) -> None:
    """Wait for a worker to end, and kill it with its children if it takes longer."""
    try:
        worker.wait(seconds)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
