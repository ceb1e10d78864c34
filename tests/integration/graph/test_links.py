"""Nodes and relationships of records: new ones written in the quickest way, changed ones reconciled."""

import pytest

from apps.catalog.models import REVISION, Artist
from apps.graph import links, writer
from apps.ingest import ledger
from apps.ingest.chunks import spool
from apps.ingest.models import Chunk, DanglingReference, RunState
from tests.integration.graph.reading import edges, nodes, read_all
from tests.loading import (
    add_chunks,
    chunks_of,
    finish,
    give_up,
    link,
    load_nodes,
    load_tables,
    month,
    reload,
    start,
)
from tests.records import artist, label, master, release

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("spooled", "graph")]

WORLD = {
    "labels": [label(50, parent=51), label(51, sublabels=[50, 52]), label(52)],
    "artists": [
        artist(10, "Quay Lanterns", members=[11, 12]),
        artist(11, groups=[10], aliases=[13, 13]),
        artist(12),
        artist(13),
    ],
    "masters": [master(100, year=1981, artists=[10], genres=["Rock"], styles=["Dub"])],
    "releases": [
        release(
            1000,
            artists=[10, 10, 11],
            labels=[50, 50],
            master_id=100,
            genres=["Rock", "Rock"],
            styles=["Dub", "Ambient"],
            credits=[("Uwe", "Remix", 0), ("Mira", "Vocals", 11), ("Mira", "Bass", 11), ("Mira", "Bass", 11)],
            released="1981-04-00",
        ),
        release(1001, artists=[12], genres=["Jazz"]),
    ],
}


def change_world(record_type, *records):
    """Return the world with other records of one type."""
    return {**WORLD, record_type: list(records)}


def last_counts():
    """Return what the chunks of the last run wrote: nodes, relationships, relationships deleted."""
    chunks = Chunk.objects.filter(file__run=Chunk.objects.last().file.run)
    return tuple(
        sum(getattr(chunk, name) for chunk in chunks)
        for name in ("nodes_written", "relationships_written", "relationships_deleted")
    )


def test_a_first_load_writes_nodes_and_relationships(graph):
    month(**WORLD)

    assert edges(graph, "BY") == {("100", "10"), ("1000", "10"), ("1000", "11"), ("1001", "12")}
    assert edges(graph, "ON") == {("1000", "50")}
    assert edges(graph, "DERIVED_FROM") == {("1000", "100")}
    assert edges(graph, "IS") == {
        ("100", "Rock"),
        ("100", "Dub"),
        ("1000", "Rock"),
        ("1000", "Dub"),
        ("1000", "Ambient"),
        ("1001", "Jazz"),
    }
    assert edges(graph, "CREDITED_ON", "role", "category", "artist_id") == {
        ("Uwe", "1000", "Remix", "engineering", None),
        ("Mira", "1000", "Vocals", "session", "11"),
        ("Mira", "1000", "Bass", "session", "11"),
    }
    assert edges(graph, "ALIAS_OF") == {("13", "11")}
    assert edges(graph, "MEMBER_OF", "by_source", "by_target") == {("11", "10", True, True), ("12", "10", None, True)}
    assert edges(graph, "SUBLABEL_OF", "by_source", "by_target") == {("50", "51", True, True), ("52", "51", None, True)}
    assert not DanglingReference.objects.exists()


def test_nodes_have_the_properties_of_their_records(graph):
    month(**WORLD)

    sha256 = bytes(Artist.objects.get(pk=10).hash).hex()
    assert nodes(graph, "Artist")["10"] == {
        "id": "10",
        "name": "Quay Lanterns",
        "resource_url": "https://api.discogs.com/artists/10",
        "releases_url": "https://api.discogs.com/artists/10/releases",
        "sha256": sha256,
        "rev": REVISION,
    }
    found = nodes(graph, "Release")["1000"]
    assert {key: found[key] for key in ("title", "year", "catalog_number")} == {
        "title": "Ebbe",
        "year": 1981,
        "catalog_number": "c",
    }
    assert nodes(graph, "Master")["100"]["year"] == 1981


def test_every_node_of_a_record_is_marked_as_linked(graph):
    month(**WORLD)

    for name in ("Artist", "Label", "Master", "Release"):
        assert all(len(node["sha256"]) == 64 for node in nodes(graph, name).values())


def test_the_same_again_writes_nothing(graph):
    month(**WORLD)
    before = read_all(graph)

    month(**WORLD)

    assert last_counts() == (0, 0, 0)
    assert read_all(graph) == before


