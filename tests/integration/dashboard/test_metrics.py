"""Metrics: what Prometheus reads, and who may."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from apps.dashboard import backlog, health, metrics
from apps.ingest import ledger
from apps.ingest.models import Chunk, DeadLetter, Run, RunState
from tests.loading import add_chunks, give_up, start
from tests.records import artist

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("spooled")]
OUTSIDE = {"REMOTE_ADDR": "192.0.2.1"}


@pytest.fixture(autouse=True)
def _ask_anew(monkeypatch):
    """Ask anew, and give servers time: a machine with other work to do is slow, not wrong."""
    monkeypatch.setattr(health, "TIMEOUT_SECONDS", 30)
    metrics.collector.forget()


def read(client):
    """Return (name, labels) → value of every sample of ours."""
    text = client.get("/metrics").content.decode()
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name.startswith("linernotes_")
    }


def labels(**given):
    return tuple(sorted(given.items()))


def refuse():
    raise ConnectionRefusedError


@pytest.fixture
def run():
    """A run with two chunks of artists, one of which is in its table, within this minute."""
    made = start("artists", "labels")
    first, second = add_chunks(made, "artists", [[artist(1), artist(2)], [artist(3)]])
    Chunk.objects.filter(pk=first.pk).update(records=120, for_graph=2)
    for stage in ("extract", "table"):
        ledger.mark(first, stage)
        ledger.record_time(first.pk, stage, 1.5)
    Chunk.objects.filter(pk=second.pk).update(records=30)
    ledger.mark(second, "extract")
    ledger.record_time(second.pk, "extract", 0.5)
    return made


def test_what_the_ledger_tells(client, run):
    found = read(client)

    of_artists = {"source": "discogs", "type": "artists"}
    assert found["linernotes_run_records_total", labels(**of_artists, stage="extract")] == 150
    assert found["linernotes_run_records_total", labels(**of_artists, stage="table")] == 120
    assert found["linernotes_run_records_total", labels(**of_artists, stage="graph")] == 0
    assert found["linernotes_records_per_second", labels(**of_artists, stage="extract")] == 2.5
    assert found["linernotes_stage_seconds_sum", labels(**of_artists, stage="extract")] == 2.0
    assert found["linernotes_stage_seconds_count", labels(**of_artists, stage="extract")] == 2
    assert found["linernotes_run_info", labels(source="discogs", run=str(run.pk), version=run.version)] == 1
    assert found["linernotes_run_heartbeat_age_seconds", labels(source="discogs")] >= 0
    states = {dict(rest)["state"]: value for (name, rest), value in found.items() if name == "linernotes_run_state"}
    assert states == {each.value: int(each == RunState.EXTRACTING) for each in RunState}
    assert found["linernotes_collected", labels(part="ledger")] == 1


def test_the_newest_run_is_told_of(client, run):
    ledger.end(run, RunState.FAILED)
    newest = start("artists")

    found = read(client)

    assert ("linernotes_run_info", labels(source="discogs", run=str(newest.pk), version=newest.version)) in found
    assert found["linernotes_run_state", labels(source="discogs", state="extracting")] == 1
    assert found["linernotes_run_state", labels(source="discogs", state="failed")] == 0


def test_an_ended_run_has_no_heartbeat(client, run):
    ledger.end(run, RunState.COMPLETED)

    assert ("linernotes_run_heartbeat_age_seconds", labels(source="discogs")) not in read(client)


def test_dead_letters_that_were_not_replayed(client, run):
    assert read(client)["linernotes_dead_letters", ()] == 0
    for chunk in Chunk.objects.all():
        give_up(chunk, "table")
    DeadLetter.objects.filter(chunk__seq=0).update(replayed_at=run.started_at)
    metrics.collector.forget()

    assert read(client)["linernotes_dead_letters", ()] == 1


def test_what_the_graph_lacks_is_a_debt_once_its_run_has_ended(client, run):
    assert read(client)["linernotes_debt_chunks", labels(type="artists")] == 0
    ledger.end(run, RunState.CANCELLED)
    metrics.collector.forget()

    found = read(client)
    assert found["linernotes_debt_chunks", labels(type="artists")] == 1
    assert found["linernotes_debt_chunks", labels(type="labels")] == 0


def test_what_the_broker_tells(client, monkeypatch):
    monkeypatch.setattr(backlog, "measure_queues", lambda: {"graphinator": backlog.Backlog(7, None)})

    assert read(client)["linernotes_queue_messages", labels(queue="graphinator")] == 7


def test_the_broker_is_really_asked(client):
    assert read(client)["linernotes_collected", labels(part="broker")] == 1


def test_folders_that_cannot_be_written(client, settings, tmp_path):
    (tmp_path / "file").touch()
    settings.MUSICBRAINZ_ROOT = str(tmp_path / "file")

    found = read(client)

    assert found["linernotes_folder_writable", labels(setting="MUSICBRAINZ_ROOT")] == 0
    assert found["linernotes_folder_writable", labels(setting="QUALITY_ROOT")] == 1


def test_a_part_that_does_not_answer_is_left_out(client, monkeypatch):
    monkeypatch.setitem(metrics.PARTS, "ledger", refuse)

    found = read(client)

    assert found["linernotes_collected", labels(part="ledger")] == 0
    assert found["linernotes_collected", labels(part="broker")] == 1
    assert not any(name == "linernotes_run_state" for name, _ in found)


def test_it_is_asked_anew_after_a_while_alone(client):
    read(client)
    Run.objects.create(source="discogs", version="20260101", folder="", types=[], stores=[])

    assert not any(name == "linernotes_run_info" for name, _ in read(client))
    metrics.collector.forget()
    assert any(name == "linernotes_run_info" for name, _ in read(client))


def test_requests_are_counted(client):
    client.get("/health/live")

    text = client.get("/metrics").content.decode()

    assert "django_http_requests_total_by_view_transport_method_total{" in text
    assert 'view="dashboard:live"' in text


# Who may


def test_this_host_may(client):
    response = client.get("/metrics")

    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer "}, {"Authorization": "Bearer None"}])
def test_nobody_else_may_without_a_token_in_the_settings(client, headers):
    assert client.get("/metrics", headers=headers, **OUTSIDE).status_code == 403


def test_the_token_opens(client, settings):
    settings.METRICS_TOKEN = "of-the-scraper"

    assert client.get("/metrics", headers={"Authorization": "Bearer of-the-scraper"}, **OUTSIDE).status_code == 200


@pytest.mark.parametrize(
    "given", ["", "Bearer wrong", "Basic of-the-scraper", "of-the-scraper", "Bearer of-the-scrapeR"]
)
def test_nothing_but_the_token_does(client, settings, given):
    settings.METRICS_TOKEN = "of-the-scraper"

    response = client.get("/metrics", headers={"Authorization": given}, **OUTSIDE)

    assert response.status_code == 403
    assert b"linernotes_" not in response.content
