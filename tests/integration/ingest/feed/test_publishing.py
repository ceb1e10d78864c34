"""The feed, as a program sees it that knows nothing of ours but the names of the exchanges."""

import io
import json
import os
import threading
import time
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from kombu import Connection, Consumer, Exchange, Queue

from apps.catalog import loader
from apps.catalog.models import Artist
from apps.catalog.written import read_written
from apps.ingest import ledger
from apps.ingest.errors import FeedError
from apps.ingest.feed import publishing
from apps.ingest.models import Chunk, DumpFile, RemovedEntity, Run, RunState
from tasks.feed import ask_for_due
from tasks.feed import publish as publish_task
from tests.loading import add_chunks, complete_files, extract, reload, start
from tests.records import artist, label

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("spooled")]
TYPES = ("artists", "labels", "masters", "releases")
NOBODY = "redis://127.0.0.1:1/0"
WAIT_SECONDS = 20


class Follower:
    """A plain consumer of the four exchanges of Discogs."""

    def __init__(self, connection):
        self.connection = connection
        self.found = []
        for each in TYPES:
            exchange = Exchange(f"linernotes-discogs-{each}", type="fanout", durable=True)
            queue = Queue(f"follower-{each}", exchange, exclusive=True, auto_delete=True, durable=False)
            consumer = Consumer(connection, [queue], accept=["json"], auto_declare=True)
            consumer.register_callback(lambda body, message, each=each: self.take(each, body, message))
            consumer.consume()
        # Redis subscribes with the first look.
        self.look(0.3)

    def take(self, record_type, body, message):
        assert message.content_type == "application/json"
        self.found.append((record_type, body))
        message.ack()

    def look(self, seconds):
        try:
            self.connection.drain_events(timeout=seconds)
        except TimeoutError:
            return False
        return True

    def all(self, count):
        """Return the next messages, and make sure that no more of them come."""
        until = time.monotonic() + WAIT_SECONDS
        while len(self.found) < count and time.monotonic() < until:
            self.look(1)
        while self.look(0.3):
            continue
        found, self.found = self.found, []
        assert len(found) == count, found
        return found


@pytest.fixture(params=["valkey", "rabbitmq"])
def follower(request, settings):
    """A follower on each kind of broker, which ours then uses too."""
    if request.param == "rabbitmq":
        url = os.environ.get("LINERNOTES_TEST_RABBITMQ_URL")
        if not url:
            pytest.skip("LINERNOTES_TEST_RABBITMQ_URL names no RabbitMQ")
        settings.CELERY_BROKER_URL = url
    with Connection(settings.CELERY_BROKER_URL) as connection:
        yield Follower(connection)


@pytest.fixture
def valkey(settings):
    with Connection(settings.CELERY_BROKER_URL) as connection:
        yield Follower(connection)


def load(**records):
    """Load a month into the tables."""
    run = start(*records, stores=["tables"])
    for record_type, given in records.items():
        add_chunks(run, record_type, given)
    for chunk in Chunk.objects.filter(file__run=run):
        extract(chunk)
        loader.load(reload(chunk))
    return run


def complete(run):
    """Complete the files of a run, and the run."""
    complete_files(run)
    ledger.end(run, RunState.COMPLETED)
    return Run.objects.get(pk=run.pk)


def publish(run):
    return publishing.publish(Run.objects.get(pk=run.pk), read_written)


def test_complete_files_and_the_complete_run_are_always_told(follower):
    run = complete(load(artists=[artist(1), artist(2)], labels=[label(5)]))

    assert publish(run)

    found = follower.all(2 + 4)
    files = {body["data_type"]: body for _, body in found if body["type"] == "file_complete"}
    assert [kind for kind, body in found if body["type"] == "file_complete"] == ["artists", "labels"]
    assert files["artists"] == {
        "type": "file_complete",
        "data_type": "artists",
        "file": "artists.xml",
        "total_processed": 2,
        "timestamp": publishing.timestamp(run.files.get(type="artists").completed_at),
        "run_id": run.pk,
        "source": "discogs",
        "published": 0,
        "new": 2,
        "changed": 0,
        "unchanged": 0,
        "skipped": 0,
        "dropped": 0,
        "removed": 0,
        "batches": 1,
    }
    ends = [(kind, body) for kind, body in found if body["type"] == "extraction_complete"]
    assert sorted(kind for kind, _ in ends) == sorted(TYPES)
    assert ends[0][1] == {
        "type": "extraction_complete",
        "version": run.version,
        "started_at": publishing.timestamp(run.started_at),
        "timestamp": publishing.timestamp(run.files.order_by("completed_at").last().completed_at),
        "record_counts": {"artists": 2, "labels": 1},
        "run_id": run.pk,
        "source": "discogs",
        "published": 0,
        "skipped": 0,
        "batches": 2,
    }


