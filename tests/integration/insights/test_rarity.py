"""Rarity: equal to a plain computation from the graph, and to the example of the contract."""

from datetime import UTC, datetime

import pytest

from apps.insights import models
from apps.insights.computing import running, steps
from apps.insights.computing.rarity import FORMATS
from apps.insights.rarity import WEIGHTS
from tests import loading
from tests.api import catalogue
from tests.records import artist, label, master, release

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


def step(value, *limits):
    """Return the score of the first (limit, score) that the value does not exceed."""
    return next(score for limit, score in limits if limit is None or value <= limit)


def score_plainly(rows, counts):
    """Return release id → (score, tier, gem score, signals), as the contract words it."""
    kinds = {kind: [max(row[kind]) for row in rows if row[kind]] for kind in ("artists", "labels", "genres")}
    found = {}
    for row in rows:
        have, want = counts.get(int(row["id"]), (None, 0))
        year, pressings = row["year"], len(row["others"]) + 1
        is_recent = any(other >= YEAR - 10 for _, other in row["others"])
        age = 50 if year is None else max(0, min(100, max(0, (YEAR - year) * 1.5)) - 40 * is_recent)
        prevalence = (
            50
            if have is None
            else min(
                100,
                step(have, (0, 95), (10, 85), (100, 70), (1000, 50), (10000, 25), (None, 10)) + 5 * (want > have),
            )
        )
        signals = {
            "pressing_scarcity": step(pressings, (1, 100), (2, 85), (5, 60), (10, 35), (None, 10))
            if row["has_master"]
            else 90,
            "label_catalog": step(min(row["labels"], default=0), (9, 100), (50, 75), (200, 50), (1000, 25), (None, 10)),
            "format_rarity": max((FORMATS.get(each, 50) for each in row["formats"] or ()), default=50),
            "temporal_scarcity": age,
            "graph_isolation": step(row["degree"], (2, 90), (4, 70), (7, 50), (12, 30), (None, 10)),
            "collection_prevalence": prevalence,
        }
        total = sum(round(WEIGHTS[name] * 100) * signals[name] for name in WEIGHTS) / 100
        fame = sum(
            weight * sum(each < max(row[kind], default=0) for each in kinds[kind]) / max(len(kinds[kind]), 1)
            for kind, weight in (("artists", 0.4), ("labels", 0.3), ("genres", 0.3))
            if row[kind]
        )
        tiers = ((80, "ultra-rare"), (60, "rare"), (40, "scarce"), (20, "uncommon"), (0, "common"))
        tier = next(name for least, name in tiers if total >= least)
        found[int(row["id"])] = (round(total, 1), tier, round(total * fame, 1), signals)
    return found


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