@pytest.mark.parametrize(
    "types", [("releases", "masters", "artists", "labels"), ("artists", "releases", "labels", "masters")]
)
def test_any_order_of_the_types_gives_the_same_graph(graph, types):
    month(**WORLD)
    expected = read_all(graph)
    graph.run("MATCH (node) DETACH DELETE node").consume()

    month(**{each: WORLD[each] for each in types}, rewrite=True)

    assert read_all(graph) == expected


# Changed records


def test_another_genre_takes_the_place_of_the_old_one_and_no_other_goes(graph):
    month(**WORLD)

    month(**change_world("releases", release(1000, genres=["Jazz"]), WORLD["releases"][1]))

    assert edges(graph, "IS") == {("100", "Rock"), ("100", "Dub"), ("1000", "Jazz"), ("1001", "Jazz")}


def test_a_release_that_loses_everything_has_no_relationship_left(graph):
    month(**WORLD)

    month(**change_world("releases", release(1000, "Bare"), WORLD["releases"][1]))

    bare = {type_: edges(graph, type_) for type_ in ("BY", "ON", "DERIVED_FROM", "IS", "CREDITED_ON")}
    assert not {edge for found in bare.values() for edge in found if "1000" in edge[:2]}
    assert nodes(graph, "Release")["1000"]["title"] == "Bare"
    assert set(nodes(graph, "Person")) == set()
    assert "Ambient" not in nodes(graph, "Style")


def test_a_credit_of_another_role_is_another_relationship(graph):
    month(releases=[release(1, credits=[("Mira", "Bass", 5), ("Mira", "Bass", 0), ("Mira", "Drums", 5)])])

    month(releases=[release(1, credits=[("Mira", "Bass", 0), ("Mira", "Vocals", 5), ("Mira", "Drums", 5)])])

    assert edges(graph, "CREDITED_ON", "role", "artist_id") == {
        ("Mira", "1", "Bass", None),
        ("Mira", "1", "Vocals", "5"),
        ("Mira", "1", "Drums", "5"),
    }
    assert nodes(graph, "Person")["Mira"]["credit_count"] == 3


def test_another_category_of_a_role_does_not_make_a_second_credit(graph, monkeypatch):
    month(releases=[release(1, credits=[("Mira", "Bass", 5)])])
    monkeypatch.setattr("apps.graph.rows.categorise", lambda _: "other")

    month(releases=[release(1, credits=[("Mira", "Bass", 5)])], rewrite=True)

    assert edges(graph, "CREDITED_ON", "role", "category") == {("Mira", "1", "Bass", "other")}


def test_a_property_that_is_gone_is_gone(graph):
    month(releases=[release(1, released="1981", labels=[5])])

    month(releases=[release(1)])

    assert {"year", "catalog_number"}.isdisjoint(nodes(graph, "Release")["1"])


def test_a_member_that_only_the_group_named_leaves(graph):
    month(artists=WORLD["artists"])

    month(artists=[artist(10, "Quay Lanterns"), *WORLD["artists"][1:]])

    assert edges(graph, "MEMBER_OF", "by_source", "by_target") == {("11", "10", True, None)}


def test_a_member_stays_as_long_as_one_of_both_says_so(graph):
    month(artists=WORLD["artists"])

    month(artists=[WORLD["artists"][0], artist(11), *WORLD["artists"][2:]])
    assert edges(graph, "MEMBER_OF", "by_source", "by_target") == {("11", "10", None, True), ("12", "10", None, True)}

    month(artists=[artist(10, members=[12]), artist(11), *WORLD["artists"][2:]])
    assert edges(graph, "MEMBER_OF") == {("12", "10")}


def test_a_membership_of_another_source_stays_without_ours(graph):
    month(artists=WORLD["artists"])
    graph.run("MATCH (:Artist {id: '12'})-[edge:MEMBER_OF]->() SET edge.source = 'musicbrainz'").consume()

    month(artists=[artist(10), *WORLD["artists"][1:]])

    assert edges(graph, "MEMBER_OF", "by_target", "source") == {
        ("12", "10", None, "musicbrainz"),
        ("11", "10", None, None),
    }


def test_an_alias_of_oneself_and_two_of_each_other(graph):
    month(artists=[artist(1, aliases=[1, 2]), artist(2, aliases=[1])])
    assert edges(graph, "ALIAS_OF") == {("1", "1"), ("2", "1"), ("1", "2")}

    month(artists=[artist(1, aliases=[2]), artist(2)])
    assert edges(graph, "ALIAS_OF") == {("2", "1")}


