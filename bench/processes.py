"""What processes use, from ``/proc``: CPU seconds, also of those that have ended, and resident memory."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PROC = Path("/proc")
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGESIZE")
SAMPLE_SECONDS = 0.2
# A server's child that has ended counts for its parent as soon as that has asked for it.
REAPED_SECONDS = 0.3
MEGABYTE = 1e6


@dataclass(frozen=True, slots=True)
class Process:
    """One process; ``cpu_seconds`` includes those of its ended children."""

    pid: int
    parent: int
    cpu_seconds: float


Listing = dict[int, Process]


def listing() -> Listing:
    """Return every process there is."""
    return {process.pid: process for entry in PROC.iterdir() if entry.name.isdigit() for process in _read_stat(entry)}


def _read_stat(entry: Path) -> Iterator[Process]:
    try:
        # "pid (name) state parent …"; the name may hold anything, a closing bracket too.
        fields = (entry / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return
    yield Process(int(entry.name), int(fields[1]), sum(map(int, fields[11:15])) / TICKS_A_SECOND)


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


def memory_bytes(pid: int) -> tuple[int, int]:
    """Return the resident memory of a process: all of it, and with shared pages in proportion."""
    try:
        resident = int((PROC / str(pid) / "statm").read_text().split()[1]) * PAGE_BYTES
        rollup = (PROC / str(pid) / "smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0, 0
    return resident, next((int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Pss:")), 0)


@dataclass(slots=True)
class Peak:
    """The most that processes of one kind were and had: how many, the largest, all together at one moment."""

    processes: int = 0
    largest_rss: int = 0
    largest_pss: int = 0
    together_pss: int = 0

    def add(self, memory: Sequence[tuple[int, int]]) -> None:
        """Take one sample: (Rss, Pss) of each process."""
        self.processes = max(self.processes, len(memory))
        self.largest_rss = max(self.largest_rss, *(rss for rss, _ in memory))
        self.largest_pss = max(self.largest_pss, *(pss for _, pss in memory))
        self.together_pss = max(self.together_pss, sum(pss for _, pss in memory))

    def as_megabytes(self) -> dict[str, float]:
        """Return the peak for a report."""
        sizes = {
            "largest_rss_mb": self.largest_rss,
            "largest_pss_mb": self.largest_pss,
            "together_pss_mb": self.together_pss,
        }
        return {"processes": self.processes, **{name: round(size / MEGABYTE, 1) for name, size in sizes.items()}}


@dataclass(slots=True)
class Measurement:
    """What one command used, itself and in the servers."""

    name: str
    seconds: float
    cpu: dict[str, float]
    memory: dict[str, dict[str, float]]
    output: str
    # (moment, CPU seconds until then of each role), five times a second
    moments: list[tuple[float, dict[str, float]]] = field(default_factory=list)

    @property
    def cpu_total(self) -> float:
        """CPU seconds of everything together."""
        return sum(self.cpu.values())


class Watch(threading.Thread):
    """Looks at a command and at the servers a few times a second."""

    def __init__(self, command_pid: int, roots: Mapping[str, int], kinds: Sequence[str]) -> None:
        super().__init__(daemon=True)
        self.command_pid, self.roots, self.kinds = command_pid, roots, kinds
        self.moments: list[tuple[float, dict[str, float]]] = []
        self.peaks: defaultdict[str, Peak] = defaultdict(Peak)
        self.ended = threading.Event()

    def run(self) -> None:
        """Take samples until the end."""
        while not self.ended.wait(SAMPLE_SECONDS):
            self.sample()

    def sample(self) -> None:
        """Take one sample of CPU and memory."""
        processes = listing()
        roots = {"client": self.command_pid, **self.roots}
        self.moments.append((time.time(), {role: cpu_seconds(processes, root) for role, root in roots.items()}))
        memory = defaultdict(list)
        for role, root in roots.items():
            for depth, process in tree(processes, root):
                kind = self.kinds[min(depth, len(self.kinds) - 1)] if role == "client" else role
                memory[kind].append(memory_bytes(process.pid))
        for kind, sizes in memory.items():
            self.peaks[kind].add(sizes)
        self.peaks["all"].add([size for sizes in memory.values() for size in sizes])


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
    before = listing()
    began = time.perf_counter()
    with output.open("wb") as stdout, log.open("wb") as stderr:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=stdout, stderr=stderr, stdin=subprocess.DEVNULL
        )
    watch = Watch(process.pid, roots, kinds)
    watch.start()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    watch.ended.set()
    watch.join()
    time.sleep(REAPED_SECONDS)
    after = listing()
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
    return Measurement(
        name, seconds, {"client": usage.ru_utime + usage.ru_stime, **cpu}, memory, output.read_text(), moments
    )
