"""What the graph shows of MusicBrainz, over nodes of Discogs."""

import pytest

from apps.graph.musicbrainz.coverage import measure_coverage
from apps.ingest import ledger
from apps.ingest.models import RunState
from tests import records
from tests.integration.entities import artist, load, mbid, page, relation
from tests.integration.graph.reading import edges, nodes, read_all
from tests.loading import add_chunks, link, load_nodes, load_tables, month, start

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("spooled")]
FIRST, SECOND = "20260801-001001", "20260805-001001"
MARKS = ("source", "by_source", "by_target")


def test_the_number_of_a_link_finds_the_node_of_that_text(graph, tmp_path):
    month(artists=[records.artist(812)])

    load(tmp_path, FIRST, artist(1, page(812)), artist(2))

    (node,) = nodes(graph, "Artist").values()
    assert (node["id"], node["mbid"]) == ("812", mbid(1))


def test_an_entity_without_a_link_or_a_node_is_in_its_table_alone(graph, tmp_path):
    month(artists=[records.artist(812)])

    load(tmp_path, FIRST, artist(1), artist(2, page(813)))

    assert nodes(graph, "Artist").keys() == {"812"}
    assert "mbid" not in nodes(graph, "Artist")["812"]
    assert measure_coverage()["entities_skipped_no_discogs_match"] == 2


def test_a_node_of_a_run_that_failed_before_it_was_enriched_is_enriched_by_the_next(graph, tmp_path):
    month(artists=[records.artist(10)])
    load(tmp_path, FIRST, artist(1, page(11)))
    run = start("artists")
    add_chunks(run, "artists", [records.artist(10), records.artist(11)])
    load_tables(run)
    load_nodes(run)
    link(run)
    ledger.end(run, RunState.FAILED)

    month(artists=[records.artist(10), records.artist(11)])

    assert nodes(graph, "Artist")["11"]["mbid"] == mbid(1)


def test_a_node_that_is_written_again_into_an_emptied_graph_is_enriched(graph, tmp_path):
    month(artists=[records.artist(10)])
    load(tmp_path, FIRST, artist(1, page(10)))
    before = read_all(graph)
    graph.run("MATCH (node) DETACH DELETE node").consume()

    month(artists=[records.artist(10)], rewrite=True)

    assert read_all(graph) == before


def test_two_memberships_of_one_pair_are_one_relationship(graph, tmp_path):
    month(artists=[records.artist(10), records.artist(11)])
    twice = relation(2, begin="1979", end="1981", ended=True), relation(2, begin="1990")

    load(tmp_path, FIRST, artist(1, page(10), *twice), artist(2, page(11)))

    assert edges(graph, "MEMBER_OF", "begin_date", "end_date", "ended") == {("10", "11", "1979", None, False)}


def test_an_unknown_relation_and_a_missing_end_make_no_relationship(graph, tmp_path):
    month(artists=[records.artist(10), records.artist(11)])
    relations = relation(2, "shares a stage with"), relation(3)

    run = load(tmp_path, FIRST, artist(1, page(10), *relations), artist(2, page(11)), artist(3, page(12)))

    assert graph.run("MATCH ()-[edge]->() RETURN count(edge)").single().value() == 0
    assert nodes(graph, "Artist").keys() == {"10", "11"}
    assert run.coverage["relationships_skipped_missing_side"] == 1


def test_a_membership_of_both_sources_is_one_and_each_takes_back_its_own(graph, tmp_path):
    month(artists=[records.artist(10, groups=[11]), records.artist(11, members=[10])])

    load(tmp_path, FIRST, artist(1, page(10), relation(2)), artist(2, page(11)))
    confirmed = edges(graph, "MEMBER_OF", *MARKS)
    load(tmp_path, SECOND, artist(1, page(10)), artist(2, page(11)))

    assert confirmed == {("10", "11", "musicbrainz", True, True)}
    assert edges(graph, "MEMBER_OF", *MARKS) == {("10", "11", None, True, True)}


def test_figures_are_of_what_is_there_however_often_they_are_counted(graph, tmp_path):
    month(artists=[records.artist(10), records.artist(11)])
    run = load(tmp_path, FIRST, artist(1, page(10), relation(2)), artist(2, page(11)))

    again = measure_coverage()

    assert again == run.coverage | {"counted_at": again["counted_at"]}
    assert (again["entities_enriched"], again["relationships"]) == (2, 1)
