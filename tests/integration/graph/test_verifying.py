"""Whether the graph has what the tables have, and that what it lacks comes back."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from apps.graph import verifying
from tests.integration.graph.reading import read_all
from tests.loading import add_chunks, month, start
from tests.records import artist, release

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("spooled")]
WORLD = {"artists": [artist(1, aliases=[2]), artist(2)], "releases": [release(9, artists=[1], genres=["Rock"])]}


def figures(record_type):
    found = verifying.verify(record_type)
    return found.missing, found.differing, found.extra


def test_a_graph_that_has_what_the_tables_have_does_not_differ(graph):
    month(**WORLD)

    call_command("verify_graph")

    assert [figures(each) for each in ("artists", "releases")] == [(0, 0, 0), (0, 0, 0)]


def test_what_differs_is_said_and_the_next_run_writes_it(graph, capsys):
    month(**WORLD)
    before = read_all(graph)
    graph.run("MATCH (artist:Artist {id: '2'}) DETACH DELETE artist").consume()
    graph.run("MATCH (artist:Artist {id: '1'}) SET artist.sha256 = 'x', artist.name = 'y'").consume()
    graph.run("MATCH (release:Release) DETACH DELETE release").consume()

    with pytest.raises(CommandError, match="differs from the tables"):
        call_command("verify_graph", "--json")

    assert '"artists": {"missing": 1, "differing": 1, "extra": 0}' in capsys.readouterr().out
    month(**WORLD)
    assert read_all(graph) == before
    call_command("verify_graph")


def test_nodes_without_a_record_are_extra(graph):
    month(**WORLD)
    graph.run("CREATE (:Artist {id: '77'})").consume()

    assert figures("artists") == (0, 0, 1)


def test_a_run_that_goes_on_is_not_verified(graph):
    add_chunks(start("artists"), "artists", [artist(1)])

    with pytest.raises(CommandError, match="still going on"):
        call_command("verify_graph")
