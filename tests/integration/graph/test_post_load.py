"""Which artists the steps after a run look for in old credits."""

import pytest

from apps.graph import post_load
from apps.ingest import ledger
from apps.ingest.models import Run, RunState
from tests.loading import add_chunks, finish, give_up, link, load_nodes, load_tables, month, start
from tests.records import artist, release

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("spooled")]
CREDITED = release(1, credits=[("J. Smith", "Guitar", 5), ("A. Brown", "Drums", 6)])


def artists_run(*records: str) -> Run:
    """Begin an update of artists and bring it to the last relationship."""
    run = start("artists")
    add_chunks(run, "artists", records)
    load_tables(run)
    load_nodes(run)
    link(run)
    return run


def same_as(graph):
    rows = graph.run("MATCH (person)-[:SAME_AS]->(artist) RETURN person.name, artist.id")
    return sorted(map(tuple, rows.values()))


def test_only_what_an_update_brought_is_new(graph):
    month(artists=[artist(1), artist(2)], releases=[CREDITED])

    run = artists_run(artist(1, "changed"), artist(2), artist(5))

    assert list(post_load.list_new_artist_ids(run)) == ["5"]
    finish(run)
    assert same_as(graph) == [("J. Smith", "5")]


def test_a_first_load_of_artists_after_the_releases_is_new_as_a_whole(graph):
    month(releases=[CREDITED])

    run = artists_run(artist(5), artist(6))

    assert sorted(post_load.list_new_artist_ids(run)) == ["5", "6"]
    finish(run)
    assert same_as(graph) == [("A. Brown", "6"), ("J. Smith", "5")]


def test_a_first_load_of_releases_has_no_old_credit(graph):
    run = start("artists", "releases")

    assert list(post_load.list_new_artist_ids(run)) == []


def test_artists_of_a_run_that_was_cancelled_before_these_steps_are_found_by_the_next(graph):
    month(artists=[artist(1)], releases=[CREDITED])
    cancelled = artists_run(artist(1), artist(5))
    ledger.end(cancelled, RunState.CANCELLED)

    run = artists_run(artist(1), artist(5), artist(6))

    assert sorted(post_load.list_new_artist_ids(run)) == ["5", "6"]
    finish(run)
    assert same_as(graph) == [("A. Brown", "6"), ("J. Smith", "5")]


def test_an_artist_whose_node_an_earlier_run_owed_is_new(graph):
    month(artists=[artist(1)], releases=[CREDITED])
    run = start("artists")
    (chunk,) = add_chunks(run, "artists", [artist(1), artist(5)])
    load_tables(run)
    give_up(chunk, "graph")
    finish(run)

    run = artists_run(artist(1), artist(5))

    assert "5" in list(post_load.list_new_artist_ids(run))
    finish(run)
    assert same_as(graph) == [("J. Smith", "5")]
