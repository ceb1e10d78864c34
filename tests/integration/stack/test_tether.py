"""A program that is tied to the one that started it: it ends with it, whatever it does about signals."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from apps.stack import processes

PROJECT = Path(__file__).parents[3]
END_SECONDS = 30

# Each writes its process id, in one piece.
OBEYS = "import os, time; os.write(1, b'%d\\n' % os.getpid()); time.sleep(600)"
# As a Celery worker does that is just starting.
LOSES_THE_FIRST = """
import os, signal, sys, time
seen = []
signal.signal(signal.SIGQUIT, lambda *_: sys.exit() if seen else seen.append(1))
os.write(1, b'%d\\n' % os.getpid())
while True:
    time.sleep(0.1)
"""
IGNORES_ALL = """
import os, signal, time
signal.signal(signal.SIGQUIT, signal.SIG_IGN)
os.write(1, b'%d\\n' % os.getpid())
time.sleep(600)
"""
LEAVES_A_CHILD = """
import os, signal, sys, time
if os.fork():
    signal.signal(signal.SIGQUIT, lambda *_: sys.exit())
else:
    signal.signal(signal.SIGQUIT, signal.SIG_IGN)
os.write(1, b'%d\\n' % os.getpid())
while True:
    time.sleep(0.1)
"""

# A parent with a tied program in a session of its own. It says the status of that when it ends.
PARENT = """
import os, signal, subprocess, sys
from apps.stack import tether
quick = (
    "import sys; from apps.stack import tether;"
    "tether.LOOK_SECONDS, tether.AGAIN_SECONDS, tether.KILL_SECONDS = 0.2, 1.0, 1.0;"
    "tether.end_as(tether.run(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:]))"
)
arguments = tether.command("program", [], by=signal.SIGQUIT)[3:]
process = subprocess.Popen([sys.executable, "-c", quick, *arguments], start_new_session=True)
print(process.wait(), flush=True)
"""


@pytest.fixture
def start(tmp_path):
    """Return what starts a parent of a program, and gives the parent and the process ids that the program writes."""
    parents, programs = [], []

    def start(program, processes=1):
        (tmp_path / "program.py").write_text(program)
        environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{PROJECT}"}
        parent = subprocess.Popen(
            [sys.executable, "-c", PARENT], env=environment, stdout=subprocess.PIPE, text=True, cwd=PROJECT
        )
        parents.append(parent)
        pids = [int(parent.stdout.readline()) for _ in range(processes)]
        programs.extend(pids)
        return parent, pids

    yield start
    for pid in programs:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    for parent in parents:
        parent.kill()
        parent.communicate()


def runs(pid):
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def require_end(pids):
    until = time.monotonic() + END_SECONDS
    while running := [pid for pid in pids if runs(pid)]:
        assert time.monotonic() < until, running
        time.sleep(0.1)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize(
    ("program", "processes"),
    [(OBEYS, 1), (LOSES_THE_FIRST, 1), (IGNORES_ALL, 1), (LEAVES_A_CHILD, 2)],
    ids=["obeys", "loses the first signal", "ignores all signals", "leaves a child"],
)
def test_it_ends_with_its_parent(start, program, processes):
    parent, pids = start(program, processes)

    parent.kill()

    require_end(pids)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGQUIT])
def test_a_program_that_is_killed_is_known_by_its_signal(start, number):
    parent, (pid,) = start(OBEYS)

    os.kill(pid, number)

    assert parent.communicate(timeout=END_SECONDS)[0] == f"{-number}\n"


def test_a_program_that_fails_is_known_by_its_status(start):
    parent, _ = start("import os, sys; os.write(1, b'%d\\n' % os.getpid()); sys.exit(7)")

    assert parent.communicate(timeout=END_SECONDS)[0] == "7\n"


def test_a_signal_is_passed_on(start):
    told = "signal.signal(signal.SIGTERM, lambda *_: sys.exit(9))"
    parent, _ = start(f"import os, signal, sys, time\n{told}\nos.write(1, b'%d\\n' % os.getpid())\ntime.sleep(600)")
    (tether,) = processes.children(parent.pid)

    os.kill(tether, signal.SIGTERM)

    assert parent.communicate(timeout=END_SECONDS)[0] == "9\n"
