"""Insights (docs/contract/rest.md#insights, docs/contract/rest.md#rarity), on the rows of ``tests.api.computed``."""

import time
from email.utils import parsedate_to_datetime

import pytest

NEVER = {"last_computed": None, "status": "never_run", "duration_ms": None}
TYPES = [
    "artist_centrality",
    "genre_trends",
    "label_longevity",
    "anniversaries",
    "data_completeness",
    "community_enrichment",
    "release_rarity",
]


@pytest.fixture
def computed(site, django_db_blocker):
    """What is written is committed, for the site is another process."""
    from tests.api import computed  # noqa: PLC0415 - models can be imported only when the servers run

    with django_db_blocker.unblock(), computed.rows():
        yield computed


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("top-artists", "items"),
        ("genre-trends?genre=Jazz", "trends"),
        ("label-longevity", "items"),
        ("this-month", "items"),
        ("data-completeness", "items"),
        ("release-rarity", "items"),
    ],
)
def test_before_the_first_computation_there_is_nothing_and_that_is_not_kept(site, request, path, key):
    found = site.json(f"/api/insights/{path}")

    assert found[key] == []
    assert found.get("count", 0) == 0

    request.getfixturevalue("computed")
    assert site.json(f"/api/insights/{path}")[key]


# Without a test of its own that asks for the database there is none, should this module run alone.
@pytest.mark.django_db
def test_before_the_first_computation_all_insights_never_ran(site):
    assert site.json("/api/insights/status") == {"statuses": [{"insight_type": each, **NEVER} for each in TYPES]}


def test_the_artists_with_the_most_relationships(site, computed):
    first = {"rank": 1, "artist_id": "1", "artist_name": "Harbour", "edge_count": 12}

    found = site.json("/api/insights/top-artists")

    assert (found["metric"], found["count"]) == ("centrality", 3)
    assert found["items"][0] == first
    assert [each["rank"] for each in found["items"]] == [1, 2, 3]
    assert site.json("/api/insights/top-artists?limit=1") == {"metric": "centrality", "items": [first], "count": 1}


def test_the_decades_of_a_genre(site, computed):
    assert site.json("/api/insights/genre-trends?genre=Jazz") == {
        "genre": "Jazz",
        "trends": [
            {"decade": 1950, "release_count": 10},
            {"decade": 1960, "release_count": 25},
            {"decade": 1970, "release_count": 25},
        ],
        "peak_decade": 1960,
    }


@pytest.mark.parametrize("genre", ["nope", "jazz", "", "Jazz' OR '1'='1", "Jazz\\", "Ja%", '"}) MATCH (n) //', "🎷"])
def test_a_genre_that_is_not_there_has_no_decades(site, computed, genre):
    found = site.json("/api/insights/genre-trends", genre=genre)

    assert found == {"genre": genre, "trends": [], "peak_decade": None}


def test_a_genre_may_have_a_slash(site, computed):
    found = site.json("/api/insights/genre-trends?genre=Funk+%2F+Soul")

    assert found["trends"] == [{"decade": 1970, "release_count": 3}]


def test_the_labels_that_have_been_releasing_for_longest(site, computed):
    assert site.json("/api/insights/label-longevity") == {
        "items": [
            {
                "rank": 1,
                "label_id": "50",
                "label_name": "Pier Dub",
                "first_year": 1981,
                "last_year": 1995,
                "years_active": 15,
                "total_releases": 5,
                "peak_decade": 1980,
                "still_active": True,
            },
            {
                "rank": 2,
                "label_id": "51",
                "label_name": "Kelp",
                "first_year": 1999,
                "last_year": None,
                "years_active": 5,
                "total_releases": 5,
                "peak_decade": None,
                "still_active": False,
            },
        ],
        "count": 2,
    }
    assert site.json("/api/insights/label-longevity?limit=1")["count"] == 1


def test_the_anniversaries_of_this_month_the_longest_ago_first(site, computed):
    """The last two are of one year, so their ids decide, as texts. One was computed for another month."""
    found = site.json("/api/insights/this-month")

    assert (found["month"], found["year"], found["count"]) == (computed.TODAY.month, computed.TODAY.year, 3)
    assert found["items"][0] == {
        "master_id": "500",
        "title": "Master 500",
        "artist_name": "The Harbour Lights",
        "release_year": computed.TODAY.year - 50,
        "anniversary": 50,
    }
    assert [each["master_id"] for each in found["items"]] == ["500", "10", "9"]
    assert found["items"][1]["artist_name"] is None


def test_how_complete_records_are_by_type(site, computed):
    found = site.json("/api/insights/data-completeness")

    assert [each["entity_type"] for each in found["items"]] == ["artists", "labels", "masters", "releases"]
    assert found["count"] == 4
    assert found["items"][2] == {
        "entity_type": "masters",
        "total_count": 3,
        "with_image": 0,
        "with_year": 2,
        "with_country": 1,
        "with_genre": 3,
        "completeness_pct": 66.67,
    }