def test_a_member_and_group_of_oneself(graph):
    month(artists=[artist(1, members=[1], groups=[1])])
    assert edges(graph, "MEMBER_OF", "by_source", "by_target") == {("1", "1", True, True)}

    month(artists=[artist(1, groups=[1])])
    assert edges(graph, "MEMBER_OF", "by_source", "by_target") == {("1", "1", True, None)}


def test_a_parent_label_changes(graph):
    month(labels=WORLD["labels"])

    month(labels=[label(50, parent=52), label(51, sublabels=[52]), label(52)])

    assert edges(graph, "SUBLABEL_OF", "by_source", "by_target") == {("50", "52", True, None), ("52", "51", None, True)}


def test_records_without_a_name_have_none_in_the_graph(graph):
    month(artists=["<artist><id>15</id></artist>"], labels=["<label><id>5</id><name/></label>"])

    assert "name" not in nodes(graph, "Artist")["15"]
    assert "name" not in nodes(graph, "Label")["5"]


def test_a_name_longer_than_an_index_takes(graph):
    month(artists=[artist(1, "ß" * 9000)], releases=[release(1, "ß" * 9000, credits=[("ß" * 9000, "Remix", 0)])])

    assert len(nodes(graph, "Artist")["1"]["name"]) == 2000
    assert [*nodes(graph, "Person")] == ["ß" * 2000]
    assert Artist.objects.get().data["name"] == "ß" * 9000


# Twice, late, interrupted


def begin_linking(**world):
    """Return a run whose chunks are about to be linked, with a copy of each link blob."""
    run = start(*world)
    for record_type, records in world.items():
        add_chunks(run, record_type, records)
    load_tables(run)
    load_nodes(run)
    return run


def link_twice(run):
    """Link, lose the marks, link again: what a worker does that is killed between its commit and its mark."""
    kept = {chunk.pk: spool.read(f"{chunk.batch}.links") for chunk in chunks_of(run, linked_at=None)}
    link(run)
    for chunk in chunks_of(run):
        Chunk.objects.filter(pk=chunk.pk).update(linked_at=None)
        spool.write(f"{chunk.batch}.links", spool.compress(kept[chunk.pk]))


def test_a_new_batch_that_comes_twice_doubles_nothing(graph):
    run = begin_linking(**WORLD)
    link_twice(run)
    before = read_all(graph)

    link(run)

    assert read_all(graph) == before
    assert edges(graph, "BY") == {("100", "10"), ("1000", "10"), ("1000", "11"), ("1001", "12")}


def test_a_batch_of_which_half_is_there_is_completed(graph):
    run = begin_linking(**WORLD)
    graph.run("CREATE (:Release {id: '1000', sha256: 'x'})").consume()

    link(run)

    assert edges(graph, "ON") == {("1000", "50")}
    assert ("1001", "12") in edges(graph, "BY")


def test_an_id_in_two_chunks_has_the_node_of_the_later_one_whichever_comes_last(graph):
    run = start("artists")
    add_chunks(run, "artists", [[artist(1, "first")], [artist(1, "second")]])
    load_tables(run)

    for chunk in reversed([*chunks_of(run, graphed_at=None)]):
        writer.load(chunk)
    for chunk in reversed([*chunks_of(run, linked_at=None)]):
        links.link(chunk)

    assert nodes(graph, "Artist")["1"]["name"] == "second"


def test_an_id_in_two_chunks_keeps_its_node_when_the_later_record_is_unchanged(graph):
    month(artists=[artist(1, "old"), artist(9)])
    run = start("artists")
    add_chunks(run, "artists", [[artist(1, "first"), artist(9)], [artist(1, "old"), artist(10)]])
    load_tables(run)
    load_nodes(run)
    link(run)

    assert nodes(graph, "Artist")["1"]["name"] == "old"


def test_nodes_that_come_twice_change_nothing(graph):
    run = start("artists")
    (chunk,) = add_chunks(run, "artists", [artist(1)])
    load_tables(run)
    content = spool.read(f"{reload(chunk).batch}.nodes")
    writer.load(reload(chunk))
    before = read_all(graph)
    spool.write(f"{reload(chunk).batch}.nodes", spool.compress(content))

    writer.load(reload(chunk))

    assert read_all(graph) == before
    assert reload(chunk).nodes_written == 1


