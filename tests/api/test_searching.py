"""Search, on the catalogue made by hand; ranks are those of one or more occurrences in PostgreSQL.

Contract: docs/contract/rest.md#search.
"""

import json

import pytest
from django.db import connection

from apps.catalog.search.asking import Question
from apps.explore.answers import searching
from tests.api.catalogue import FOLK, FUNK

pytestmark = pytest.mark.django_db


def search(site, text, **parameters):
    return site.json("/api/search", q=text, **parameters)


def list_found(body):
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
    assert list_found(search(site, "children rock")) == [("release", "110")]
    assert list_found(search(site, "rocks")) == [("release", "108"), ("release", "110")]


def test_artists_labels_and_releases_of_one_rank_are_in_the_order_of_their_ids_as_texts(site):
    assert list_found(search(site, "kelp")) == [
        ("release", "105"),
        ("release", "106"),
        ("release", "107"),
        ("label", "51"),
    ]


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
    assert list_found(labels) == [("label", "51")]
    assert labels["facets"]["genre"] == {"Electronic": 3, FUNK: 1}
    assert labels["facets"]["decade"] == {"1990s": 1, "2000s": 2}


def test_genres_are_told_most_frequent_first(site):
    assert list(search(site, "kelp")["facets"]["genre"]) == ["Electronic", FUNK]


def test_years_keep_what_has_none_and_counts_by_type_are_of_all(site):
    body = search(site, "kelp", year_min=2000, year_max=2001)

    assert list_found(body) == [("release", "106"), ("release", "107"), ("label", "51")]
    assert body["total"] == 3
    assert body["facets"]["type"]["release"] == 3
    assert list_found(search(site, "tides", year_max=1900)) == [("release", "104")]


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
    assert [id_ for _, id_ in list_found(search(site, "kelp", genres=genres))] == ids


def test_a_genre_with_commas_is_one_genre(site):
    assert list_found(search(site, "sea shanties", genres=FOLK)) == [("release", "109")]
    assert list_found(search(site, "rocks", genres=f"Jazz, {FOLK}")) == [("release", "110")]


def test_pages(site):
    pages = [search(site, "kelp", limit=2, offset=offset) for offset in (0, 2, 4, 9_000_000_000_000_000_000)]

    assert [list_found(page) for page in pages] == [
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
    assert list_found(search(site, "holtware")) == [("artist", "4")]


def test_the_text_is_told_as_it_was_given(site):
    assert search(site, " Kelp ")["query"] == " Kelp "
    assert search(site, "kelp")["query"] == "kelp"


@pytest.mark.parametrize(
    "text", ["'; DROP TABLE artists; --", "kelp:* | !a & (b", "%%%", "\\\\\\", "a" * 3000, "\u202e\u0300x"]
)
def test_nothing_in_a_text_is_more_than_text(site, text):
    assert site.get("/api/search", q=text).status_code == 200


# By names


def search_names(site, text, **parameters):
    return [
        (each["type"], each["id"], each["relevance"])
        for each in search(site, text, rank="names", **parameters)["results"]
    ]


def test_the_name_itself_comes_first_then_beginnings_then_more_releases(site):
    # Pier Dub begins with pier; Quell (70) has nine releases, Quell (71) three, all others follow.
    assert search_names(site, "quell") == [
        ("label", "70", 0.7706),
        ("label", "71", 0.7573),
        ("artist", "40", 0.2664),
        ("release", "210", 0.25),
    ]


def test_a_beginning_comes_before_a_word_within(site):
    # Rock the Boat begins so, Children of the Rocks does not; each has no master.
    assert search_names(site, "rock") == [("release", "108", 0.5), ("release", "110", 0.25)]
    assert search_names(site, "the harbour") == [("artist", "1", 0.5049)]


def test_capitals_and_blanks_make_no_other_name(site):
    assert search_names(site, "  mira   HOLT ") == [("artist", "2", 0.7573), ("artist", "10", 0.7549)]


def test_an_edition_counts_as_those_of_its_master(site):
    assert search_names(site, "ebb and flow") == [
        ("master", "500", 0.7549),
        ("release", "100", 0.7549),
        ("release", "101", 0.7549),
    ]
    assert search_names(site, "ebb and flow", types="release,master")[0] == ("release", "100", 0.7549)


def test_pages_by_names_are_parts_of_one_order(site):
    whole = search_names(site, "kelp")

    assert whole == [
        ("label", "51", 0.5119),
        ("release", "105", 0.5),
        ("release", "106", 0.5),
        ("release", "107", 0.5),
    ]
    assert [search_names(site, "kelp", limit=1, offset=offset)[0] for offset in range(4)] == whole
    assert search_names(site, "kelp", offset=9_000_000_000_000_000_000) == []


def test_beyond_the_candidates_hits_follow_as_the_tables_rank_them(site, monkeypatch):
    monkeypatch.setattr(searching, "CANDIDATES", 2)

    def ids(**page):
        answer = searching.search(Question("kelp", by_names=True, **page))
        return [(hit.type, hit.id) for hit in answer.hits], answer.total

    everything = [("label", "51"), ("release", "105"), ("release", "106"), ("release", "107")]
    assert ids() == (everything, 4)
    assert ids(offset=1, limit=2) == (everything[1:3], 4)
    assert ids(offset=2, limit=2) == (everything[2:], 4)


def test_counts_by_names_are_those_of_any_order(site):
    by_words, by_names = search(site, "kelp"), search(site, "kelp", rank="NAMES")

    assert {**by_names, "results": None} == {**by_words, "results": None}
    assert {each["id"]: {**each, "relevance": 0} for each in by_names["results"]} == {
        each["id"]: {**each, "relevance": 0} for each in by_words["results"]
    }


def test_what_only_looks_like_the_text_keeps_its_order(site):
    assert search(site, "mira holtt", rank="names") == search(site, "mira holtt")


def test_filters_hold_by_names(site):
    assert [id_ for _, id_, _ in search_names(site, "kelp", year_min=2000, types="release")] == ["106", "107"]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("5021603054066", ["100", "101"]),
        ("5 021603-054066 ", ["100", "101"]),
        ("036000291452", ["101", "102"]),
        ("0036000291452", ["101", "102"]),
        ("40063813", ["103"]),
        ("73513537", []),
        ("4006381333931", []),
        ("9999999999999", []),
        ("502160305406", []),
        ("50216030540660", []),
        ("٥٠٢١٦٠٣٠٥٤٠٦٦", []),
    ],
)
def test_digits_find_a_barcode(site, text, ids):
    assert list_found(search(site, text, rank="names")) == [("release", id_) for id_ in ids]
    assert list_found(search(site, text)) == []


