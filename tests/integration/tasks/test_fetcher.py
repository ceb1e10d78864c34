"""The tasks around a download: their order, each message twice, and what the schedule sends."""

import json
from pathlib import Path

import pytest
from celery import current_app

from apps.catalog.models import Artist
from apps.ingest.errors import WaitError
from apps.ingest.models import Chunk, DumpFile, FileState, Run, RunState
from apps.ingest.runs import markers, published, starting
from tasks import periodic
from tasks.extractor import extract_file, start_run
from tasks.fetcher import fetch_file, write_marker
from tasks.pipelines import is_empty
from tasks.settled import is_transient
from tasks.watchdog import watch
from tests.publisher import Answer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("spooled", "graph")]
ARTISTS = "discogs_20260601_artists.xml.gz"


@pytest.fixture
def run(publisher):
    return published.start(starting.Options("discogs"), is_empty=is_empty)


def apply(task, *args):
    """Do a task here and now; whatever it stands for follows at once."""
    return task.apply(args=args, throw=True).get()


def state(run):
    run.refresh_from_db()
    return run.state


def test_a_run_fetches_its_files_and_loads_them(run, publisher):
    apply(start_run, run.pk)

    assert state(run) == RunState.COMPLETED
    assert len(publisher.downloads()) == 4
    assert Artist.objects.count() == 14
    marker = json.loads(markers.path_of("20260601", "discogs").read_text())
    assert marker["summary"]["overall_status"] == "completed"
    assert marker["processing_phase"]["progress_by_file"][ARTISTS]["status"] == "completed"


def test_a_file_is_fetched_once_and_split_only_then(run, publisher):
    file = run.files.get(type="artists")

    apply(extract_file, file.pk)
    assert not Chunk.objects.exists()
    first = apply(fetch_file, file.pk)
    second = apply(fetch_file, file.pk)

    size = len(publisher.files[f"data/2026/{ARTISTS}"])
    assert first == {"status": "done", "bytes": size, "downloaded": 1}
    assert second == {"status": "done"}
    assert publisher.downloads() == [ARTISTS]


def test_a_file_that_cannot_be_had_fails_its_run_and_the_others_are_kept(run, publisher):
    publisher.answer(ARTISTS, Answer(404))

    apply(start_run, run.pk)

    assert state(run) == RunState.FAILED
    assert run.error.startswith(f"{ARTISTS} could not be fetched: {publisher.url}")
    assert DumpFile.objects.get(type="artists").state == FileState.FAILED
    assert DumpFile.objects.get(type="labels").state == FileState.COMPLETED
    marker = json.loads(markers.path_of("20260601", "discogs").read_text())
    assert marker["download_phase"]["status"] == "failed"
    assert marker["download_phase"]["errors"] == [run.error]


def test_a_task_that_finds_another_download_waits_for_it():
    assert is_transient(WaitError("another file is being fetched"))


def test_a_download_is_acknowledged_before_a_broker_gets_impatient():
    assert fetch_file.acks_late is False
    assert extract_file.acks_late is True


def sent_to(queue):
    """Take the messages of a queue from the broker."""
    with current_app.connection_for_read() as connection:
        channel = connection.default_channel
        found = []
        while (message := channel.basic_get(queue)) is not None:
            channel.basic_ack(message.delivery_tag)
            found.append((message.headers["task"], *message.decode()[0]))
        return found


@pytest.fixture
def _empty_queues():
    for queue in ("fetcher", "extractor"):
        sent_to(queue)


@pytest.mark.usefixtures("_empty_queues")
def test_a_check_begins_a_run_and_dispatches_it(publisher):
    apply(periodic.check_for_dumps, "discogs")
    run = Run.objects.get()
    apply(periodic.check_for_dumps, "discogs")

    assert run.version == "20260601"
    assert sent_to("extractor") == [("tasks.extractor.start_run", run.pk)]


def test_tidying_comes_twice(publisher, settings):
    run = published.start(starting.Options("discogs", stores=["tables"]), is_empty=is_empty)
    apply(start_run, run.pk)
    settings.DUMPS_KEEP = 0

    apply(periodic.tidy)
    apply(periodic.tidy)

    assert list(Path(settings.DISCOGS_ROOT).glob("*.gz")) == []
    assert Run.objects.get() == run


@pytest.mark.usefixtures("_empty_queues")
def test_the_watchdog_has_the_markers_of_ended_runs_written_where_the_dumps_are(run):
    starting.cancel(run)
    path = markers.path_of("20260601", "discogs")
    path.unlink()

    apply(watch)
    found = sent_to("fetcher")
    apply(write_marker, run.pk)

    assert found == [("tasks.fetcher.write_marker", run.pk)]
    assert json.loads(path.read_text())["summary"]["overall_status"] == "failed"
