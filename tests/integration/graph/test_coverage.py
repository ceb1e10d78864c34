"""How much of MusicBrainz the graph shows: noted by runs, and true as long as it is told without counting."""

import pytest
from django.db.models.functions import Now

from apps.graph.readers import coverage
from apps.graph.readers.coverage import Amount
from apps.ingest.models import Run, RunState, Source
from tests import loading
from tests.records import artist, entity, relation

pytestmark = pytest.mark.django_db(transaction=True)

ONE, TWO, THREE = (f"aaaaaaaa-0000-4000-8000-{number:012}" for number in (1, 2, 3))


@pytest.fixture(autouse=True)
def edition(graph, spooled):
    """Artists 1 and 2 have pages in the graph, 3 has one that comes later; 1 taught both of the others."""
    loading.month(artists=[artist(1, "Ada Vik"), artist(2, "Bo Lind")])
    taught = [relation("teacher", TWO), relation("teacher", THREE)]
    yield loading.edition(
        artists=[
            entity(ONE, "Ada Vik", page="artist/1", relations=taught),
            entity(TWO, "Bo Lind", page="artist/2"),
            entity(THREE, "Cleo Aas", page="artist/3"),
        ]
    )
    loading.forget_editions()


def figures(found):
    return found.types["artists"], found.relations, found.relationships


def test_what_a_run_notes_is_what_counting_finds():
    assert figures(coverage.get_known_coverage()) == (Amount(total=3, matched=3, enriched=2), 2, 1)
    assert coverage.count_coverage() == coverage.get_known_coverage()


def test_a_run_of_discogs_that_brings_a_node_notes_it_again():
    loading.month(artists=[artist(1, "Ada Vik"), artist(2, "Bo Lind"), artist(3, "Cleo Aas")])

    assert figures(coverage.get_known_coverage()) == (Amount(total=3, matched=3, enriched=3), 2, 2)
    assert coverage.count_coverage() == coverage.get_known_coverage()


@pytest.mark.parametrize("source", Source)
def test_nothing_is_known_while_a_run_goes_on(source):
    run = loading.start("artists", source=source)

    assert coverage.get_known_coverage() is None

    run.delete()
    assert coverage.get_known_coverage() is not None


def end_run(state, **fields):
    run = loading.start("artists", **fields)
    Run.objects.filter(pk=run.pk).update(state=state, completed_at=Now())


@pytest.mark.parametrize(
    ("state", "fields"),
    [
        (RunState.FAILED, {}),
        (RunState.CANCELLED, {}),
        (RunState.COMPLETED, {"source": Source.MUSICBRAINZ, "stores": ["tables"]}),
    ],
)
def test_nothing_is_known_after_a_run_that_may_have_written_and_has_not_counted(state, fields):
    end_run(state, **fields)

    assert coverage.get_known_coverage() is None
    assert figures(coverage.count_coverage()) == (Amount(total=3, matched=3, enriched=2), 2, 1)


@pytest.mark.parametrize(("state", "fields"), [(RunState.COMPLETED, {}), (RunState.FAILED, {"stores": ["tables"]})])
def test_a_run_of_discogs_that_brought_nothing_to_the_graph_does_not_matter(state, fields):
    end_run(state, **fields)

    assert coverage.get_known_coverage() is not None


def test_nothing_is_known_of_runs_of_before():
    Run.objects.update(coverage={"types": {}})

    assert coverage.get_known_coverage() is None