def test_the_last_computation_that_ended_is_told(site, computed):
    statuses = site.json("/api/insights/status")["statuses"]

    assert [each["insight_type"] for each in statuses] == TYPES
    assert [{name: each[name] for name in NEVER} for each in statuses] == [
        {"last_computed": "2026-09-01T04:00:02Z", "status": "failed", "duration_ms": 2001},
        {"last_computed": "2026-09-01T05:00:02Z", "status": "completed", "duration_ms": 2002},
        *[NEVER] * 5,
    ]


def test_the_rarest_releases_with_all_that_is_stored(site, computed):
    found = site.json("/api/insights/release-rarity?limit=2")

    assert found["count"] == 2
    assert found["items"][0] == {
        "release_id": 100,
        "title": "Ebb and Flow",
        "artist_name": "The Harbour Lights",
        "year": 1981,
        "rarity_score": 85.0,
        "tier": "ultra-rare",
        "hidden_gem_score": 40.0,
        **computed.SIGNALS,
    }
    assert [each["release_id"] for each in site.json("/api/insights/release-rarity")["items"]] == [
        100,
        9,
        10,
        101,
        103,
        102,
        105,
    ]


def test_an_answer_is_kept_until_insights_are_computed_anew(site, computed):
    path = "/api/insights/top-artists?limit=2"
    before = site.json(path)

    computed.models.ArtistCentrality.objects.filter(rank=1).update(edge_count=99)

    assert site.json(path) == before
    computed.generation()
    assert [each["edge_count"] for each in site.json(path)["items"]] == [99, 7]


def test_the_status_is_not_kept(site, computed):
    site.json("/api/insights/status")

    computed.compute("anniversaries", "completed", 9)

    assert site.json("/api/insights/status")["statuses"][3]["status"] == "completed"


def test_without_its_row_an_insight_that_is_computed_is_never_run(site, computed):
    computed.models.Computation.objects.all().delete()

    assert {each["status"] for each in site.json("/api/insights/status")["statuses"]} == {"never_run"}


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("top-artists?limit=0", [("greater_than_equal", "query", "limit")]),
        ("top-artists?limit=501", [("less_than_equal", "query", "limit")]),
        ("top-artists?limit=x", [("int_parsing", "query", "limit")]),
        ("genre-trends", [("missing", "query", "genre")]),
        ("genre-trends?genre=a%00b", [("value_error", "query", "genre")]),
        ("label-longevity?limit=0", [("greater_than_equal", "query", "limit")]),
        ("label-longevity?limit=201", [("less_than_equal", "query", "limit")]),
        ("release-rarity?limit=501", [("less_than_equal", "query", "limit")]),
        ("release-rarity?limit=", [("int_parsing", "query", "limit")]),
    ],
)
def test_what_insights_do_not_take(site, query, wrong):
    assert site.invalid(f"/api/insights/{query}") == wrong


@pytest.mark.parametrize("path", ["/api/insights/top-artists?limit=500", "/api/insights/label-longevity?limit=200"])
def test_bounds_are_taken(site, path):
    assert site.json(path)["items"] == []


@pytest.mark.parametrize("path", ["/api/insights", "/api/insights/nope", "/api/insights/top-artists/1"])
def test_there_is_nothing_beside(site, path):
    assert site.error(path) == (404, {"detail": "Not Found"})


def test_there_is_no_limit(site):
    assert "X-RateLimit-Limit" not in site.get("/api/insights/status").headers


@pytest.mark.parametrize(
    ("path", "insight"),
    [
        ("top-artists", "artist_centrality"),
        ("genre-trends?genre=Jazz", "genre_trends"),
        ("label-longevity", "label_longevity"),
        ("this-month", "anniversaries"),
        ("data-completeness", "data_completeness"),
        ("release-rarity", "release_rarity"),
    ],
)
def test_an_answer_tells_how_fresh_it_is(site, computed, path, insight):
    began = int(time.time())
    computed.keeping.invalidate(insight)

    found = site.get(f"/api/insights/{path}")
    again = site.ask("GET", f"/api/insights/{path}", headers={"If-None-Match": found.headers["ETag"]})

    assert began <= parsedate_to_datetime(found.headers["Last-Modified"]).timestamp() <= time.time()
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["Last-Modified"] == found.headers["Last-Modified"]


def test_another_result_has_another_tag(site, computed):
    path = "/api/insights/top-artists"
    before = site.get(path).headers["ETag"]
    computed.models.ArtistCentrality.objects.filter(rank=1).update(edge_count=99)
    computed.keeping.invalidate("artist_centrality")

    found = site.ask("GET", path, headers={"If-None-Match": before})

    assert found.status_code == 200
    assert found.headers["ETag"] != before