def test_an_old_batch_that_comes_late_does_not_touch_newer_relationships(graph):
    month(artists=[artist(1), artist(2), artist(3)])
    old = begin_linking(artists=[artist(1, aliases=[2]), artist(2), artist(3)])
    (chunk,) = chunks_of(old, linked_at=None)
    ledger.end(old, RunState.CANCELLED)
    month(artists=[artist(1, aliases=[3]), artist(2), artist(3)])
    before = read_all(graph)

    links.link(chunk)

    assert read_all(graph) == before
    assert edges(graph, "ALIAS_OF") == {("3", "1")}


def test_a_deadlock_in_the_middle_leaves_all_or_nothing(graph, monkeypatch):
    run = begin_linking(**WORLD)
    monkeypatch.setattr(links, "run_sorted", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        link(run)
    assert edges(graph, "MEMBER_OF") == set()
    assert not [node for node in nodes(graph, "Artist").values() if "sha256" in node]
    monkeypatch.undo()

    link(run)

    assert edges(graph, "MEMBER_OF") == {("11", "10"), ("12", "10")}


@pytest.mark.parametrize(
    "drift",
    [
        "MATCH (:Release {id: '1000'})-[edge]-() DELETE edge",
        "MATCH (release:Release {id: '1000'}) DETACH DELETE release",
        "MATCH (release:Release {id: '1000'}), (artist:Artist {id: '13'}) CREATE (release)-[:BY]->(artist)",
        "MATCH (release:Release {id: '1000'}), (artist:Artist {id: '10'}) CREATE (release)-[:BY]->(artist)",
        "MATCH (release:Release {id: '1000'}) SET release.title = 'x', release.gone = true",
        "MATCH (:Artist)-[edge:MEMBER_OF|ALIAS_OF]-() DELETE edge",
        "MATCH (a:Artist {id: '12'}), (b:Artist {id: '13'}) CREATE (a)-[:ALIAS_OF]->(b)",
        "MATCH (a:Artist {id: '12'}), (b:Artist {id: '13'}) CREATE (a)-[:MEMBER_OF {by_source: true}]->(b)",
        "MATCH (master:Master) DETACH DELETE master",
        "MATCH (artist:Artist) SET artist.name = 'x'",
        "MATCH (genre:Genre) DETACH DELETE genre",
    ],
)
def test_a_rewrite_heals_a_graph_that_drifted(graph, drift):
    month(**WORLD)
    before = read_all(graph)
    graph.run(drift).consume()
    assert read_all(graph) != before

    month(**WORLD, rewrite=True)

    assert read_all(graph) == before


# Debts


def test_an_update_that_did_not_reach_the_graph_is_made_good_by_the_next_run(graph):
    month(**WORLD)
    world = change_world("artists", artist(10, "Renamed", members=[13]), *WORLD["artists"][1:])
    run = start("artists")
    (chunk,) = add_chunks(run, "artists", world["artists"])
    load_tables(run)
    give_up(chunk, "graph")
    ledger.end(run, RunState.COMPLETED_WITH_WARNINGS)

    month(**world)

    assert nodes(graph, "Artist")["10"]["name"] == "Renamed"
    assert edges(graph, "MEMBER_OF", "by_target") == {("13", "10", True), ("11", "10", None)}
    assert reload(chunk).paid_at
    assert ledger.list_debts(start("artists").files.get()) == []


def test_a_debt_is_paid_wherever_its_records_stand_in_the_next_file(graph):
    run = start("masters")
    add_chunks(run, "masters", [[master(1), master(2)], [master(3), master(4)]])
    load_tables(run)
    load_nodes(run)
    ledger.end(run, RunState.CANCELLED)

    month(masters=[[master(3), master(4)], [master(1), master(2)]])

    assert {key: node["title"] for key, node in nodes(graph, "Master").items()} == dict.fromkeys("1234", "Ebbe")


def test_a_reference_to_a_node_that_never_came_dangles_until_it_does(graph):
    run = start("artists", "releases")
    (lost,) = add_chunks(run, "artists", [artist(10)])
    add_chunks(run, "releases", [release(1, artists=[10])])
    load_tables(run)
    give_up(lost, "graph")
    load_nodes(run)
    link(run)
    finish(run)
    assert edges(graph, "BY") == set()
    assert DanglingReference.objects.get().target_id == 10

    month(artists=[artist(10)], releases=[release(1, artists=[10])])

    assert edges(graph, "BY") == {("1", "10")}
    assert not DanglingReference.objects.exists()
