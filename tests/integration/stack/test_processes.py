"""Finding, stopping and starting processes by what they were started with."""

import shutil
import signal
import sys
import time
from pathlib import Path

import pytest

from apps.stack import processes

SLEEPER = "import signal, sys, time; {prepare}; print('ready', flush=True); time.sleep(60)"
IGNORE = "signal.signal(signal.SIGTERM, signal.SIG_IGN)"


def spawn(folder: Path, prepare: str = "pass") -> int:
    pid = processes.spawn([sys.executable, "-c", SLEEPER.format(prepare=prepare), str(folder)], log=folder / "log")
    while "ready" not in (folder / "log").read_text():
        time.sleep(0.01)
    return pid


def find(folder: Path) -> int | None:
    return processes.find(Path(sys.executable).name, folder)


def test_a_process_is_found_until_it_was_stopped(tmp_path: Path) -> None:
    pid = spawn(tmp_path)

    assert find(tmp_path) == pid
    processes.stop(pid, by=signal.SIGTERM, timeout_seconds=5)
    assert find(tmp_path) is None


def test_a_process_that_ignores_the_request_is_killed(tmp_path: Path) -> None:
    pid = spawn(tmp_path, prepare=IGNORE)

    processes.stop(pid, by=signal.SIGTERM, timeout_seconds=0.2)

    assert find(tmp_path) is None


def test_another_program_that_names_the_folder_is_not_ours(tmp_path: Path) -> None:
    pid = processes.spawn([shutil.which("tail") or "tail", "-f", str(tmp_path)], log=tmp_path / "log")

    assert find(tmp_path) is None
    processes.stop(pid, by=signal.SIGKILL, timeout_seconds=5)


def test_a_folder_whose_name_begins_the_same_is_not_ours(tmp_path: Path) -> None:
    pid = spawn(tmp_path)

    assert find(tmp_path.with_name(tmp_path.name[:-1])) is None
    processes.stop(pid, by=signal.SIGKILL, timeout_seconds=5)


def test_stopping_what_has_ended_does_nothing(tmp_path: Path) -> None:
    pid = spawn(tmp_path)
    processes.stop(pid, by=signal.SIGKILL, timeout_seconds=5)

    processes.stop(pid, by=signal.SIGTERM, timeout_seconds=5)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell the shared pages")
def test_memory_is_more_than_nothing(tmp_path: Path) -> None:
    pid = spawn(tmp_path)

    assert (processes.memory_bytes(pid) or 0) > 1024**2
    processes.stop(pid, by=signal.SIGKILL, timeout_seconds=5)
