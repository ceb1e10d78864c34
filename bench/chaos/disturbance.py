"""Inflicting the faults of a schedule on a running installation, and having everything that ended started again."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from apps.stack.errors import StackError
from bench.chaos.schedule import Fault
from bench.chaos.targets import Program, Report, Target, send


class Disturbance:
    """The faults of one trial, in a thread of their own."""

    def __init__(self, targets: Mapping[str, Target], faults: Sequence[Fault], report: Report) -> None:
        self.targets = targets
        self.faults = faults
        self.report = report
        self.over = threading.Event()
        self.inflicted = 0

    @contextmanager
    def run(self) -> Iterator[None]:
        """Keep everything going for the time of the block, and disturb it from its start."""
        threads = [
            threading.Thread(target=target.supervise, args=(self.over, self.report), name=f"supervise {name}")
            for name, target in self.targets.items()
        ]
        threads.append(threading.Thread(target=self.inflict_all, name="faults"))
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.over.set()
            for thread in threads:
                thread.join()
            for target in self.targets.values():
                if isinstance(target, Program):
                    target.end()
                elif target.pid() is None:
                    target.start()

    @property
    def is_over(self) -> bool:
        """Tell whether the last fault has come."""
        return self.inflicted == len(self.faults)

    def inflict_all(self) -> None:
        """Inflict one fault after the other, each at its time or as soon as the one before it is over."""
        began = time.monotonic()
        for fault in self.faults:
            if self.over.wait(max(0.0, fault.at - (time.monotonic() - began))):
                return
            self.report(f"{fault}  (at {time.monotonic() - began:.1f} s)")
            try:
                inflict(fault, self.targets[fault.target])
            except (StackError, OSError) as error:
                self.report(f"{fault.target}: {str(error).splitlines()[0]}")
            self.inflicted += 1


def inflict(fault: Fault, target: Target) -> None:
    """Let a target suffer a fault; one that is not there at this moment does not."""
    pids = target.pids()
    if not pids:
        return
    match fault.kind:
        case "kill":
            target.kill()
        case "kill parent":
            send(pids[:1], signal.SIGKILL)
        case "kill child":
            chosen = int(fault.pick * (len(pids) - 1))
            send(pids[1:][chosen : chosen + 1], signal.SIGKILL)
        case "pause":
            pause(pids, fault.seconds)
        case "restart":
            target.stop()
        case "disconnect":
            target.disconnect()
        case _:
            raise ValueError(fault.kind)


def pause(pids: Sequence[int], seconds: float) -> None:
    """Let processes stand still for a while."""
    send(pids, signal.SIGSTOP)
    try:
        time.sleep(seconds)
    finally:
        send(pids, signal.SIGCONT)
