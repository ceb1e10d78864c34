"""Run a Python module as a program that ends with the process that started it, even if that is killed.

``python -m apps.stack.tether PID SIGNAL MODULE ARGUMENT …`` runs beside the module and checks whether its own parent,
the process PID, still exists. When the parent has gone, it sends the signal to the module, after a while once more, and
then kills what is left of the session. Until then it passes signals on, and it exits as the module does.

The kernel can send a signal when a parent ends (``PR_SET_PDEATHSIG``), but only once. A Celery worker that is just
starting sometimes loses it and stays. Nor does that signal reach the worker's children.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from types import FrameType

LOOK_SECONDS = 1.0
# Seconds from the first signal to the second one, and from the second to the kill.
AGAIN_SECONDS, KILL_SECONDS = 5.0, 25.0
PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP)


def command(module: str, arguments: Sequence[str], *, by: signal.Signals) -> list[str]:
    """Return a command that runs a module and ends it by a signal when this process ends.

    The command must run in a session of its own, since all of the session is killed at the end.
    """
    return [sys.executable, "-m", __name__, str(os.getpid()), str(int(by)), module, *arguments]


def run(parent: int, request: int, module: str, arguments: Sequence[str]) -> int:
    """Run the module until it or the parent ends; return its status, which is negative for a signal."""
    process = subprocess.Popen([sys.executable, "-m", module, *arguments])  # noqa: S603

    def pass_on(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the signature of a handler
        process.send_signal(number)

    for each in PASSED_ON:
        signal.signal(each, pass_on)
    # When a parent ends, the system gives the process another one. Comparing is enough, and works on every Unix.
    while os.getppid() == parent:
        with suppress(subprocess.TimeoutExpired):
            return process.wait(LOOK_SECONDS)
    for seconds in (AGAIN_SECONDS, KILL_SECONDS):
        process.send_signal(request)
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
            break
    os.killpg(os.getpgrp(), signal.SIGKILL)
    return -signal.SIGKILL


def end_as(status: int) -> None:
    """End this process as the module ended: with the same status or by the same signal."""
    if status < 0:
        # SIGKILL has no handler that could be reset, hence the suppressed error.
        with suppress(OSError):
            signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    sys.exit(status)


if __name__ == "__main__":
    end_as(run(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:]))