def test_every_new_changed_and_removed_record_is_told_before_its_file(follower, settings):
    settings.FEED_RECORDS = True
    first = complete(load(artists=[artist(1, "A"), artist(2, "B"), artist(3, "C")]))
    publish(first)
    follower.all(3 + 1 + 4)

    second = complete(load(artists=[artist(1, "A"), artist(2, "changed"), artist(4, "D")]))
    publish(second)

    found = [body for kind, body in follower.all(2 + 1 + 1 + 4) if kind == "artists"]
    assert [body["type"] for body in found] == ["data", "data", "removed", "file_complete", "extraction_complete"]
    assert found[0] == {
        "type": "data",
        "id": "2",
        "sha256": bytes(Artist.objects.get(pk=2).hash).hex(),
        "name": "changed",
    }
    assert (found[1]["id"], found[2]) == ("4", {"type": "removed", "id": "3"})
    assert (found[3]["published"], found[3]["total_processed"], found[3]["removed"]) == (2, 3, 1)


def test_nothing_is_told_of_records_unless_asked_for(valkey):
    publish(load(artists=[artist(1)]))

    assert valkey.all(0) == []


def test_whether_records_are_told_is_decided_when_a_run_begins(valkey, settings):
    run = load(artists=[artist(1)])
    settings.FEED_RECORDS = True

    publish(run)

    assert valkey.all(0) == []


def test_a_record_is_told_as_soon_as_it_is_in_its_table(valkey, settings):
    settings.FEED_RECORDS = True
    run = load(artists=[artist(1)])

    assert publish(run)

    assert [body["id"] for _, body in valkey.all(1)] == ["1"]
    assert not publishing.is_due(Run.objects.get(pk=run.pk))


def test_an_id_out_of_order_is_told_too(valkey, settings):
    settings.FEED_RECORDS = True
    run = load(artists=[[artist(1), artist(9)], [artist(5), artist(12)]])

    publish(run)

    assert [body["id"] for _, body in valkey.all(4)] == ["1", "9", "12", "5"]


def test_keys_of_a_record_do_not_hide_those_of_the_envelope(valkey, settings):
    settings.FEED_RECORDS = True
    publish(load(artists=[artist(7, more="<type>band</type><sha256>none</sha256>")]))

    ((_, body),) = valkey.all(1)
    assert (body["type"], body["id"], len(body["sha256"])) == ("data", "7", 64)


def test_what_was_told_is_not_told_again(valkey, settings):
    settings.FEED_RECORDS = True
    run = complete(load(artists=[artist(1)]))
    publish(run)
    valkey.all(1 + 1 + 4)

    publish_task.apply(args=[run.pk], throw=True)

    assert valkey.all(0) == []
    assert Run.objects.get(pk=run.pk).fed_at


def test_what_was_told_in_part_is_told_again(valkey, settings):
    settings.FEED_RECORDS = True
    run = load(artists=[artist(1), artist(2)])

    def one_then_death(chunk):
        yield next(iter(read_written(chunk)))
        raise SystemExit

    with pytest.raises(SystemExit):
        publishing.publish(run, one_then_death)
    publish(run)

    # A batch that was not full had not left yet.
    assert [body["id"] for _, body in valkey.all(2)] == ["1", "2"]


def test_a_long_run_is_told_in_slices(valkey, settings, monkeypatch):
    settings.FEED_RECORDS = True
    monkeypatch.setattr(publishing, "SLICE_CHUNKS", 1)
    run = complete(load(artists=[[artist(1)], [artist(2)]]))

    assert not publish(run)
    assert [body["id"] for _, body in valkey.all(1)] == ["1"]
    assert publish(run)
    assert [body["type"] for _, body in valkey.all(1 + 1 + 4)][:2] == ["data", "file_complete"]


def test_a_feed_that_cannot_be_published_stays_due(settings):
    run = complete(load(artists=[artist(1)]))
    settings.CELERY_BROKER_URL = NOBODY

    with pytest.raises(FeedError, match="told again later"):
        publish(run)

    assert publishing.is_due(run)
    assert DumpFile.objects.get().fed_at is None


