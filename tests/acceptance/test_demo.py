"""The demo and the sample: interrupted, killed, and taken up again. What it started ends with it."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from apps.operations.management.commands.load_sample import SAMPLE
from apps.stack import ports, processes
from tests.acceptance.brokers import ValkeyBroker
from tests.acceptance.conftest import Build, open_installation
from tests.acceptance.installation import Installation
from tests.dumps import FIRST_MONTH, pack

END_SECONDS = 60
SITE_SECONDS = 300


@pytest.fixture
def empty(build: Build, tmp_path: Path, valkey: ValkeyBroker) -> Iterator[Installation]:
    """Return an installation without a worker, whose chunks are as large as they are by default."""
    with open_installation(
        build, tmp_path / "it", valkey, with_worker=False, INGEST_CHUNK_BYTES="8388608"
    ) as installation:
        yield installation


def members(installation: Installation) -> set[int]:
    """Return the processes that were started for an installation, by the folder in their environment."""
    mark = f"LINERNOTES_STACK_DIR={installation.folder / 'stack'}\0".encode()
    found = set()
    for entry in processes.PROC.glob("[0-9]*"):
        try:
            if mark in (entry / "environ").read_bytes():
                found.add(int(entry.name))
        except OSError:
            continue
    return found


def require_end(installation: Installation) -> None:
    """Fail unless everything that was started for an installation ends by itself; what does not is killed."""
    try:
        installation.wait_until(lambda: not members(installation), "the end of all processes", END_SECONDS)
    finally:
        # A worker that stays would take the messages of other tests.
        for pid in members(installation):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def wait_for_site(installation: Installation, command: subprocess.Popen[str], port: int) -> None:
    installation.wait_until(lambda: ports.is_answering(port) or command.poll() is not None, "the site", SITE_SECONDS)
    assert command.poll() is None, command.communicate()


def has_begun(installation: Installation) -> bool:
    return installation.run[1] == "extracting"


@pytest.mark.slow
@pytest.mark.parametrize("request_", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda each: each.name)
def test_a_demo_that_is_interrupted_while_it_loads_is_taken_up_by_the_next(
    empty: Installation, request_: signal.Signals
) -> None:
    port = ports.choose()
    demo = empty.start("demo", "--port", str(port))
    empty.wait_until(lambda: has_begun(empty), "a run", SITE_SECONDS)
    demo.send_signal(request_)
    done = empty.finish(demo)

    assert done.code == 0, done
    assert "Traceback" not in done.stderr
    assert "Run 1 stands still: make demo and make load-sample go on with it" in done.stderr
    assert done.stdout.endswith("Ended\n")
    require_end(empty)

    demo = empty.start("demo", "--port", str(port))
    wait_for_site(empty, demo, port)
    assert empty.run == (1, "completed")
    assert requests.get(f"http://127.0.0.1:{port}/", timeout=60).status_code == 200
    demo.send_signal(signal.SIGINT)
    assert empty.finish(demo).code == 0
    require_end(empty)


@pytest.mark.slow
def test_what_a_demo_started_ends_when_it_is_killed(empty: Installation) -> None:
    port = ports.choose()
    demo = empty.start("demo", "--port", str(port))
    empty.wait_until(lambda: has_begun(empty), "a run", SITE_SECONDS)
    demo.kill()
    require_end(empty)

    demo = empty.start("demo", "--port", str(port))
    wait_for_site(empty, demo, port)
    demo.kill()
    require_end(empty)
    assert empty.run == (1, "completed")


def test_a_demo_whose_port_is_taken_says_so_at_once(empty: Installation) -> None:
    port = ports.choose()
    with ports.socket.create_server((ports.HOST, port)):
        done = empty.manage("demo", "--port", str(port))

    assert done.code == 1
    assert f"CommandError: Port {port} is taken by another program." in done.error
    assert done.stdout == ""


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1"])
def test_a_port_that_is_none_is_refused(empty: Installation, port: str) -> None:
    done = empty.manage("demo", f"--port={port}")

    assert done.code == 2
    assert "give a port from 1 to 65535, such as 8000" in done.error


def test_the_sample_is_not_loaded_over_another_dump(empty: Installation, tmp_path: Path) -> None:
    empty.load(pack(FIRST_MONTH, "20260101", tmp_path / "first"), "--local")

    done = empty.manage("load_sample")

    assert done.code == 0, done
    assert done.stdout == "The sample is left out: the tables hold another dump (run 1: discogs 20260101)\n"
    assert empty.run == (1, "completed")


def test_the_sample_waits_for_an_unfinished_run_of_another_dump(empty: Installation, tmp_path: Path) -> None:
    folder = pack(FIRST_MONTH, "20260101", tmp_path / "first")
    interrupted = empty.start("extract", "discogs", "--from", str(folder), "--local")
    empty.wait_until(lambda: has_begun(empty), "a run")
    interrupted.send_signal(signal.SIGINT)
    said = empty.finish(interrupted)

    done = empty.manage("load_sample")

    assert said.code == 130
    assert "Run 1 stands still, since its worker ends now." in said.stderr
    assert "go on: manage.py extract discogs --resume --local" in said.stderr
    assert done.code == 0, done
    assert "The sample is left out: run 1: discogs 20260101 is unfinished" in done.stdout
    assert SAMPLE.is_dir()


# The worker of a command's own


def test_its_output_goes_to_a_file_that_is_named(empty: Installation, tmp_path: Path) -> None:
    folder = pack(FIRST_MONTH, "20260101", tmp_path / "first")
    log = empty.folder / "stack" / "logs" / "local-worker.log"

    done = empty.manage("extract", "discogs", "--from", str(folder), "--local")

    assert done.code == 0, done
    assert f"Output of the worker: {log}" in done.stderr
    assert '"event": "stage done"' in log.read_text()
    for of_the_worker in ('"event"', "shutdown", "Ctrl"):
        assert of_the_worker not in done.stderr + done.stdout
    require_end(empty)


def test_it_leaves_the_insights_and_says_who_computes_them(empty: Installation, tmp_path: Path) -> None:
    folder = pack(FIRST_MONTH, "20260101", tmp_path / "first")

    loaded = empty.manage("extract", "discogs", "--from", str(folder), "--local")
    computed = empty.manage("compute_insights", "data_completeness")

    assert "The next worker computes the insights; manage.py compute_insights does it now" in loaded.stderr
    assert "data_completeness: 4 rows in " in computed.stdout, computed


def test_a_worker_that_ends_by_itself_is_not_waited_for(empty: Installation, tmp_path: Path) -> None:
    folder = pack(FIRST_MONTH, "20260101", tmp_path / "first")
    command = empty.start("extract", "discogs", "--from", str(folder), "--local")
    empty.wait_until(lambda: has_begun(empty), "a run")
    (tether,) = processes.children(command.pid)
    empty.wait_until(lambda: list(processes.children(tether)), "the worker")
    (worker,) = processes.children(tether)
    os.kill(worker, signal.SIGKILL)

    done = empty.finish(command)

    assert done.code == 1
    assert "The local worker ended by itself (status -9); its output is in" in done.error
    assert "Traceback" not in done.stderr
    require_end(empty)


def test_a_worker_ends_with_a_command_that_is_killed(empty: Installation, tmp_path: Path) -> None:
    folder = pack(FIRST_MONTH, "20260101", tmp_path / "first")
    command = empty.start("extract", "discogs", "--from", str(folder), "--local")
    empty.wait_until(lambda: has_begun(empty) and empty.value("SELECT count(*) FROM ingest_chunk"), "a chunk")

    command.kill()

    require_end(empty)


@pytest.mark.parametrize("text", ["many", "0", "-2", "1.5"])
def test_a_number_of_processes_that_is_none_is_refused(empty: Installation, text: str) -> None:
    done = empty.manage("extract", "discogs", "--from", "sample", "--local", CONCURRENCY=text)

    assert done.code == 1
    assert f"CommandError: CONCURRENCY is '{text}': give the number of the worker's processes" in done.error
