"""The collector on real servers: what it publishes, its lock, what it takes over, and what it notes in the ledger."""

import subprocess
import sys
import threading
import time
from concurrent.futures import Executor, Future
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from django.db import connection

from apps.dashboard import backlog, health
from apps.dashboard.live import collecting, probes, snapshots, store
from apps.dashboard.live.collecting import Collector
from apps.dashboard.live.probes import Probe
from apps.ingest import ledger
from apps.ingest.feed.queues import NAMES
from apps.ingest.models import Chunk, DeadLetter, DumpFile, Event, Run, RunState
from config.celery import app
from tests.api.site import PROJECT

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _forget():
    yield
    health.get_cache_client().delete(store.SNAPSHOT, store.LOCK, store.WATCHED)


class SameThread(Executor):
    """Asks in the thread of the test, on its connection, whose transaction it is in."""

    def submit(self, ask, /, *_, **__):
        future = Future()
        try:
            future.set_result(ask())
        except OSError as error:
            future.set_exception(error)
        return future


@pytest.fixture
def collector(monkeypatch):
    monkeypatch.setattr(probes, "pool", SameThread())
    monkeypatch.setattr(connection, "close", lambda: None)
    probes.describe_ended.cache_clear()
    # Other tests leave messages.
    app.control.purge()
    made = Collector()
    # To ask workers takes seconds, and there are none.
    made.probes["workers"] = answer([])
    return made


def measure(collector):
    """Measure once, and return the data that were published."""
    for probe in collector.probes.values():
        probe.begun_at = float("-inf")
    collector.published_at = float("-inf")
    collector.measure(time.monotonic(), is_watched=False)
    return store.read_snapshot()["data"]


def answer(found):
    """Return a probe that finds something at once."""
    return Probe(lambda: found, 2)


def make_run(**fields):
    return Run.objects.create(
        **{"source": "discogs", "version": "20260801", "types": ["artists"], "stores": ["graph", "tables"], **fields}
    )


def test_servers_queues_and_disks_are_measured(collector):
    collector.probes["workers"] = probes.make_probes()["workers"]
    data = measure(collector)

    assert [each["status"] for each in (*data["databases"], *data["app"]["servers"])] == ["healthy"] * 4
    assert data["databases"][0]["size_bytes"] > 1_000_000
    assert data["databases"][0]["connection_count"] > 0
    assert data["databases"][1]["nodes"] >= 0
    assert [each["name"] for each in data["queues"]] == list(NAMES)
    assert all(each["history"][0][1] == 0 for each in data["queues"])
    assert all(0 < each["free"] < each["total"] for each in data["app"]["disks"].values())
    assert data["overall"]["reasons"] == ["no worker answers"]
    assert data["pipelines"]["discogs"] == {"services": [], "queues": []}


def test_an_unfinished_run_has_stages_with_rate_and_time_left(collector):
    now = datetime.now(UTC)
    run = make_run(state=RunState.EXTRACTING)
    file = DumpFile.objects.create(run=run, type="artists", path="x", bytes=100, bytes_read=100, first_load=True)
    for seq in range(4):
        done = {"extracted_at": now, "extract_seconds": 2.0} if seq < 3 else {}
        Chunk.objects.create(
            file=file, seq=seq, low_id=seq, high_id=seq, sha256=b"", xml_blob="x", records=100 if done else 0, **done
        )

    data = measure(collector)

    (found,) = data["runs"]
    stages = {each["name"]: (each["percentage"], each["state"]) for each in found["stages"]}
    assert stages == {
        "split": (100, "done"),
        "extract": (75, "busy"),
        "table": (0, "waiting"),
        "nodes": (0, "waiting"),
        "links": (0, "waiting"),
    }
    assert found["phase"] == "extract"
    assert found["records_per_second"] > 0
    assert found["eta_seconds"] is not None
    extractor = data["pipelines"]["discogs"]["services"][0]
    assert (extractor["name"], extractor["current_task"], extractor["progress"]) == (
        "extractor-discogs",
        "extract",
        0.75,
    )
    assert extractor["extraction_progress"] == {"artists": 300, "total": 300}
    assert extractor["last_extraction_time"]["artists"] < 60


def test_what_is_wrong_is_a_reason(collector):
    DeadLetter.objects.create(queue="graphinator", stage="graph", error="x")
    collector.probes["broker"] = Probe(refuse, 10)

    data = measure(collector)

    assert data["overall"]["heading"] == "Working, with 3 problems"
    assert data["overall"]["reasons"] == ["Broker does not answer", "no worker answers", "a dead letter waits"]
    assert Event.objects.get().kind == "server lost"
    assert next(each for each in data["queues"] if each["name"] == "graphinator")["dead"] == 1

    # Once it answers again, that is an event, too.
    collector.probes["broker"] = answer("valkey 9")
    measure(collector)
    measure(collector)
    assert list(Event.objects.order_by("pk").values_list("kind", flat=True)) == ["server lost", "server back"]


