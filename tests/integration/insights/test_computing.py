"""The computations: equal to the graph and to a plain computation; interrupted, failing, two at once, and empty."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from apps.catalog.models import Release
from apps.ingest import ledger
from apps.insights import models
from apps.insights.computing import running, steps
from tests import loading
from tests.api import catalogue
from tests.records import artist, entity, label, master, relation, release

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("graph", "spooled")]

TODAY = datetime.now(UTC).date()


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch):
    """Have many pages in few records, and leave no staged table behind."""
    monkeypatch.setattr(steps, "PAGE_IDS", 2)
    yield
    for insight in running.INSIGHTS.values():
        steps.drop_staged(insight)


def rows(model, *fields):
    return sorted(model.objects.values_list(*fields))


def log(name):
    return list(models.Computation.objects.filter(insight_type=name).order_by("pk").values_list("status", flat=True))


def test_the_degrees_of_artists_are_those_of_the_graph(graph):
    loading.month(**catalogue.dump())
    one, two = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
    loading.edition(
        artists=[
            entity(one, "Harbour", page="artist/1", relations=[relation("collaboration", two)]),
            entity(two, "Kelp", page="artist/2", relations=[relation("member of band", one)]),
        ]
    )

    running.compute("artist_centrality")

    expected = graph.run("MATCH (a:Artist) RETURN a.id, COUNT { (a)--() } AS edges").values()
    by_rank = sorted(((edges, id_) for id_, edges in expected if edges), key=lambda each: (-each[0], each[1]))
    assert models.LeadingArtist.objects.count() == len(by_rank)
    assert {(each.edge_count, each.artist_id) for each in models.LeadingArtist.objects.all()} == set(by_rank)
    ranked = models.ArtistCentrality.objects.order_by("rank").values_list("edge_count", "artist_id")
    named = {each.artist_id for each in models.LeadingArtist.objects.exclude(artist_name=None)}
    assert list(ranked) == [each for each in by_rank if each[1] in named]


def test_the_figures_are_those_of_a_plain_computation():
    old, recent = TODAY.year - 25, TODAY.year - 1
    loading.month(
        artists=[artist(1, "Kelp"), artist(2, "Anchor"), artist(10, "Reef")],
        labels=[label(7, "Pier"), label(8, "Deich"), label(9)],
        masters=[
            master(5, "Ebb", year=old, artists=[1, 2]),
            master(6, "Flow", year=recent, genres=["Rock"]),
            master(50, "Mole", year=TODAY.year - 100),
        ],
        releases=[
            release(1, artists=[1, 2, 999], labels=[7, 7], genres=["Rock"], released=f"{old}-05-00", master_id=5),
            release(2, artists=[1], labels=[7, 998], genres=["Rock", "Jazz"], released=f"{old}-03-12", master_id=5),
            release(3, labels=[7, 8], genres=["Rock"], released=f"{recent}", master_id=5),
            release(4, labels=[7], genres=["Jazz"], released="1905", master_id=6),
            release(5, labels=[9]),
        ],
    )

    for name in running.FIRST:
        assert running.compute(name) is None

    decade, now = old // 10 * 10, recent // 10 * 10
    assert rows(models.GenreTrend, "genre", "decade", "release_count") == [
        ("Jazz", 1900, 1),
        ("Jazz", decade, 1),
        ("Rock", decade, 2),
        ("Rock", now, 1),
    ]
    fields = ("rank", "label_id", "label_name", "first_year", "last_year", "total_releases", "peak_decade")
    assert rows(models.LabelLongevity, *fields) == [
        (1, "7", "Pier", 1905, recent, 4, decade),
        (2, "8", "Deich", recent, recent, 1, now),
    ]
    assert rows(models.LabelLongevity, "rank", "years_active", "still_active") == [
        (1, recent - 1904, True),
        (2, 1, True),
    ]
    assert rows(models.LeadingLabel, "label_id", "first_year", "settled_year") == [
        ("7", 1905, old),
        ("8", recent, recent),
    ]
    assert rows(models.MonthlyAnniversary, "master_id", "title", "artist_name", "release_year", "anniversary") == [
        ("5", "Ebb", "Anchor", old, 25),
        ("50", "Mole", None, TODAY.year - 100, 100),
    ]
    assert rows(models.MonthlyAnniversary, "master_id", "release_month", "popularity") == [("5", 3, 3), ("50", None, 0)]
    assert rows(models.DataCompleteness, "entity_type", "total_count", "with_year", "with_country", "with_genre") == [
        ("artists", 3, 0, 0, 0),
        ("labels", 3, 0, 0, 0),
        ("masters", 3, 3, 0, 1),
        ("releases", 5, 4, 0, 4),
    ]
    percent = dict(models.DataCompleteness.objects.values_list("entity_type", "completeness_pct"))
    assert {name: float(each) for name, each in percent.items()} == {
        "artists": 0.0,
        "labels": 0.0,
        "masters": 44.44,
        "releases": 40.0,
    }
    assert rows(models.LeadingArtist, "artist_id", "edge_count", "collaborators") == [("1", 3, 1), ("2", 2, 1)]
    assert {log(name)[0] for name in running.FIRST} == {"completed"}
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'insights' AND tablename LIKE 'staged%'")
        assert cursor.fetchone() == (0,)


NAME = "label_longevity"


@pytest.fixture
def labelled():
    """A month of six releases on a label, and the result of its computation."""
    loading.month(labels=[label(7)], releases=[release(each, labels=[7], released="1990") for each in range(1, 7)])
    running.compute(NAME)
    return rows(models.LabelLongevity, "label_id", "total_releases")


def interrupt(monkeypatch, pages):
    """Let the process end after so many pages, as a kill would; return how many pages were taken."""
    take, taken = steps.take_page, []

    def take_page(*given):
        if len(taken) == pages:
            raise KeyboardInterrupt
        taken.append(given)
        take(*given)

    monkeypatch.setattr(steps, "take_page", take_page)
    return taken


def test_an_interrupted_computation_goes_on_where_it_stopped(labelled, monkeypatch):
    with monkeypatch.context() as patch:
        interrupt(patch, 3)
        with pytest.raises(KeyboardInterrupt):
            running.compute(NAME)
    assert rows(models.LabelLongevity, "label_id", "total_releases") == labelled
    taken = interrupt(monkeypatch, 99)

    running.compute(NAME)

    # One of three pages of releases and its end, and the step that adds up: not the first ones again.
    assert len(taken) == 3
    assert rows(models.LabelLongevity, "label_id", "total_releases") == labelled == [("7", 6)]
    assert log(NAME) == ["completed", "completed"]


@pytest.mark.usefixtures("labelled")
def test_a_task_works_for_a_while_and_tells_what_to_go_on_with():
    number = running.compute(NAME, seconds=0)
    found = [number]
    while found[-1] is not None:
        found.append(running.compute(NAME, number, seconds=0))

    assert set(found) == {number, None}
    assert running.compute(NAME, number) is None
    assert log(NAME) == ["completed", "completed"]


@pytest.mark.usefixtures("labelled")
def test_a_load_that_ends_meanwhile_makes_a_computation_begin_anew():
    running.compute(NAME, seconds=0)
    loading.month(releases=[release(9, labels=[7], released="1990")], labels=[label(7)])

    running.compute(NAME)

    assert rows(models.LabelLongevity, "label_id", "total_releases") == [("7", 7)]
    assert log(NAME) == ["completed", "failed", "completed"]


def test_a_failure_leaves_the_earlier_result_and_the_others(labelled, monkeypatch, capsys):
    broken = steps.Insight((steps.Step("SELECT 1 / 0"),), (), ())
    monkeypatch.setitem(running.INSIGHTS, NAME, broken)

    with pytest.raises(CommandError, match=f"Failed: {NAME}"):
        call_command("compute_insights", NAME, "data_completeness")

    assert rows(models.LabelLongevity, "label_id", "total_releases") == labelled
    failed = models.Computation.objects.get(insight_type=NAME, status="failed")
    assert failed.error_message.startswith("DataError: division by zero")
    assert failed.duration_ms is not None
    assert "data_completeness: 4 rows" in capsys.readouterr().out
    assert log("data_completeness") == ["completed"]


def test_nothing_found_leaves_the_earlier_result(labelled):
    Release.objects.all().delete()

    running.compute(NAME)

    assert rows(models.LabelLongevity, "label_id", "total_releases") == labelled
    assert models.Computation.objects.latest("pk").rows_affected == 0


def test_the_log_has_a_row_for_each_computation_with_its_duration_and_rows(labelled, monkeypatch):
    running.compute(NAME, seconds=0)
    begun = models.Computation.objects.latest("pk")
    assert (begun.status, begun.completed_at, begun.duration_ms, begun.rows_affected) == ("running", None, None, None)
    running.compute(NAME)
    monkeypatch.setitem(running.INSIGHTS, NAME, steps.Insight((steps.Step("SELECT 1 / 0"),), (), ()))
    with pytest.raises(CommandError):
        call_command("compute_insights", NAME)

    _, completed, failed = models.Computation.objects.filter(insight_type=NAME).order_by("pk")
    assert completed.pk == begun.pk
    assert (completed.status, completed.rows_affected, completed.error_message) == ("completed", len(labelled), None)
    assert (failed.status, failed.rows_affected) == ("failed", None)
    for each in (completed, failed):
        seconds = (each.completed_at - each.started_at).total_seconds()
        assert each.duration_ms == pytest.approx(seconds * 1000, abs=1)


@pytest.mark.usefixtures("labelled")
def test_one_process_at_a_time_computes_an_insight(django_db_blocker):
    with ThreadPoolExecutor(1) as threads, ledger.hold_lock(f"insight {NAME}", 0):

        def compute_elsewhere():
            with django_db_blocker.unblock(), closing(connection):
                return running.compute(NAME)

        with pytest.raises(running.Busy):
            threads.submit(compute_elsewhere).result()

    assert log(NAME) == ["completed"]
    with pytest.raises(CommandError, match="There is no insight"):
        call_command("compute_insights", "nope")
