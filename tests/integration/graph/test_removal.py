"""Records that left the dump leave the graph; what others say about them is not forgotten."""

import pytest

from apps.graph import removal
from apps.graph.session import Counters
from apps.ingest.models import DanglingReference, RemovedEntity
from tests.integration.graph.reading import edges, nodes, read_all
from tests.loading import month
from tests.records import artist, label, master, release

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("spooled", "graph")]
# Enough others, so that no guard of the purge is in the way.
ARTISTS = [artist(each) for each in range(100, 120)]
LABELS = [label(each) for each in range(100, 120)]
MASTERS = [master(each) for each in range(100, 120)]
RELEASES = [release(each) for each in range(100, 120)]


def world(*, artists=(), labels=(), masters=(), releases=()):
    return {
        "artists": [*artists, *ARTISTS],
        "labels": [*labels, *LABELS],
        "masters": [*masters, *MASTERS],
        "releases": [*releases, *RELEASES],
    }


FULL = {
    "artists": [artist(1), artist(2, members=[1], aliases=[1]), artist(3, groups=[1])],
    "labels": [label(1), label(2, parent=1), label(3, sublabels=[1])],
    "masters": [master(1, artists=[1]), master(2, artists=[1])],
    "releases": [release(1, artists=[1], labels=[1], master_id=1, credits=[("Mira", "Bass", 1)], genres=["Rock"])],
}


def drop_record(record_type):
    """Return the world without the record 1 of a type."""
    return world(**{**FULL, record_type: FULL[record_type][1:]})


@pytest.mark.parametrize(
    ("record_type", "name"),
    [("artists", "Artist"), ("labels", "Label"), ("masters", "Master"), ("releases", "Release")],
)
def test_a_record_that_is_gone_has_no_node(graph, record_type, name):
    month(**world(**FULL))

    month(**drop_record(record_type))

    assert "1" not in nodes(graph, name)
    assert "2" in nodes(graph, name) or record_type == "releases"
    assert RemovedEntity.objects.get().unlinked_at


@pytest.mark.parametrize("record_type", ["artists", "labels", "masters", "releases"])
def test_a_record_that_comes_back_has_all_its_relationships_again(graph, record_type):
    month(**world(**FULL))
    before = read_all(graph)

    month(**drop_record(record_type))
    month(**world(**FULL))

    assert read_all(graph) == before
    assert not DanglingReference.objects.exists()


def test_what_others_assert_dangles(graph):
    month(**world(**FULL))

    month(**drop_record("artists"))

    fields = ("record_type", "record_id", "relationship", "direction")
    assert {*DanglingReference.objects.values_list(*fields)} == {
        ("releases", 1, "BY", "out"),
        ("masters", 1, "BY", "out"),
        ("masters", 2, "BY", "out"),
        ("artists", 2, "MEMBER_OF", "in"),
        ("artists", 2, "ALIAS_OF", "in"),
        ("artists", 3, "MEMBER_OF", "out"),
    }
    assert edges(graph, "BY") == set()


def test_what_a_removed_record_asserted_itself_is_void():
    month(**world(artists=[artist(1, members=[100, 999])]))

    month(**world())

    assert not DanglingReference.objects.exists()


def test_the_people_of_a_removed_release_are_counted_again(graph):
    mira, uwe = ("Mira", "Bass", 0), ("Uwe", "Remix", 0)
    month(**world(releases=[release(1, credits=[mira, uwe]), release(2, credits=[mira])]))

    month(**world(releases=[release(2, credits=[mira])]))

    assert {name: node["credit_count"] for name, node in nodes(graph, "Person").items()} == {"Mira": 1}


def test_a_release_that_somebody_collected_stays_without_its_relationships(graph):
    month(**world(**FULL))
    graph.run("MATCH (release:Release {id: '1'}) CREATE (:User {id: 'u'})-[:COLLECTED]->(release)").consume()

    month(**drop_record("releases"))

    found = nodes(graph, "Release")["1"]
    assert found["gone"] is True
    assert "sha256" not in found
    assert edges(graph, "COLLECTED") == {("u", "1")}
    # Those of the masters 1 and 2.
    assert edges(graph, "BY") == {("1", "1"), ("2", "1")}
    assert [edges(graph, type_) for type_ in ("ON", "DERIVED_FROM", "IS", "CREDITED_ON")] == [set()] * 4


def test_a_collected_release_that_comes_back_is_gone_no_more(graph):
    month(**world(**FULL))
    graph.run("MATCH (release:Release {id: '1'}) CREATE (:User {id: 'u'})-[:WANTS]->(release)").consume()
    before = read_all(graph)

    month(**drop_record("releases"))
    month(**world(**FULL))

    assert read_all(graph) == before


def test_a_vetoed_purge_removes_nothing_from_the_graph(graph, settings):
    month(**world(**FULL))
    settings.PURGE_MAX_DELETE_FRACTION = 0.0

    month(**drop_record("artists"))

    assert "1" in nodes(graph, "Artist")


def test_removing_again_does_nothing(graph):
    month(**world(**FULL))
    month(**drop_record("artists"))
    before = read_all(graph)
    RemovedEntity.objects.update(unlinked_at=None)

    assert removal.remove() == Counters()
    assert read_all(graph) == before


def test_what_has_come_back_in_the_meantime_is_not_removed(graph):
    run = month(**world(**FULL))
    chunk = run.files.get(type="artists").chunks.get()
    RemovedEntity.objects.create(run=run, chunk=chunk, record_type="artists", data_id=1, purged_at=run.started_at)

    removal.remove()

    assert "1" in nodes(graph, "Artist")
