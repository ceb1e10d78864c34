"""Runs a Python module as a program that ends with the process that started it, also when that is killed.

``python -m apps.stack.tether PID SIGNAL MODULE ARGUMENT …``: the module gets the signal when the process PID, which
must be the parent, has ended. Linux alone can do so; elsewhere the program goes on.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Sequence

PR_SET_PDEATHSIG = 1


def command(module: str, arguments: Sequence[str], *, by: signal.Signals) -> list[str]:
    """Return the command of a module that ends, by a signal, with this process."""
    return [sys.executable, "-m", __name__, str(os.getpid()), str(int(by)), module, *arguments]


def tie(request: int) -> None:
    """Have the kernel send this process a signal when its parent ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, request)


def run(parent: int, request: int, module: str, arguments: Sequence[str]) -> None:
    """Become the module, tied to the parent."""
    tie(request)
    # The parent may have ended before that.
    if os.getppid() == parent:
        os.execv(sys.executable, [sys.executable, "-m", module, *arguments])  # noqa: S606


if __name__ == "__main__":
    run(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:])
