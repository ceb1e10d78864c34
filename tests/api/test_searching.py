"""Search, on the catalogue made by hand; ranks are those of one or more occurrences in PostgreSQL.

Contract: docs/contract/rest.md#search.
"""

import pytest

from tests.api.catalogue import FOLK, FUNK

pytestmark = pytest.mark.django_db


def search(site, text, **parameters):
    return site.json("/api/search", q=text, **parameters)


def found(body):
    return [(each["type"], each["id"]) for each in body["results"]]


def test_everything_that_is_said_of_what_is_found(site):
    assert search(site, "ebb flow") == {
        "query": "ebb flow",
        "total": 3,
        "facets": {
            "type": {"artist": 0, "label": 0, "master": 1, "release": 2},
            "genre": {"Electronic": 2},
            "decade": {"1980s": 3},
        },
        "results": [
            {
                "type": "release",
                "id": id_,
                "name": "Ebb and Flow",
                "highlight": "<b>Ebb</b> and <b>Flow</b>",
                "relevance": 0.0985,
                "metadata": {"year": year, "genres": ["Electronic"]},
            }
            for id_, year in (("100", 1981), ("101", 1983))
        ]
        + [
            {
                "type": "master",
                "id": "500",
                "name": "Ebb and Flow",
                "highlight": "<b>Ebb</b> and <b>Flow</b>",
                "relevance": 0.0985,
                "metadata": {"year": 1981},
            }
        ],
        "pagination": {"limit": 20, "offset": 0, "has_more": False},
    }


def test_words_are_those_of_english_and_all_must_be_there(site):
    assert found(search(site, "children rock")) == [("release", "110")]
    assert found(search(site, "rocks")) == [("release", "108"), ("release", "110")]


def test_artists_labels_and_releases_of_one_rank_are_in_the_order_of_their_ids_as_texts(site):
    assert found(search(site, "kelp")) == [("release", "105"), ("release", "106"), ("release", "107"), ("label", "51")]


@pytest.mark.parametrize("text", ["the", "   ", "and the", "of "])
def test_words_that_stop_nothing_find_nothing(site, text):
    body = search(site, text.ljust(3))

    assert (body["total"], body["results"]) == (0, [])
    assert body["facets"] == {
        "type": dict.fromkeys(("artist", "label", "master", "release"), 0),
        "genre": {},
        "decade": {},
    }


def test_only_the_types_asked_for_in_their_order_and_facets_of_all(site):
    body = search(site, "kelp", types="RELEASE, label,release,")

    assert list(body["facets"]["type"].items()) == [("release", 3), ("label", 1)]
    assert list(search(site, "kelp", types="label,release")["facets"]["type"]) == ["label", "release"]
    labels = search(site, "kelp", types="label")
    assert found(labels) == [("label", "51")]
    assert labels["facets"]["genre"] == {"Electronic": 3, FUNK: 1}
    assert labels["facets"]["decade"] == {"1990s": 1, "2000s": 2}


def test_genres_are_told_most_frequent_first(site):
    assert list(search(site, "kelp")["facets"]["genre"]) == ["Electronic", FUNK]


def test_years_keep_what_has_none_and_counts_by_type_are_of_all(site):
    body = search(site, "kelp", year_min=2000, year_max=2001)

    assert found(body) == [("release", "106"), ("release", "107"), ("label", "51")]
    assert body["total"] == 3
    assert body["facets"]["type"]["release"] == 3
    assert found(search(site, "tides", year_max=1900)) == [("release", "104")]


@pytest.mark.parametrize(
    ("genres", "ids"),
    [
        (FUNK, ["107", "51"]),
        (f"{FUNK},Electronic", ["105", "106", "107", "51"]),
        ("nope", ["51"]),
        (",", ["105", "106", "107", "51"]),
    ],
)
def test_genres_are_of_releases_alone(site, genres, ids):
    assert [id_ for _, id_ in found(search(site, "kelp", genres=genres))] == ids


def test_a_genre_with_commas_is_one_genre(site):
    assert found(search(site, "sea shanties", genres=FOLK)) == [("release", "109")]
    assert found(search(site, "rocks", genres=f"Jazz, {FOLK}")) == [("release", "110")]


def test_pages(site):
    pages = [search(site, "kelp", limit=2, offset=offset) for offset in (0, 2, 4, 9_000_000_000_000_000_000)]

    assert [found(page) for page in pages] == [
        [("release", "105"), ("release", "106")],
        [("release", "107"), ("label", "51")],
        [],
        [],
    ]
    assert [page["pagination"]["has_more"] for page in pages] == [True, False, False, False]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("harb", ["The Harbour Lights"]),
        ("jonas e", ["Jonas Ek"]),
        ("cafe zoe", ["Café Zoë"]),
        ("mira holtt", ["Mira Holt", "Mira Holt"]),
        ("AC/D", ["AC/DC (12.5)"]),
        ("The Harb", ["The Harbour Lights"]),
        ("kelp editi", ["Kelp Editions"]),
        ("zzzzqqq", []),
    ],
)
def test_names_as_somebody_types_them(site, text, names):
    assert [each["name"] for each in search(site, text)["results"]][: len(names) or 1] == names


def test_the_look_of_names_is_not_asked_where_words_are_found(site):
    assert found(search(site, "holtware")) == [("artist", "4")]


def test_the_text_is_told_as_it_was_given(site):
    assert search(site, " Kelp ")["query"] == " Kelp "
    assert search(site, "kelp")["query"] == "kelp"


@pytest.mark.parametrize(
    "text", ["'; DROP TABLE artists; --", "kelp:* | !a & (b", "%%%", "\\\\\\", "a" * 3000, "\u202e\u0300x"]
)
def test_nothing_in_a_text_is_more_than_text(site, text):
    assert site.get("/api/search", q=text).status_code == 200


def test_a_type_that_does_not_exist_is_named(site):
    status, body = site.error("/api/search", q="kelp", types="foo,artist,bar")

    assert status == 400
    assert "Invalid type" in body["error"]
    assert "foo" in body["error"]
    assert "bar" in body["error"]


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("", ("missing", "query", "q")),
        ("q=ab", ("string_too_short", "query", "q")),
        ("q=ab%00", ("value_error", "query", "q")),
        ("q=abc&genres=%00", ("value_error", "query", "genres")),
        ("q=abc&year_min=999", ("greater_than_equal", "query", "year_min")),
        ("q=abc&year_max=10000", ("less_than_equal", "query", "year_max")),
        ("q=abc&limit=101", ("less_than_equal", "query", "limit")),
        ("q=abc&offset=-1", ("greater_than_equal", "query", "offset")),
        ("q=abc&offset=99999999999999999999", ("less_than_equal", "query", "offset")),
    ],
)
def test_what_search_does_not_take(site, query, wrong):
    assert site.invalid(f"/api/search?{query}") == [wrong]
