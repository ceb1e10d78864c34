"""Killing a worker or a server in the middle of a stage: the stores end up as if nothing had happened."""

import os
import time
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from pathlib import Path

import pytest

from tests.acceptance import snapshots, stages
from tests.acceptance.brokers import Broker, ValkeyBroker
from tests.acceptance.conftest import NO_RABBITMQ, Build, open_installation
from tests.acceptance.installation import Installation
from tests.dumps import FIRST_MONTH, pack

# As small as they get: a chunk for each record or two, so that each stage takes its time.
TINY_CHUNKS = {"INGEST_CHUNK_BYTES": "300", "INGEST_PIECE_BYTES": "1000"}
# Longer than what makes the watchdog look after a run.
OUTAGE_SECONDS = 5
RESUMED = "SELECT FROM ingest_event WHERE kind = 'resumed'"
Kill = Callable[[Installation], None]


def kill_children(installation: Installation) -> None:
    installation.worker.kill_children(installation.postgres_port())


def kill_worker(installation: Installation) -> None:
    installation.worker.kill()
    installation.worker.start()


def kill_broker(installation: Installation) -> None:
    installation.broker.kill()
    installation.broker.start()
    installation.worker.wait_until_ready()


KILLS: dict[str, Kill] = {"its children": kill_children, "the worker": kill_worker, "the broker": kill_broker}


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pack(FIRST_MONTH, "20260101", tmp_path_factory.mktemp("dump"))


@pytest.fixture(scope="module")
def undisturbed(
    build: Build, tmp_path_factory: pytest.TempPathFactory, valkey: ValkeyBroker, dump: Path
) -> snapshots.Snapshot:
    """Return what the stores hold when nothing happens."""
    with open_installation(build, tmp_path_factory.mktemp("undisturbed"), valkey, **TINY_CHUNKS) as installation:
        installation.load(dump)
        installation.require(dump)
        return installation.snapshot()


@pytest.fixture
def killable(
    build: Build, undisturbed: snapshots.Snapshot, tmp_path: Path, mortal_broker: Broker
) -> Iterator[Installation]:
    with open_installation(build, tmp_path / "installation", mortal_broker, **TINY_CHUNKS) as installation:
        yield installation


def is_there(group: int) -> bool:
    """Tell whether a group has a process."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def require_the_same(installation: Installation, undisturbed: snapshots.Snapshot) -> None:
    """Fail unless the run ends well by itself and the stores hold what they should."""
    state = installation.wait_for_end()
    differing = snapshots.differences(undisturbed, installation.snapshot())
    assert not differing, "\n".join([*differing, installation.report()])
    assert state == "completed", installation.report()
    assert not installation.ask("SELECT FROM ingest_deadletter"), installation.report()


# Each broker has its own turn of kills: no stage suffers the same one twice.
@pytest.mark.parametrize(
    ("mortal_broker", "first"),
    [("valkey", 0), pytest.param("rabbitmq", 1, marks=NO_RABBITMQ)],
    indirect=["mortal_broker"],
)
def test_a_run_survives_a_kill_in_the_middle_of_every_stage(
    killable: Installation, undisturbed: snapshots.Snapshot, dump: Path, first: int
) -> None:
    killable.manage("extract", "discogs", "--from", str(dump), "--no-wait")
    for stage, kill in zip(stages.STAGES, islice(cycle(KILLS.values()), first, None), strict=False):
        with stages.hold_stage(killable, stage):
            kill(killable)

    require_the_same(killable, undisturbed)


def test_a_worker_starts_its_clock_again_and_ends_with_it(build: Build, tmp_path: Path, valkey: ValkeyBroker) -> None:
    with open_installation(build, tmp_path / "installation", valkey) as installation:
        worker = installation.worker
        assert worker.process is not None
        group = worker.process.pid

        installation.wait_until(
            lambda: worker.list_connected(installation.postgres_port()), "the clock at the database"
        )
        worker.kill_children(installation.postgres_port())

        installation.wait_until(lambda: "another one starts" in worker.tail(), "another clock")
        worker.stop()
        installation.wait_until(lambda: not is_there(group), "the end of every process of it")


@pytest.mark.slow
@pytest.mark.parametrize("kill", KILLS)
def test_a_run_survives_the_same_kill_in_the_middle_of_every_stage(
    killable: Installation, undisturbed: snapshots.Snapshot, dump: Path, kill: str
) -> None:
    killable.manage("extract", "discogs", "--from", str(dump), "--no-wait")
    for stage in stages.STAGES:
        with stages.hold_stage(killable, stage):
            KILLS[kill](killable)

    require_the_same(killable, undisturbed)


@pytest.mark.slow
@pytest.mark.parametrize("stage", stages.STAGES)
@pytest.mark.parametrize("kill", KILLS)
def test_a_killed_run_is_resumed_by_the_command(
    killable: Installation, undisturbed: snapshots.Snapshot, dump: Path, kill: str, stage: str
) -> None:
    killable.manage("extract", "discogs", "--from", str(dump), "--no-wait")
    # The run would go on by itself, and might end before the command is there to resume it.
    with stages.keep_runs_open(killable):
        with stages.hold_stage(killable, stage):
            KILLS[kill](killable)
        resuming = killable.start("extract", "discogs", "--from", str(dump), "--resume", "--json")
        killable.wait_until(lambda: killable.ask(RESUMED), "the run resumed")
    done = killable.finish(resuming)

    assert done.code == 0, f"{done.stderr}\n{killable.report()}"
    assert done.result["run"] == 1
    require_the_same(killable, undisturbed)


@pytest.mark.slow
def test_stores_that_go_away_for_a_while_are_waited_for(
    killable: Installation, undisturbed: snapshots.Snapshot, dump: Path
) -> None:
    killable.manage("extract", "discogs", "--from", str(dump), "--no-wait")
    killable.wait_until(lambda: killable.value(stages.STAGES["extract"].begun), "a chunk extracted")
    with stages.stop_postgres():
        time.sleep(OUTAGE_SECONDS)
    stages.disconnect(killable)
    with stages.hold_stage(killable, "nodes"):
        time.sleep(OUTAGE_SECONDS)
    with stages.hold_stage(killable, "links"):
        stages.disconnect(killable)
    stages.kill_graph()

    require_the_same(killable, undisturbed)
