"""Label DNA (docs/contract/rest.md#label-dna), on the catalogue made by hand."""

import pytest

pytestmark = pytest.mark.django_db


def test_what_a_label_has_released(site):
    """Label 50 has releases 100 to 104: Electronic, Electronic, Electronic and Rock, Rock, Rock."""
    assert site.json("/api/label/50/dna") == {
        "label_id": "50",
        "label_name": "Pier Dub",
        "release_count": 5,
        "artist_count": 4,
        "artist_diversity": 0.8,
        "active_years": [1981, 1983, 1995],
        "peak_decade": 1980,
        "prolificacy": 1.67,
        "genres": [
            {"name": "Electronic", "count": 3, "percentage": 50.0},
            {"name": "Rock", "count": 3, "percentage": 50.0},
        ],
        "styles": [
            {"name": "Dub", "count": 3, "percentage": 50.0},
            {"name": "Post-Punk", "count": 2, "percentage": 33.3},
            {"name": "Ambient", "count": 1, "percentage": 16.7},
        ],
        "formats": [
            {"name": "Vinyl", "count": 3, "percentage": 60.0},
            {"name": "CD", "count": 2, "percentage": 40.0},
        ],
        "decades": [
            {"decade": 1980, "count": 3, "percentage": 75.0},
            {"decade": 1990, "count": 1, "percentage": 25.0},
        ],
    }


@pytest.mark.parametrize("path", ["/api/label/52/dna", "/api/label/52/similar", "/api/label/60/dna"])
def test_fewer_than_five_releases_say_nothing(site, path):
    status, body = site.error(path)

    assert status == 422
    assert "fewer than 5" in body["error"]


@pytest.mark.parametrize("path", ["/api/label/zzz/dna", "/api/label/zzz/similar", "/api/label/compare/dna"])
def test_a_label_that_is_not_there(site, path):
    status, body = site.error(path)

    assert status == 404
    assert "not found" in body["error"]


def test_labels_that_release_the_like(site):
    """Label 51 has Electronic 4 and Funk / Soul 2 times; label 50 Electronic and Rock 3 times: 12 / (√18 · √20)."""
    assert site.json("/api/label/50/similar") == {
        "label_id": "50",
        "label_name": "Pier Dub",
        "similar": [
            {
                "label_id": "51",
                "label_name": "Kelp Editions",
                "similarity": 0.6325,
                "release_count": 5,
                "shared_genres": ["Electronic"],
            }
        ],
    }


@pytest.mark.parametrize("limit", [0, 51])
def test_limits_of_similar(site, limit):
    assert site.invalid("/api/label/50/similar", limit=limit)[0][1:] == ("query", "limit")


def test_labels_side_by_side_in_the_order_asked_for(site):
    labels = site.json("/api/label/dna/compare?ids=51,%2050,,51")["labels"]

    assert [each["dna"]["label_id"] for each in labels] == ["51", "50", "51"]
    assert labels[1]["dna"] == site.json("/api/label/50/dna")


@pytest.mark.parametrize(
    ("ids", "status", "text"),
    [
        ("50", 400, "At least 2"),
        (",", 400, "At least 2"),
        ("1,2,3,4,5,6", 400, "At most 5"),
        ("50,zzz", 404, "zzz"),
        ("zzz,52", 404, "zzz"),
        ("52,zzz", 422, "fewer than 5"),
    ],
)
def test_labels_that_cannot_be_compared(site, ids, status, text):
    found, body = site.error("/api/label/dna/compare", ids=ids)

    assert found == status
    assert text in body["error"]


def test_ids_are_needed(site):
    assert site.invalid("/api/label/dna/compare") == [("missing", "query", "ids")]


def test_a_label_that_was_compared_is_kept(site):
    tag = site.get("/api/label/51/dna").headers["ETag"]
    site.json("/api/label/dna/compare?ids=51,50")

    assert site.get("/api/label/51/dna").headers["ETag"] == tag