def test_a_barcode_is_answered_like_a_text(site):
    assert search(site, "40063813", rank="names") == {
        "query": "40063813",
        "total": 1,
        "facets": {
            "type": {"artist": 0, "label": 0, "master": 0, "release": 1},
            "genre": {"Rock": 1},
            "decade": {"1990s": 1},
        },
        "results": [
            {
                "type": "release",
                "id": "103",
                "name": "Mooring",
                "highlight": "Mooring",
                "relevance": 1.0,
                "metadata": {"year": 1995, "genres": ["Rock"]},
            }
        ],
        "pagination": {"limit": 20, "offset": 0, "has_more": False},
    }


def test_filters_and_pages_hold_for_a_barcode(site):
    barcode = {"text": "036000291452", "rank": "names"}

    assert list_found(search(site, **barcode, types="artist")) == []
    assert list_found(search(site, **barcode, genres="Rock")) == [("release", "102")]
    assert list_found(search(site, **barcode, year_max=1981)) == [("release", "102")]
    page = search(site, **barcode, limit=1)
    assert (list_found(page), page["total"], page["pagination"]["has_more"]) == ([("release", "101")], 2, True)


def test_a_barcode_is_found_by_its_index():
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        cursor.execute("EXPLAIN SELECT FROM releases WHERE barcodes(data) && ARRAY['5021603054066']")
        plan = "".join(line for (line,) in cursor)
        cursor.execute("RESET enable_seqscan")

    assert "idx_releases_barcodes" in plan


@pytest.mark.parametrize(
    ("identifiers", "barcodes"),
    [
        ([{"type": "Barcode", "value": "9" * 2_000_000}, {"type": "Barcode", "value": "4006 3813"}], ["40063813"]),
        ([{"type": "Barcode", "value": "9 " * 1_000_000}], None),
        ([{"type": "Barcode", "value": '12345678","87654321'}, {"type": "Barcode"}, "text", None], None),
        ([{"type": "Barcode", "value": 40063813}, {"type": "Barcode", "value": [["40063813", "x"]]}], None),
        ({"type": "Barcode", "value": "40063813"}, ["40063813"]),
        (None, None),
    ],
)
def test_only_digits_of_a_barcode_come_into_the_index(identifiers, barcodes):
    with connection.cursor() as cursor:
        cursor.execute("SELECT barcodes(%s::jsonb)", [json.dumps({"identifiers": identifiers})])
        assert cursor.fetchone() == (barcodes,)


def test_an_order_that_does_not_exist_is_named(site):
    status, body = site.error("/api/search", q="kelp", rank="stars")

    assert status == 400
    assert "Invalid rank 'stars'" in body["error"]


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
