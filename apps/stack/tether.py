"""Runs a Python module as a program that ends with the process that started it, also when that is killed.

``python -m apps.stack.tether PID SIGNAL MODULE ARGUMENT …`` stays beside the module and looks whether its own parent,
the process PID, is still there. When it has gone, the module gets the signal, and after a while again; whatever is left
of the session after that is killed. Otherwise it passes signals on, and ends as the module does.

A signal that the kernel sends when a parent ends (``PR_SET_PDEATHSIG``) comes once: a Celery worker that is just
starting loses it now and then, and works on for nobody. It also knows nothing of the worker's children.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from types import FrameType

PR_SET_PDEATHSIG = 1
LOOK_SECONDS = 1.0
# From the first signal to the second one, and from that to the end of everything.
AGAIN_SECONDS, KILL_SECONDS = 5.0, 25.0
PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP)


def command(module: str, arguments: Sequence[str], *, by: signal.Signals) -> list[str]:
    """Return the command of a module that ends, by a signal, with this process; it needs a session of its own."""
    return [sys.executable, "-m", __name__, str(os.getpid()), str(int(by)), module, *arguments]


def tie(request: int) -> None:
    """Have the kernel send this process a signal when its parent ends. Linux alone can do so."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, request)


def run(parent: int, request: int, module: str, arguments: Sequence[str]) -> int:
    """Run the module until it ends or the parent has; return its status, negative for a signal."""
    process = subprocess.Popen([sys.executable, "-m", module, *arguments])  # noqa: S603

    def pass_on(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the signature of a handler
        process.send_signal(number)

    for each in PASSED_ON:
        signal.signal(each, pass_on)
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
    """End this process as another one has ended: with its status, or by the same signal."""
    if status < 0:
        # SIGKILL has no handler that could be taken away.
        with suppress(OSError):
            signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    sys.exit(status)


if __name__ == "__main__":
    end_as(run(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:]))