def test_a_feed_that_cannot_be_published_does_no_harm_to_its_run(settings):
    run = complete(load(artists=[artist(1)]))
    before = Run.objects.values().get()
    settings.CELERY_BROKER_URL = NOBODY

    for _ in range(2):
        publish_task.apply(args=[run.pk], throw=True)

    assert Run.objects.values().get() == before
    assert run.events.filter(kind="feed").count() == 1


def test_what_a_cancelled_run_wrote_is_told_and_then_its_account_is_closed(valkey, settings):
    settings.FEED_RECORDS = True
    run = load(artists=[artist(1)])
    ledger.end(run, RunState.CANCELLED)

    publish(run)
    assert [body["type"] for _, body in valkey.all(1)] == ["data"]
    assert Run.objects.get().fed_at is None

    Run.objects.update(completed_at=datetime.now(UTC) - 2 * publishing.LATE)
    assert publishing.is_due(Run.objects.get())
    publish(run)
    assert valkey.all(0) == []
    assert Run.objects.get().fed_at


def test_a_rebuilt_graph_is_no_news(valkey):
    run = start("artists", stores=["graph"])
    run.files.update(path="", state="completed")

    publish(run)

    assert valkey.all(0) == []
    assert Run.objects.get().fed_at


def test_a_purge_that_has_not_deleted_yet_is_not_told(valkey, settings):
    settings.FEED_RECORDS = True
    run = complete(load(artists=[artist(1)]))
    chunk = Chunk.objects.get()
    RemovedEntity.objects.create(run=run, chunk=chunk, record_type="artists", data_id=5)

    publish(run)

    assert "removed" not in {body["type"] for _, body in valkey.all(1 + 1 + 4)}


def test_the_watchdog_asks_for_what_is_due_alone(monkeypatch):
    due = complete(load(artists=[artist(1)]))
    told = start("artists")
    ledger.end(told, RunState.COMPLETED)
    Run.objects.filter(pk=told.pk).update(fed_at=datetime.now(UTC))
    start("labels")
    asked = []
    monkeypatch.setattr(publish_task, "apply_async", lambda args, **_: asked.append(args))

    ask_for_due()

    assert asked == [(due.pk,)]


# manage.py feed tail


@pytest.mark.usefixtures("follower")
def test_tail_prints_what_comes():
    run = complete(load(artists=[artist(1)]))
    out = io.StringIO()
    tail = threading.Thread(
        target=call_command,
        args=("feed", "tail", "--type", "artists", "--limit", "2"),
        kwargs={"stdout": out, "stderr": io.StringIO()},
    )
    tail.start()
    until = time.monotonic() + WAIT_SECONDS
    # It follows from when it is ready; who tells it once does not know when that is.
    while tail.is_alive() and time.monotonic() < until:
        DumpFile.objects.update(fed_at=None)
        publish(run)
        tail.join(0.2)

    assert not tail.is_alive()
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert len(lines) == 2
    assert {line["type"] for line in lines} <= {"file_complete", "extraction_complete"}


DISCOGS = ["discogs-artists", "discogs-labels", "discogs-masters", "discogs-releases"]
MUSICBRAINZ = ["musicbrainz-artists", "musicbrainz-labels", "musicbrainz-release-groups", "musicbrainz-releases"]


@pytest.mark.usefixtures("valkey")
@pytest.mark.parametrize(
    ("options", "followed"),
    [
        ([], DISCOGS + MUSICBRAINZ),
        (["--source", "discogs"], DISCOGS),
        (["--source", "musicbrainz"], MUSICBRAINZ),
        (["--type", "labels", "--type", "masters"], ["discogs-labels", "discogs-masters", "musicbrainz-labels"]),
        (["--type", "release-groups"], ["musicbrainz-release-groups"]),
    ],
    ids=str,
)
def test_tail_follows_all_sources_unless_one_is_named(options, followed):
    said = io.StringIO()
    call_command("feed", "tail", "--limit", "0", *options, stderr=said)

    found = said.getvalue().strip().removeprefix("Following ").split(", ")
    assert sorted(found) == [f"linernotes-{each}" for each in followed]


def test_tail_refuses_a_type_that_the_source_does_not_have():
    with pytest.raises(CommandError, match="--type: give some of"):
        call_command("feed", "tail", "--source", "discogs", "--type", "release-groups")


def test_tail_says_when_the_broker_is_away(settings):
    settings.CELERY_BROKER_URL = NOBODY

    with pytest.raises(CommandError, match="The broker is away"):
        call_command("feed", "tail")
