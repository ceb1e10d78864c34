"""The page of what is loaded, with and without its stores."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError, ProgrammingError
from neo4j.exceptions import ServiceUnavailable

from apps.catalog.models import Artist
from apps.dashboard import overview
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
    assert 'http-equiv="refresh"' not in text(response)


def test_records_nodes_and_the_newest_version_are_shown(client, counted):
    artist(1)
    artist(2)
    run("20260701")
    run("20260801")
    run("20260901", RunState.FAILED)
    run("20260805-001001", source="musicbrainz")

    page = text(client.get("/status/"))

    assert "<dt>Artists</dt> <dd>2</dd>" in page
    assert "<dt>Nodes</dt><dd>12,345</dd>" in page
    assert "newest version <strong>20260801</strong>" in page


def test_the_graph_is_counted(graph):
    graph.run("CREATE (:Artist {id: '1'})-[:MEMBER_OF]->(:Artist {id: '2'})").consume()

    assert overview.measure_graph() == overview.GraphSize(nodes=2, relationships=1)


def test_an_unfinished_run_has_a_bar_and_refreshes(client, counted):
    going_on = run(state=RunState.EXTRACTING)
    chunk(file(going_on, bytes_read=50), 0, new=7)

    page = text(client.get("/status/"))

    assert "10 %" in page
    assert 'http-equiv="refresh"' in page
    assert "data-loading" in page


def test_ten_runs_are_listed_with_links_to_the_admin(client, counted):
    runs = [run(f"202601{number:02}") for number in range(1, 13)]

    page = text(client.get("/status/"))

    assert page.count('<th scope="row">') == 10
    assert f"/admin/ingest/run/{runs[-1].pk}/change/" in page
    assert f"/admin/ingest/run/{runs[0].pk}/change/" not in page


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

    with django_assert_max_num_queries(12):
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
