"""Rarity: equal to a plain computation from the graph, and to the example of the contract."""

from datetime import UTC, datetime

import pytest

from apps.insights import models
from apps.insights.computing import running, steps
from apps.insights.rarity import WEIGHTS
from tests import loading
from tests.api import catalogue
from tests.records import artist, label, master, release
from tests.scoring import score_plainly

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("graph", "spooled")]

YEAR = datetime.now(UTC).year
RELEASES = """
MATCH (release:Release)
RETURN release.id AS id, release.year AS year, release.formats AS formats, COUNT { (release)--() } AS degree,
    COLLECT { MATCH (release)-[:BY]->(artist) RETURN COUNT { (artist)--() } } AS artists,
    COLLECT { MATCH (release)-[:ON]->(label) RETURN COUNT { (label)<-[:ON]-() } } AS labels,
    COLLECT { MATCH (release)-[:IS]->(genre:Genre) RETURN COUNT { (genre)<-[:IS]-(:Release) } } AS genres,
    COLLECT {
        MATCH (release)-[:DERIVED_FROM]->()<-[:DERIVED_FROM]-(other) RETURN [other.id, coalesce(other.year, 0)]
    } AS others,
    EXISTS { (release)-[:DERIVED_FROM]->() } AS has_master
"""


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch):
    """Have many pages in few records, and leave no staged table behind."""
    monkeypatch.setattr(steps, "PAGE_IDS", 3)
    yield
    steps.drop_staged(running.INSIGHTS["release_rarity"])


def read_stored():
    return {
        each.release_id: (
            each.rarity_score,
            each.tier,
            each.hidden_gem_score,
            {signal: getattr(each, signal) for signal in WEIGHTS},
        )
        for each in models.ReleaseRarity.objects.all()
    }


def test_every_release_has_the_score_of_a_plain_computation(graph):
    loading.month(**catalogue.dump())
    models.CommunityCount.objects.create(release_id=100, have_count=3, want_count=9)
    models.CommunityCount.objects.create(release_id=101, have_count=20_000, want_count=0)

    assert running.compute("release_rarity") is None

    expected = score_plainly(graph.run(RELEASES).data(), {100: (3, 9), 101: (20_000, 0)})
    assert read_stored() == expected
    assert len({tier for _, tier, _, _ in expected.values()}) > 1


def test_the_example_of_the_contract(graph):
    formats = "<formats><format name='Vinyl' qty='1'/><format name='LP' qty='1'/></formats>"
    loading.month(
        artists=[artist(1, "Reef"), artist(2, "Kelp")],
        labels=[label(7)],
        masters=[master(5)],
        releases=[
            release(
                1,
                artists=[2, 1],
                labels=[7],
                genres=["Rock"],
                styles=["Dub"],
                released=f"{YEAR - 46}",
                master_id=5,
                more=formats,
            ),
            release(2, released=f"{YEAR - 8}", master_id=5),
            *[release(10 + each, labels=[7]) for each in range(149)],
        ],
    )
    models.CommunityCount.objects.create(release_id=1, have_count=80, want_count=120)

    running.compute("release_rarity")

    found = models.ReleaseRarity.objects.get(pk=1)
    assert [getattr(found, signal) for signal in WEIGHTS] == [85, 50, 40, 29, 50, 75]
    assert (found.rarity_score, found.tier, found.artist_name) == (58.5, "scarce", "Kelp")


def test_a_computation_again_writes_only_what_differs():
    loading.month(releases=[release(1), release(2)])
    running.compute("release_rarity")
    before = dict(models.ReleaseRarity.objects.values_list("pk", "computed_at"))
    models.CommunityCount.objects.create(release_id=2, have_count=0)

    running.compute("release_rarity")

    after = dict(models.ReleaseRarity.objects.values_list("pk", "computed_at"))
    assert after[1] == before[1]
    assert after[2] > before[2]
