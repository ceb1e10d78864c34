"""The internal routes, and what they and the public ones answer beyond the stored rows of the contract."""

from datetime import UTC, datetime

import orjson
import pytest
from django.core.cache import cache

from apps.insights.computing import running
from tests import loading
from tests.records import artist, label, master, release

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("graph", "spooled")]

YEAR = datetime.now(UTC).year
SECRET = {"X-Internal-Secret": "a secret"}
NAMES = ("artist-centrality", "genre-trends", "label-longevity", "data-completeness", "rarity-scores")


@pytest.fixture
def ask(client, settings):
    settings.INSIGHTS_INTERNAL_SECRET = "a secret"
    cache.clear()
    return lambda path, **headers: client.get(f"/api/{path}", headers=SECRET | headers)


def read(response):
    """Return the JSON of an answer, sent at once or page by page."""
    return orjson.loads(response.getvalue())


def test_without_the_secret_nothing_is_told(ask, settings):
    for wrong in ("", "another", "ä secret"):
        refused = ask("internal/insights/genre-trends", **{"X-Internal-Secret": wrong})
        assert (refused.status_code, list(refused.json())) == (401, ["detail"])
    settings.INSIGHTS_INTERNAL_SECRET = ""
    refused = ask("internal/insights/genre-trends")
    assert (refused.status_code, list(refused.json())) == (503, ["detail"])


def test_before_anything_is_loaded_all_are_empty(ask):
    for name in NAMES:
        assert read(ask(f"internal/insights/{name}")) == {"items": []}
    assert ask("internal/insights/community-enrichment").json() == {
        "enriched": 0,
        "skipped": 0,
        "errors": 0,
        "remaining": 0,
    }


@pytest.mark.parametrize(
    ("query", "status", "key"),
    [
        ("month=1&year=2026&milestones=a,b", 422, "error"),
        ("month=1&year=2026&milestones=25,,9999999999999999999999", 422, "error"),
        ("month=13&year=2026", 422, "detail"),
        ("month=1", 422, "detail"),
        (f"month=1&year={2**63 - 1}&milestones=", 200, "items"),
        (f"month=1&year=-{2**63 - 1}", 200, "items"),
    ],
)
def test_anniversaries_of_odd_years(ask, query, status, key):
    found = ask(f"internal/insights/anniversaries?{query}")

    assert (found.status_code, list(found.json())) == (status, [key])
    if key == "error":
        assert "milestones" in found.json()["error"]


def test_what_was_computed_is_told_with_when_and_in_other_orders(ask):
    old = YEAR - 50
    loading.month(
        artists=[artist(194, "Various"), artist(2, "Kelp"), artist(3, "Reef", aliases=[2])],
        labels=[label(7, "Pier"), label(8, "Deich")],
        masters=[master(5, "Ebb", year=old, artists=[3, 2])],
        releases=[
            *[release(each, artists=[194], labels=[8], genres=["Rock"], released=f"{old}") for each in (1, 2, 3)],
            *[release(each, artists=[2, 3], labels=[7], released=f"{YEAR}", master_id=5) for each in (4, 5)],
            release(6, artists=[194], labels=[7], released="1901"),
        ],
    )
    for name in running.INSIGHTS:
        running.compute(name)

    assert ask("internal/insights/artist-centrality?limit=1").json()["items"] == [
        {"artist_id": "194", "artist_name": "Various", "edge_count": 4}
    ]
    assert ask("internal/insights/genre-trends").json()["items"] == [
        {"genre": "Rock", "decade": old // 10 * 10, "release_count": 3}
    ]
    assert [each["label_id"] for each in ask("internal/insights/label-longevity").json()["items"]] == ["7", "8"]
    assert ask(f"internal/insights/anniversaries?year={YEAR}&month=1").json()["items"] == [
        {"master_id": "5", "title": "Ebb", "artist_name": "Kelp", "release_year": old}
    ]
    assert [each["entity_type"] for each in ask("internal/insights/data-completeness").json()["items"]] == [
        "artists",
        "labels",
        "masters",
        "releases",
    ]
    scores = read(ask("internal/insights/rarity-scores"))["items"]
    assert [each["release_id"] for each in scores] == ["1", "2", "3", "4", "5", "6"]
    assert scores[0]["artist_name"] == "Various"

    first = ask("insights/top-artists")
    assert first.headers["Last-Modified"].endswith("GMT")
    assert set(first.json()["items"][0]) == {"rank", "artist_id", "artist_name", "edge_count"}
    assert [each["artist_id"] for each in first.json()["items"]] == ["194", "2", "3"]
    ranked = ask("insights/top-artists?metric=pagerank&include_placeholders=false").json()
    assert [(each["artist_id"], each["collaborators"], each["pagerank"]) for each in ranked["items"]] == [
        ("2", 1, 1.0),
        ("3", 1, 1.0),
    ]
    assert ask("insights/top-artists?metric=nope").status_code == 400
    settled = ask("insights/label-longevity?isolated_years=false").json()["items"]
    assert [(each["label_id"], each["first_year"], each["first_year_of_all"]) for each in settled] == [
        ("7", YEAR, 1901),
        ("8", old, old),
    ]
    assert ask("insights/this-month?by_month=true").json()["count"] == (datetime.now(UTC).month == 1)
