"""The busiest artists and labels by name: what is counted, that a month changes it, and that type-ahead needs it."""

from collections import Counter

import pytest
from django.db import InterfaceError, connection

from apps.catalog.models import LeadingName
from apps.graph import leading_names, schema
from apps.graph.readers import completing
from tests import loading
from tests.api import catalogue
from tests.api.catalogue import ARTISTS, LABELS, RELEASES
from tests.records import artist, label, release

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("graph", "spooled")]


def read_stored():
    return {(row.kind, row.id): (row.name, row.releases) for row in LeadingName.objects.all()}


def test_what_has_a_release_and_a_name_is_counted():
    artists = Counter(id_ for each in RELEASES for id_ in each.artists)
    labels = Counter(id_ for each in RELEASES for id_ in each.labels)

    loading.month(**catalogue.dump())

    assert read_stored() == {
        **{("artist", id_): (ARTISTS[id_].lower(), count) for id_, count in artists.items() if ARTISTS[id_]},
        **{("label", id_): (LABELS[id_].lower(), count) for id_, count in labels.items() if LABELS[id_]},
    }


def test_a_month_changes_what_differs_and_leaves_the_rest():
    same = release(1, artists=[1], labels=[50])
    loading.month(
        artists=[artist(1, "Ada"), artist(2, "Bo")],
        labels=[label(50, "Pier")],
        releases=[same, release(2, artists=[2])],
    )
    before = versions()
    loading.month(
        artists=[artist(1, "Ada"), artist(2, "Bo")],
        labels=[label(50, "Pier")],
        releases=[same, release(3, artists=[1])],
    )

    assert read_stored() == {("artist", 1): ("ada", 2), ("label", 50): ("pier", 1)}
    assert versions()["label", 50] == before["label", 50]


def versions():
    """Return which transaction wrote each row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind, id, xmin::text FROM leading_name")
        return {(kind, id_): version for kind, id_, version in cursor}


def test_names_of_any_length_and_kind_are_taken():
    names = ["Ж" * 5000, "\u0130" * 300, "", "x" * 2_000_000, "  "]
    loading.month(
        artists=[artist(number, name) for number, name in enumerate(names, 1)],
        releases=[release(1, artists=range(1, len(names) + 1))],
    )

    assert all(len(name.encode()) < 2700 for name, _ in read_stored().values())


@pytest.fixture
def busy(graph, monkeypatch):
    """Load more names with a beginning than are looked at: 1 and 30 are namesakes, 40 is the busiest."""
    monkeypatch.setattr(completing, "CANDIDATES", 3)
    names = {1: "Dub Air", 2: "Dub Bay", 3: "Dub Cay", 4: "Old Dub", 30: "Dub Air", 40: "Dub Sea", 50: "Dub", 60: "dUB"}
    counts = {1: 0, 2: 1, 3: 1, 4: 9, 30: 5, 40: 7, 50: 1, 60: 1}
    credited = [id_ for id_, count in counts.items() for _ in range(count)]
    schema.create_indexes(graph)
    loading.month(
        artists=[artist(id_, name) for id_, name in names.items()],
        labels=[label(id_, name) for id_, name in names.items()],
        releases=[release(number, artists=[id_], labels=[id_]) for number, id_ in enumerate(credited, 1)],
    )
    schema.create_indexes(graph)


@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize("kind", ["artist", "label"])
def test_of_more_names_than_are_looked_at_the_busiest_come_first(kind):
    def ids(text):
        return [each["id"] for each in completing.complete_names(kind, text, 5)]

    assert ids("Dub") == ids("dub") == ["50", "60", "40", "1", "30"]
    assert ids("dUB") == ["60", "50", "40", "1", "30"]


@pytest.mark.usefixtures("busy")
def test_without_what_was_counted_there_are_names_still(monkeypatch):
    def found():
        return [each["id"] for each in completing.complete_names("artist", "Dub", 4)]

    with monkeypatch.context() as patch:
        patch.setattr(leading_names.reading, "rows", fail)
        without_postgresql = found()
    LeadingName.objects.all().delete()

    assert found() == without_postgresql
    assert (without_postgresql[0], len(without_postgresql)) == ("50", 4)


def fail(*_, **__):
    raise InterfaceError("the connection is closed")
