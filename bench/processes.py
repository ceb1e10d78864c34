"""What processes use, from ``/proc``: CPU seconds, also of those that have ended, and resident memory."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PROC = Path("/proc")
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGESIZE")
SAMPLE_SECONDS = 0.2
# A server's child that has ended counts for its parent as soon as that has asked for it.
REAPED_SECONDS = 0.3
MEGABYTE = 1e6
# Growth of the resident memory over its highest at which the proportional one is read again.
GROWN = 1.02


@dataclass(frozen=True, slots=True)
class Process:
    """One process; ``cpu_seconds`` includes those of its ended children."""

    pid: int
    parent: int
    cpu_seconds: float


Listing = dict[int, Process]


def list_processes() -> Listing:
    """Return every process there is."""
    return {process.pid: process for entry in os.listdir(PROC) if entry.isdigit() for process in read(int(entry))}


def read(pid: int) -> Iterator[Process]:
    """Yield a process, if it is still there."""
    # "pid (name) state parent …"; the name may hold anything, a closing bracket too.
    fields = content(pid, "stat").rpartition(")")[2].split()
    if fields:
        yield Process(pid, int(fields[1]), sum(map(int, fields[11:15])) / TICKS_A_SECOND)


def content(pid: int, name: str) -> str:
    """Return a file of a process, nothing if it has ended."""
    try:
        return (PROC / str(pid) / name).read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def tree(processes: Listing, root: int) -> Iterator[tuple[int, Process]]:
    """Yield (depth, process) of a process and its descendants."""
    children = defaultdict(list)
    for process in processes.values():
        children[process.parent].append(process)
    level = [processes[root]] if root in processes else []
    depth = 0
    while level:
        yield from ((depth, process) for process in level)
        level = [child for process in level for child in children[process.pid]]
        depth += 1


def cpu_seconds(processes: Listing, root: int) -> float:
    """Return the CPU seconds of a process and all its descendants, living or ended."""
    return sum(process.cpu_seconds for _, process in tree(processes, root))


def resident_bytes(pid: int) -> int:
    """Return the resident memory of a process, shared pages in full."""
    return int((content(pid, "statm") or "0 0").split()[1]) * PAGE_BYTES


def proportional_bytes(pid: int) -> int:
    """Return the resident memory of a process, shared pages in proportion."""
    lines = content(pid, "smaps_rollup").splitlines()
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


@dataclass(slots=True)
class Peak:
    """The most that processes of one kind were and had: how many, the largest, all together at one moment."""

    processes: int = 0
    largest_rss: int = 0
    largest_pss: int = 0
    together_pss: int = 0

    def add_resident(self, sizes: Sequence[int]) -> None:
        """Take the resident memory of each process at one moment."""
        self.processes = max(self.processes, len(sizes))
        self.largest_rss = max(self.largest_rss, *sizes)

    def add_proportional(self, sizes: Sequence[int]) -> None:
        """Take the memory of each process at one moment, shared pages in proportion."""
        self.largest_pss = max(self.largest_pss, *sizes)
        self.together_pss = max(self.together_pss, sum(sizes))

    def as_megabytes(self) -> dict[str, float]:
        """Return the peak for a report."""
        names = ("largest_rss", "largest_pss", "together_pss")
        return {
            "processes": self.processes,
            **{f"{name}_mb": round(getattr(self, name) / MEGABYTE, 1) for name in names},
        }


@dataclass(slots=True)
class Measurement:
    """What one command used, itself and in the servers."""

    name: str
    seconds: float
    cpu: dict[str, float]
    memory: dict[str, dict[str, float]]
    # of the watch, which ran beside it: a disturbance
    watch_cpu: float
    output: str
    # (moment, CPU seconds until then of each role), five times a second
    moments: list[tuple[float, dict[str, float]]] = field(default_factory=list)

    @property
    def cpu_total(self) -> float:
        """CPU seconds of everything together."""
        return sum(self.cpu.values())


class Family:
    """The descendants of a few processes. Who is whose child is read once for each process, as most are not of it."""

    def __init__(self, roots: Collection[int]) -> None:
        self.roots = roots
        self.parents: dict[int, int] = {}

    def list_members(self) -> Listing:
        """Return those that live."""
        living = {int(entry) for entry in os.listdir(PROC) if entry.isdigit()}
        new = (process for pid in living - self.parents.keys() for process in read(pid))
        self.parents = {pid: parent for pid, parent in self.parents.items() if pid in living}
        self.parents |= {process.pid: process.parent for process in new}
        return {process.pid: process for pid in living if self.is_member(pid) for process in read(pid)}

    def is_member(self, pid: int | None) -> bool:
        """Tell whether a process descends from one of ours."""
        while pid is not None and pid not in self.roots:
            pid = self.parents.get(pid)
        return pid is not None


class Watch(threading.Thread):
    """Looks at a command and at the servers a few times a second.

    Proportional memory is dear: the kernel walks all pages, 5 to 25 ms a process, and the process cannot map any then.
    So it is read when the resident memory, which is cheap, has grown over the highest so far.
    """

    def __init__(self, command_pid: int, roots: Mapping[str, int], kinds: Sequence[str]) -> None:
        super().__init__(daemon=True)
        self.roots, self.kinds = {"client": command_pid, **roots}, kinds
        self.family = Family(self.roots.values())
        self.moments: list[tuple[float, dict[str, float]]] = []
        self.peaks: defaultdict[str, Peak] = defaultdict(Peak)
        self.highest: defaultdict[str, int] = defaultdict(int)
        self.ended = threading.Event()
        self.cpu = 0.0

    def run(self) -> None:
        """Take samples until the end."""
        while not self.ended.wait(SAMPLE_SECONDS):
            self.sample()
        self.cpu = time.thread_time()

    def sample(self) -> None:
        """Take one sample of CPU and memory."""
        processes = self.family.list_members()
        self.moments.append((time.time(), {role: cpu_seconds(processes, root) for role, root in self.roots.items()}))
        members = defaultdict(list)
        for role, root in self.roots.items():
            for depth, process in tree(processes, root):
                kind = self.kinds[min(depth, len(self.kinds) - 1)] if role == "client" else role
                members[kind].append(process.pid)
                members["all"].append(process.pid)
        for kind, pids in members.items():
            self.add_memory(kind, pids)

    def add_memory(self, kind: str, pids: Sequence[int]) -> None:
        """Take the memory of the processes of one kind."""
        resident = [resident_bytes(pid) for pid in pids]
        self.peaks[kind].add_resident(resident)
        if sum(resident) > self.highest[kind] * GROWN:
            self.highest[kind] = sum(resident)
            self.peaks[kind].add_proportional([proportional_bytes(pid) for pid in pids])


class CommandFailedError(Exception):
    """A measured command failed; the message has the end of its log."""


def measure(
    name: str,
    command: Sequence[str],
    *,
    roots: Mapping[str, int],
    kinds: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    log: Path,
) -> Measurement:
    """Run a command to its end and measure it.

    ``roots`` are the servers' roles and pids; ``kinds`` name the command, its children, their children and so on.

    Raises:
        CommandFailedError: Its status was not 0.
    """
    output = log.with_suffix(".out")
    before = list_processes()
    began = time.perf_counter()
    with output.open("wb") as stdout, log.open("wb") as stderr:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=stdout, stderr=stderr, stdin=subprocess.DEVNULL
        )
    watch = Watch(process.pid, roots, kinds)
    watch.start()
    try:
        _, status, usage = os.wait4(process.pid, 0)
    except BaseException:
        # As Ctrl-C would: the command ends its worker itself.
        process.send_signal(signal.SIGINT)
        process.wait()
        raise
    finally:
        seconds = time.perf_counter() - began
        watch.ended.set()
        watch.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    time.sleep(REAPED_SECONDS)
    after = list_processes()
    if process.returncode:
        raise CommandFailedError(
            f"{name} failed ({process.returncode}), see {log}:\n{log.read_text(errors='replace')[-2000:]}"
        )
    cpu = {role: cpu_seconds(after, root) - cpu_seconds(before, root) for role, root in roots.items()}
    memory = {kind: peak.as_megabytes() for kind, peak in watch.peaks.items()}
    moments = [
        (
            at,
            {role: used - cpu_seconds(before, roots[role]) if role in roots else used for role, used in sample.items()},
        )
        for at, sample in watch.moments
    ]
    # A worker that is killed never asks for its children, so theirs is in no sum at the end: only while they lived.
    last_seen = max((sample["client"] for _, sample in watch.moments), default=0.0)
    used = {"client": max(usage.ru_utime + usage.ru_stime, last_seen), **cpu}
    return Measurement(name, seconds, used, memory, watch.cpu, output.read_text(errors="replace"), moments)
