"""Rarity, on the rows of ``tests.api.computed`` and the releases of the catalogue made by hand.

Contract: docs/contract/rest.md#rarity.
"""

import pytest

from tests.api import site as sites
from tests.api.catalogue import HARBOUR, HOLTWARE, PIER, UNNAMED

LEADERBOARD = [100, 9, 10, 101, 103, 102, 105]


@pytest.fixture(scope="module", autouse=True)
def computed(site, django_db_blocker):
    """What is written is committed, for the site is another process."""
    from tests.api import computed  # noqa: PLC0415 - models can be imported only when the servers run

    with django_db_blocker.unblock(), computed.rows():
        yield computed


def ids(site, path, **parameters):
    found = site.json(f"/api/rarity/{path}", **parameters)
    return [each["release_id"] for each in found["items"]], found["total"]


def test_the_rarest_releases_first_and_of_one_score_the_smallest_id(site):
    found = site.json("/api/rarity/leaderboard")

    assert [each["release_id"] for each in found["items"]] == LEADERBOARD
    assert {name: found[name] for name in ("total", "page", "page_size")} == {"total": 7, "page": 1, "page_size": 20}
    assert found["items"][0] == {
        "release_id": 100,
        "title": "Ebb and Flow",
        "artist": "The Harbour Lights",
        "year": 1981,
        "rarity_score": 85.0,
        "tier": "ultra-rare",
        "hidden_gem_score": 40.0,
    }


def test_what_is_missing_is_an_empty_text(site):
    assert site.json("/api/rarity/leaderboard")["items"][-1] == {
        "release_id": 105,
        "title": "",
        "artist": "",
        "year": None,
        "rarity_score": 39.9,
        "tier": "uncommon",
        "hidden_gem_score": 50.0,
    }


def test_pages_follow_one_another(site):
    pages = [ids(site, "leaderboard", page=page, page_size=3) for page in (1, 2, 3, 4)]

    assert [each for page, _ in pages for each in page] == LEADERBOARD
    assert [(len(page), total) for page, total in pages] == [(3, 7), (3, 7), (1, 7), (0, 7)]


@pytest.mark.parametrize("page", [2**31, 2**62, 2**63 - 1])
def test_a_page_far_behind_the_end_is_empty(site, page):
    assert site.json("/api/rarity/leaderboard", page=page) == {"items": [], "total": 7, "page": page, "page_size": 20}
    assert ids(site, f"artist/{HARBOUR}", page=page) == ([], 2)


@pytest.mark.parametrize(
    ("tier", "found"),
    [
        ("ultra-rare", [100]),
        ("rare", [9, 10, 101]),
        ("scarce", [103, 102]),
        ("common", []),
        ("Rare", []),
        ("", []),
        ("rare' OR '1'='1", []),
        ("r%", []),
    ],
)
def test_releases_of_a_tier(site, tier, found):
    assert ids(site, "leaderboard", tier=tier) == (found, len(found))


def test_hidden_gems(site):
    """Of those with a score of 41 at least, and as a gem."""
    assert ids(site, "hidden-gems") == ([102, 100, 103], 3)


@pytest.mark.parametrize(
    ("min_rarity", "found"),
    [("0", [105, 102, 100, 103]), ("39.9", [105, 102, 100, 103]), ("41.1", [100, 103]), ("4.2e1", [100]), ("100", [])],
)
def test_hidden_gems_of_another_score(site, min_rarity, found):
    assert ids(site, "hidden-gems", min_rarity=min_rarity) == (found, len(found))


def test_releases_of_an_artist(site):
    assert ids(site, f"artist/{HARBOUR}") == ([100, 101], 2)
    assert ids(site, f"artist/{HARBOUR}", page=2, page_size=1) == ([101], 2)


def test_releases_of_a_label(site):
    """One of its five has no score."""
    assert ids(site, f"label/{PIER}") == ([100, 101, 103, 102], 4)


@pytest.mark.parametrize("path", [f"artist/{HOLTWARE}", "artist/20", f"label/{UNNAMED}"])
def test_an_entity_without_a_release_that_has_a_score(site, path):
    assert site.json(f"/api/rarity/{path}") == {"items": [], "total": 0, "page": 1, "page_size": 20}


@pytest.mark.parametrize("release_id", ["r100", "100'", "٣", str(2**63), ""])
def test_releases_whose_id_is_no_number_are_passed_over(site, release_id):
    from apps.graph.session import session  # noqa: PLC0415 - its address comes with the servers

    with session() as graph:
        graph.run(
            "MATCH (artist:Artist {id: $artist}) CREATE (:Release {id: $id})-[:BY]->(artist)",
            artist=str(HOLTWARE),
            id=release_id,
        ).consume()
        try:
            assert ids(site, f"artist/{HOLTWARE}") == ([], 0)
        finally:
            graph.run("MATCH (release:Release {id: $id}) DETACH DELETE release", id=release_id).consume()


