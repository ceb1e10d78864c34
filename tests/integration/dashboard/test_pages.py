"""The status page as the server makes it: the snapshot, and what is loaded, with and without stores and collector."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError, ProgrammingError
from neo4j.exceptions import ServiceUnavailable

from apps.accounts.models import User
from apps.catalog.models import Artist
from apps.dashboard import overview
from apps.dashboard.health import get_cache_client
from apps.dashboard.live import snapshots, store
from apps.ingest.models import Chunk, DumpFile, Run, RunState

pytestmark = pytest.mark.django_db


def run(version="20260801", state=RunState.COMPLETED, **fields):
    return Run.objects.create(
        version=version,
        state=state,
        folder="/dumps",
        types=["artists"],
        stores=["graph", "tables"],
        **{"source": "discogs", **fields},
    )


def file(of, **fields):
    return DumpFile.objects.create(
        run=of, path="/dumps/x", first_load=False, **{"type": "artists", "bytes": 100, "bytes_read": 100, **fields}
    )


def chunk(of, seq, **fields):
    return Chunk.objects.create(
        file=of, seq=seq, low_id=seq * 10 + 1, high_id=seq * 10 + 10, sha256=b"", xml_blob="x", **fields
    )


def artist(data_id):
    return Artist.objects.create(data_id=data_id, hash=b"", rev=1, chunk_id=1, data={"name": "Somebody"})


@pytest.fixture
def counted(monkeypatch):
    monkeypatch.setattr(overview, "measure_graph", lambda: overview.GraphSize(nodes=12_345, relationships=67_890))


def text(response):
    return " ".join(response.content.decode().split())


def test_empty_stores_say_how_to_load(client, counted):
    response = client.get("/status/")

    assert response.status_code == 200
    assert "Nothing was loaded yet" in text(response)
    assert '<noscript><meta http-equiv="refresh" content="30"></noscript>' in text(response)
    assert "Nothing is measured" in text(response)


def test_records_nodes_and_the_newest_version_are_shown(client, counted):
    artist(1)
    artist(2)
    run("20260701")
    run("20260801")
    run("20260901", RunState.FAILED)
    run("20260805-001001", source="musicbrainz")

    page = text(client.get("/status/"))

    assert "<dt>Artists</dt><dd>2</dd>" in page
    assert "<dt>Nodes</dt><dd>12,345</dd>" in page
    assert "newest version <strong>20260801</strong>" in page


def test_the_graph_is_counted(graph):
    graph.run("CREATE (:Artist {id: '1'})-[:MEMBER_OF]->(:Artist {id: '2'})").consume()

    assert overview.measure_graph() == overview.GraphSize(nodes=2, relationships=1)


def test_an_unfinished_run_says_how_far_it_is(client, counted):
    going_on = run(state=RunState.EXTRACTING)
    chunk(file(going_on, bytes_read=50), 0, new=7)

    assert "Extracting, 10 %" in text(client.get("/status/"))


def test_ten_runs_are_listed_with_links_to_the_admin_for_staff(client, counted):
    runs = [run(f"202601{number:02}") for number in range(1, 13)]

    page = text(client.get("/status/"))
    client.force_login(User.objects.create_user("karin@example.com", is_staff=True))
    for_staff = text(client.get("/status/"))

    assert page.count("Discogs 202601") == 10
    assert "/admin/" not in page
    assert f"/admin/ingest/run/{runs[-1].pk}/change/" in for_staff
    assert f"/admin/ingest/run/{runs[0].pk}/change/" not in for_staff


@pytest.fixture
def measured():
    """Publish a snapshot of a busy site, as the collector does."""
    snapshot = busy()
    store.publish([], snapshot)
    yield snapshot
    get_cache_client().delete(store.SNAPSHOT, store.WATCHED)


def busy():
    found = snapshots.make_unknown()
    queue = {
        "name": "graphinator",
        "messages": 12,
        "messages_ready": 10,
        "messages_unacknowledged": 2,
        "consumers": 1,
        "message_rate": 1.5,
        "ack_rate": 2.5,
        "dead": 4,
        "history": [[1_796_000_000, 5], [1_796_000_300, 1_000], [1_796_000_600, 10]],
    }
    stage = {"name": "nodes", "percentage": 61, "state": "busy", "records_per_second": 1234.4, "seconds_left": 90}
    found["data"] |= {
        "queues": [queue],
        "runs": [
            {
                "id": 41,
                "source": "discogs",
                "source_name": "Discogs",
                "version": "20261101",
                "is_ended": False,
                "percentage": 64,
                "phase": "nodes",
                "duration": "1 h 22 min",
                "left": "48 min 0 s",
                "stages": [stage],
                "error": "The disk /var/spool is full",
            }
        ],
        "events": [event(2, "started", "note"), event(1, "check failed", "error")],
        "overall": {
            "status": "degraded",
            "heading": "Working, but a worker was lost",
            "reasons": ["a worker was lost"],
        },
    }
    return found


def event(number, kind, level):
    return {
        "id": number,
        "at": "2026-11-30T12:00:00+00:00",
        "kind": kind,
        "level": level,
        "message": f"{kind} on db7",
        "by": "karin@example.com",
        "source": "site",
        "run": None,
        "version": "",
    }


def test_the_snapshot_is_shown_to_anyone_without_words(client, counted, measured):
    page = text(client.get("/status/"))

    for each in (
        "Working, but a worker was lost",
        "Run 41: Discogs 20261101",
        "about 48 min 0 s left",
        "1,234 records/s",
        "4 dead",
        'aria-label="graphinator, the last ten minutes: from 5 to 1,000"',
        '<td class="num">1,000</td>',
        "<h2>Events</h2>",
    ):
        assert each in page
    for each in ("db7", "karin", "/var/spool", "flower"):
        assert each not in page
    assert store.is_watched()


def test_staff_sees_words_and_superusers_flower(client, counted, measured):
    client.force_login(User.objects.create_superuser("root@example.com"))

    page = text(client.get("/status/"))

    for each in ("check failed on db7", "karin@example.com", "/var/spool", 'href="/flower/"'):
        assert each in page


def test_only_problems_are_asked_for_by_a_link(client, counted, measured):
    assert "started" in text(client.get("/status/"))

    page = text(client.get("/status/", {"events": "problems"}))

    assert "check failed" in page
    assert "started" not in page.partition("<h2>Events</h2>")[2].partition("</table>")[0]


def test_the_fragment_is_what_changes(client, measured):
    response = client.get("/status/", headers={"X-Fragment": "status"})

    assert response.content.strip().startswith(b'<div class="status-now"')
    assert response["X-Fragment"] == "status"


def test_without_neo4j_the_page_says_so(client, monkeypatch):
    def away():
        raise ServiceUnavailable

    monkeypatch.setattr(overview, "measure_graph", away)

    response = client.get("/status/")

    assert response.status_code == 200
    assert "Neo4j does not answer." in text(response)
    assert "<dt>Artists</dt>" in text(response)


@pytest.mark.parametrize(
    ("error", "said"),
    [(OperationalError, "PostgreSQL does not answer."), (ProgrammingError, "PostgreSQL has no tables yet")],
)
def test_without_postgresql_the_page_says_so(client, counted, monkeypatch, error, said):
    def away():
        raise error

    monkeypatch.setattr(overview, "count_records", away)

    response = client.get("/status/")

    assert response.status_code == 200
    assert said in text(response)
    assert "<dt>Nodes</dt>" in text(response)


def test_the_page_takes_the_same_queries_however_many_runs(client, counted, django_assert_max_num_queries):
    for number in range(10):
        chunk(file(run(f"2026010{number}")), 0)

    with django_assert_max_num_queries(14):
        client.get("/status/")


@pytest.mark.parametrize(
    ("seconds", "said"), [(-1, "0 s"), (59, "59 s"), (192, "3 min 12 s"), (3600, "1 h 0 min"), (90_061, "25 h 1 min")]
)
def test_durations_are_said_in_two_units(seconds, said):
    assert overview.format_duration(timedelta(seconds=seconds)) == said


def test_a_run_that_ended_has_a_duration_of_its_own():
    began = datetime(2026, 8, 1, 12, tzinfo=UTC)
    ended = Run(started_at=began, completed_at=began + timedelta(minutes=2))

    assert overview.measure_duration(ended) == timedelta(minutes=2)
