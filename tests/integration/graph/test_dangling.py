"""References to records that no dump has: kept, and made relationships when their other end comes."""

import pytest

from apps.graph import dangling
from apps.graph.session import Counters
from apps.ingest import ledger
from apps.ingest.models import DanglingReference, RunState
from tests.integration.graph.reading import edges, nodes, read_all
from tests.loading import add_chunks, load_nodes, load_tables, month, start
from tests.records import artist, label, master, release

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("spooled", "graph")]
# Who asserts it, the missing end, and the relationship when both are there.
CASES = [
    ({"releases": [release(1, artists=[9])]}, {"artists": [artist(9)]}, "BY", ("1", "9")),
    ({"masters": [master(1, artists=[9])]}, {"artists": [artist(9)]}, "BY", ("1", "9")),
    ({"releases": [release(1, labels=[9])]}, {"labels": [label(9)]}, "ON", ("1", "9")),
    ({"releases": [release(1, master_id=9)]}, {"masters": [master(9)]}, "DERIVED_FROM", ("1", "9")),
    ({"artists": [artist(1, aliases=[9])]}, {"artists": [artist(1, aliases=[9]), artist(9)]}, "ALIAS_OF", ("9", "1")),
    ({"artists": [artist(1, members=[9])]}, {"artists": [artist(1, members=[9]), artist(9)]}, "MEMBER_OF", ("9", "1")),
    ({"artists": [artist(1, groups=[9])]}, {"artists": [artist(1, groups=[9]), artist(9)]}, "MEMBER_OF", ("1", "9")),
    ({"labels": [label(1, parent=9)]}, {"labels": [label(1, parent=9), label(9)]}, "SUBLABEL_OF", ("1", "9")),
    ({"labels": [label(1, sublabels=[9])]}, {"labels": [label(1, sublabels=[9]), label(9)]}, "SUBLABEL_OF", ("9", "1")),
]


def references():
    fields = ("record_type", "record_id", "relationship", "direction", "target_type", "target_id")
    return {*DanglingReference.objects.values_list(*fields)}


@pytest.mark.parametrize(("asserting", "missing", "type_", "edge"), CASES)
def test_a_reference_dangles_and_comes_to_life_as_if_its_end_had_always_been_there(
    graph, asserting, missing, type_, edge
):
    month(**asserting)
    assert edges(graph, type_) == set()
    assert DanglingReference.objects.count() == 1

    month(**{**asserting, **missing})
    assert edges(graph, type_) == {edge}
    assert not DanglingReference.objects.exists()

    in_two_months = read_all(graph)
    graph.run("MATCH (node) DETACH DELETE node").consume()
    month(**{**asserting, **missing}, rewrite=True)
    assert read_all(graph) == in_two_months


def test_no_node_is_made_for_a_missing_end(graph):
    month(releases=[release(1, artists=[9], labels=[8], master_id=7)])

    assert references() == {
        ("releases", 1, "BY", "out", "artists", 9),
        ("releases", 1, "ON", "out", "labels", 8),
        ("releases", 1, "DERIVED_FROM", "out", "masters", 7),
    }
    assert [nodes(graph, name) for name in ("Artist", "Label", "Master")] == [{}, {}, {}]


def test_the_references_of_a_changed_record_are_those_that_it_has_now():
    month(releases=[release(1, artists=[9, 8])])

    month(releases=[release(1, artists=[8, 7])])

    assert {reference[-1] for reference in references()} == {7, 8}


def test_a_reference_of_a_record_that_left_and_came_back_while_no_run_reached_the_graph_is_void(graph):
    others = [master(each) for each in range(20, 30)]
    month(masters=[master(9, artists=[1, 2]), *others], artists=[artist(1)])
    run = start("masters")
    add_chunks(run, "masters", others)
    load_tables(run)
    load_nodes(run)
    ledger.end(run, RunState.FAILED)

    month(masters=[master(9, artists=[1]), *others], artists=[artist(1), artist(2)])

    assert edges(graph, "BY") == {("9", "1")}
    assert not DanglingReference.objects.exists()


def test_both_ends_of_a_membership_may_wait_for_each_other(graph):
    month(artists=[artist(1, members=[2])])
    month(artists=[artist(1, members=[2]), artist(2, groups=[1])])

    assert edges(graph, "MEMBER_OF", "by_source", "by_target") == {("2", "1", True, True)}


def test_reviving_again_writes_nothing(graph):
    month(releases=[release(1, artists=[9])], artists=[artist(9)])

    assert dangling.revive() == Counters()
    assert edges(graph, "BY") == {("1", "9")}


def test_reviving_that_was_interrupted_doubles_nothing(graph):
    month(releases=[release(1, artists=[9])], artists=[artist(9)])
    DanglingReference.objects.create(
        record_type="releases", record_id=1, relationship="BY", direction="out", target_type="artists", target_id=9
    )

    dangling.revive()

    assert edges(graph, "BY") == {("1", "9")}
    assert not DanglingReference.objects.exists()


def test_ids_beyond_32_bits(graph):
    large = 2**62
    month(releases=[release(large, artists=[large + 1])])
    month(artists=[artist(large + 1)], releases=[release(large, artists=[large + 1])])

    assert edges(graph, "BY") == {(str(large), str(large + 1))}