@pytest.mark.parametrize("kind", ["artist", "label"])
@pytest.mark.parametrize(
    "entity_id", ["nope", "12345", "-1", "1'", "1 OR 1=1", "*", "1'}) DETACH DELETE (n) //", "%00"]
)
def test_an_entity_that_is_not_there(site, kind, entity_id):
    status, body = site.error(f"/api/rarity/{kind}/{entity_id.replace('/', '')}")

    assert status == 404
    assert "not found" in body["error"]


def test_why_a_release_is_rare(site):
    assert site.json("/api/rarity/100") == {
        "release_id": 100,
        "title": "Ebb and Flow",
        "artist": "The Harbour Lights",
        "year": 1981,
        "rarity_score": 85.0,
        "tier": "ultra-rare",
        "hidden_gem_score": 40.0,
        "breakdown": {
            "pressing_scarcity": {"score": 85.0, "weight": 0.25},
            "label_catalog": {"score": 50.0, "weight": 0.1},
            "format_rarity": {"score": 40.0, "weight": 0.1},
            "temporal_scarcity": {"score": 29.0, "weight": 0.2},
            "graph_isolation": {"score": 50.0, "weight": 0.15},
            "collection_prevalence": {"score": 75.0, "weight": 0.2},
        },
    }


# Without a test of its own that asks for the database there is none, should this module run alone.
@pytest.mark.django_db
def test_a_signal_that_is_missing_says_nothing(site):
    assert {each["score"] for each in site.json("/api/rarity/105")["breakdown"].values()} == {0.0}


@pytest.mark.parametrize("release_id", [104, 99999999, -1, 0, 2**63 - 1])
def test_a_release_without_a_score(site, release_id):
    status, body = site.error(f"/api/rarity/{release_id}")

    assert status == 404
    assert str(release_id) in body["error"]


@pytest.mark.parametrize("path", ["abc", "artist", "label", "1 OR 1=1", "leaderboard2", "%00"])
def test_a_release_is_a_number(site, path):
    assert site.invalid(f"/api/rarity/{path}") == [("int_parsing", "path", "release_id")]


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("leaderboard?page=0", [("greater_than_equal", "query", "page")]),
        (f"leaderboard?page={2**63}", [("less_than_equal", "query", "page")]),
        ("leaderboard?page_size=0", [("greater_than_equal", "query", "page_size")]),
        (
            "leaderboard?page_size=101&page=x",
            [("int_parsing", "query", "page"), ("less_than_equal", "query", "page_size")],
        ),
        ("leaderboard?tier=%00", [("value_error", "query", "tier")]),
        ("hidden-gems?min_rarity=-0.1", [("greater_than_equal", "query", "min_rarity")]),
        ("hidden-gems?min_rarity=101", [("less_than_equal", "query", "min_rarity")]),
        ("hidden-gems?min_rarity=inf", [("less_than_equal", "query", "min_rarity")]),
        ("hidden-gems?min_rarity=nan", [("greater_than_equal", "query", "min_rarity")]),
        ("hidden-gems?min_rarity=rare", [("float_parsing", "query", "min_rarity")]),
        ("artist/1?page=0", [("greater_than_equal", "query", "page")]),
        ("label/nope?page_size=101", [("less_than_equal", "query", "page_size")]),
    ],
)
def test_what_rarity_does_not_take(site, query, wrong):
    assert site.invalid(f"/api/rarity/{query}") == wrong


@pytest.mark.parametrize("path", ["leaderboard", "hidden-gems", "artist/1", "label/50", "100", "104"])
def test_limits_are_told_with_errors_too(site, path):
    assert site.get(f"/api/rarity/{path}").headers["X-RateLimit-Limit"] == "30"


def test_a_new_computation_is_told_at_once(site, computed):
    before = ids(site, "leaderboard", page_size=7)
    computed.score(7, "Seven", 99.0, "ultra-rare")
    try:
        assert ids(site, "leaderboard", page_size=7) == before
        computed.generation()
        assert ids(site, "leaderboard", page_size=7) == ([7, *LEADERBOARD[:6]], 8)
    finally:
        computed.models.ReleaseRarity.objects.filter(pk=7).delete()
        computed.generation()


def test_a_list_that_takes_too_long_is_given_up(loaded, tmp_path_factory):
    import psycopg  # noqa: PLC0415 - for this test alone

    log = tmp_path_factory.mktemp("hurried") / "site.log"
    with sites.run_site(log, SEARCH_SECONDS="0.3") as hurried, psycopg.connect(sites.database_url()) as connection:
        connection.execute("LOCK TABLE insights.release_rarity IN ACCESS EXCLUSIVE MODE")

        status, body = hurried.error("/api/rarity/leaderboard", page_size=97)

    assert status == 504
    assert "timed out" in body["error"]