def refuse():
    raise ConnectionRefusedError


def worker(name="graphinator@db7", done=0, seconds_ago=0):
    return {
        "name": name,
        "last_seen": (datetime.now(UTC) - timedelta(seconds=seconds_ago)).isoformat(),
        "queues": ["graphinator"],
        "pool": 2,
        "active": {"graphinator": 1},
        "reserved": {"graphinator": 1},
        "done": {"graphinator": done},
    }


def test_workers_have_loads_and_queues_have_rates(collector):
    collector.probes["queues"] = answer({"graphinator": backlog.Backlog(7, None)})
    collector.probes["workers"] = answer([worker(done=10)])
    measure(collector)
    collector.probes["workers"] = answer([worker(done=30)])
    collector.inspected_at = time.monotonic() - 10

    data = measure(collector)

    (found,) = data["workers"]
    assert (found["status"], found["load"]) == ("healthy", 0.5)
    (queue,) = data["queues"]
    assert (queue["messages_ready"], queue["messages_unacknowledged"], queue["messages"]) == (7, 2, 9)
    assert queue["consumers"] == 1
    assert 1.0 < queue["ack_rate"] <= 2.0
    assert data["overall"] == {"status": "operational", "heading": "Everything works", "reasons": []}


def test_a_worker_that_is_silent_is_lost_and_then_forgotten(collector):
    collector.probes["workers"] = answer([worker(seconds_ago=collecting.LOST_SECONDS + 1), worker("other@db7")])

    data = measure(collector)

    assert [each["status"] for each in data["workers"]] == ["lost", "healthy"]
    assert data["overall"]["heading"] == "Working, but a worker was lost"
    assert "worker lost" in Event.objects.get().kind

    collector.workers["graphinator@db7"]["last_seen"] = worker(seconds_ago=collecting.FORGET_SECONDS + 1)["last_seen"]
    collector.probes["workers"] = answer([worker("other@db7")])
    assert [each["name"] for each in measure(collector)["workers"]] == ["other@db7"]


def test_new_events_are_messages_of_their_own(collector):
    measure(collector)
    ledger.note(None, "check failed", "discogs: the host db7 is away")
    with health.get_cache_client().pubsub(ignore_subscribe_messages=True) as channel:
        channel.subscribe(store.CHANNEL)
        measure(collector)
        taken = [channel.get_message(timeout=5) for _ in range(3)]
        messages = [orjson.loads(each["data"]) for each in taken if each]

    assert [each["type"] for each in messages] == ["metrics_update", "event"]
    assert messages[1]["data"]["level"] == "error"


def test_one_collector_works_and_the_next_one_takes_over(collector):
    other = Collector()
    assert store.hold_lock(collector.owner)
    assert not store.hold_lock(other.owner)
    data = measure(collector)

    store.release_lock(other.owner)
    assert not store.hold_lock(other.owner)
    store.release_lock(collector.owner)
    assert store.hold_lock(other.owner)
    other.take_over()

    assert {name: list(map(list, points)) for name, points in other.history.items()} == {
        each["name"]: each["history"] for each in data["queues"]
    }


def test_while_nobody_looks_it_measures_seldom(collector):
    measure(collector)
    began = collector.published_at

    collector.measure(began + collecting.IDLE_SECONDS - 1, is_watched=False)
    assert collector.published_at == began
    collector.measure(began + collecting.ROUND_SECONDS, is_watched=True)
    assert collector.published_at == began + collecting.ROUND_SECONDS


def test_anyone_sees_no_words(collector):
    make_run(state=RunState.FAILED, error="the disk of db7 is full")
    ledger.note(None, "check failed", "discogs: the host db7 is away", by="karin@example.com")
    collector.probes["workers"] = answer([worker()])

    measure(collector)

    public = orjson.dumps(snapshots.make_public(store.read_snapshot())).decode()
    for each in ("db7", "karin", "SPOOL_URL"):
        assert each in orjson.dumps(store.read_snapshot()).decode()
        assert each not in public


def test_the_command_ends_by_a_signal_and_frees_the_lock():
    process = subprocess.Popen([sys.executable, "manage.py", "status_collector"], cwd=PROJECT)
    try:
        until = time.monotonic() + 60
        while not health.get_cache_client().exists(store.LOCK):
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.1)
    finally:
        process.terminate()
        code = process.wait(20)

    assert code == 0
    assert not health.get_cache_client().exists(store.LOCK)


def test_the_loop_touches_the_liveness_file(collector, settings, tmp_path):
    settings.LIVENESS_FILE = str(tmp_path / "alive")
    stop = threading.Event()
    stop.set()

    collector.run(stop)
    assert not (tmp_path / "alive").exists()
    collector.touch_liveness_file()
    assert (tmp_path / "alive").exists()
