"""Credits (docs/contract/rest.md#credits), on the catalogue made by hand: ``CREDITS`` there has all of them."""

from collections import Counter

import pytest

from apps.graph.readers import credits as readers
from apps.graph.roles import OTHER, PHRASES
from tests.api.catalogue import CREDITS

pytestmark = pytest.mark.django_db

PERSON = "/api/credits/person/"
SHARED, COMPLETE = "/api/credits/shared", "/api/credits/autocomplete"
INJECTIONS = [
    "' OR 1=1 //",
    '"}) DETACH DELETE release //',
    "'}]->(r) DETACH DELETE r //",
    "Jonas Ek' UNION MATCH (p:Person) RETURN p.name AS name //",
    "`Person`) //",
    "$name",
    "\\",
    "name:* OR *:*",
    "[* TO *]",
    "/.*/",
    "\u0000",
]


# A person


def test_all_credits_of_a_person_without_a_year_first_then_the_latest(site):
    undated, later, earlier = (
        {"release_id": "104", "title": "Undated Tides", "year": None, "artists": ["Mira Holt"], "labels": ["Pier Dub"]},
        {
            "release_id": "101",
            "title": "Ebb and Flow",
            "year": 1983,
            "artists": ["The Harbour Lights"],
            "labels": ["Kelp Editions"],
        },
        {
            "release_id": "100",
            "title": "Ebb and Flow",
            "year": 1981,
            "artists": ["The Harbour Lights"],
            "labels": ["Pier Dub"],
        },
    )
    breakwater = {
        "release_id": "102",
        "title": "Breakwater",
        "year": 1981,
        "artists": ["Jonas Ek", "Mira Holt"],
        "labels": ["Pier Dub"],
    }

    assert site.json(f"{PERSON}Jonas%20Ek") == {
        "name": "Jonas Ek",
        "total_credits": 5,
        "credits": [
            {**undated, "role": "Producer", "category": "production"},
            {**later, "role": "Producer", "category": "production"},
            {**breakwater, "role": "Guitar", "category": "session"},
            {**earlier, "role": "Mixed By", "category": "engineering"},
            {**earlier, "role": "Producer", "category": "production"},
        ],
    }


def test_a_role_of_two_artists_of_one_name_is_one_credit(site):
    found = site.json(f"{PERSON}Mira%20Holt")

    assert found["total_credits"] == 2
    assert [(each["release_id"], each["role"]) for each in found["credits"]] == [("101", "Vocals"), ("100", "Vocals")]


def test_artists_and_labels_without_a_name_are_left_out(site):
    """Release 109 is by artist 20, who has none; 110 also by Mira Holt, on label 60, which has none; 111 by nobody."""
    found = {each["release_id"]: each for each in site.json(f"{PERSON}Lena%20%C3%96st")["credits"]}

    assert (found["109"]["artists"], found["109"]["labels"]) == ([], ["Sluice"])
    assert (found["110"]["artists"], found["110"]["labels"]) == (["Mira Holt"], [])
    assert (found["111"]["artists"], found["111"]["labels"]) == ([], ["Lone Star"])


def test_the_years_of_a_person_by_category(site):
    assert site.json(f"{PERSON}Jonas%20Ek/timeline") == {
        "name": "Jonas Ek",
        "timeline": [
            {"year": 1981, "category": "engineering", "count": 1},
            {"year": 1981, "category": "production", "count": 1},
            {"year": 1981, "category": "session", "count": 1},
            {"year": 1983, "category": "production", "count": 1},
        ],
    }
    assert [each["count"] for each in site.json(f"{PERSON}Mira%20Holt/timeline")["timeline"]] == [1, 1]


def test_a_person_in_figures(site):
    assert site.json(f"{PERSON}Jonas%20Ek/profile") == {
        "name": "Jonas Ek",
        "total_credits": 5,
        "categories": ["engineering", "production", "session"],
        "first_year": 1981,
        "last_year": 1983,
        "artist_id": "3",
        "artist_name": "Jonas Ek",
        "role_breakdown": [
            {"category": "production", "count": 3},
            {"category": "engineering", "count": 1},
            {"category": "session", "count": 1},
        ],
    }


def test_of_several_artists_the_one_with_the_smallest_id_is_told(site):
    """As text, ``10`` is smaller than ``2``."""
    found = site.json(f"{PERSON}Mira%20Holt/profile")

    assert (found["total_credits"], found["artist_id"], found["artist_name"]) == (2, "10", "Mira Holt")


def test_a_person_without_years_and_without_an_artist(site):
    found = site.json(f"{PERSON}C%2B%2B/profile")

    assert [found[name] for name in ("first_year", "last_year", "artist_id", "artist_name")] == [None] * 4
    assert found["total_credits"] == 1
    assert site.error(f"{PERSON}C%2B%2B/timeline")[0] == 404


@pytest.mark.parametrize("name", ["nope", "jonas ek", "Holtware", "%20", "a%2Fb", "%2F"])
@pytest.mark.parametrize("more", ["", "/timeline", "/profile"])
def test_who_has_no_credits_is_not_found(site, name, more):
    """Names are exact, and an artist that no release credits is none of these people."""
    status, body = site.error(f"{PERSON}{name}{more}")

    assert status == 404
    assert "not found" in body["error"]


@pytest.mark.parametrize("name", ["AC%2FDC%20(12.5)", "AC/DC%20(12.5)"])
def test_a_name_may_have_a_slash(site, name):
    assert site.json(f"{PERSON}{name}")["name"] == "AC/DC (12.5)"
    assert site.json(f"{PERSON}{name}/profile")["role_breakdown"] == [{"category": "design", "count": 1}]
    assert site.json(f"{PERSON}{name}/timeline")["timeline"] == [{"year": 1981, "category": "design", "count": 1}]
    assert site.json(f"/api/credits/connections/{name}")["name"] == "AC/DC (12.5)"


# A release


def test_who_is_credited_on_a_release_by_category_and_name(site):
    roles = [
        ("AC/DC (12.5)", "Artwork", "design", "32", "AC/DC (12.5)"),
        ("Jonas Ek", "Mixed By", "engineering", "3", "Jonas Ek"),
        ("Lena Öst", "Mastered By", "mastering", None, None),
        ("Jonas Ek", "Producer", "production", "3", "Jonas Ek"),
        ("Mira Holt", "Vocals", "session", "10", "Mira Holt"),
        ("Mira Holt", "Vocals", "session", "2", "Mira Holt"),
    ]
    names = ("name", "role", "category", "artist_id", "artist_name")

    assert site.json("/api/credits/release/100") == {
        "release_id": "100",
        "credits": [dict(zip(names, each, strict=True)) for each in roles],
    }


def test_each_artist_of_a_name_has_an_entry_of_its_own(site):
    found = site.json("/api/credits/release/101")["credits"]

    assert [(each["name"], each["artist_id"]) for each in found] == [
        ("Jonas Ek", "3"),
        ("Mira Holt", "10"),
        ("Mira Holt", "2"),
    ]


@pytest.mark.parametrize("release_id", ["103", "nope", "0"])
def test_a_release_without_credits_is_not_found(site, release_id):
    status, body = site.error(f"/api/credits/release/{release_id}")

    assert status == 404
    assert "not found" in body["error"]


# Categories of roles


def test_the_categories_are_those_of_roles():
    assert set(readers.LEADERS) == {*PHRASES, OTHER}


@pytest.mark.parametrize(
    ("category", "entries"),
    [
        ("production", [("Jonas Ek", 3)]),
        ("engineering", [("C++", 1), ("Jonas Ek", 1)]),
        ("mastering", [("Lena Öst", 3)]),
        ("session", [("Mira Holt", 2), ("Jonas Ek", 1)]),
        ("design", [("AC/DC (12.5)", 1), ("Lena Öst", 1)]),
        ("management", [("Lena Öst", 1)]),
        ("other", [("Lena Öst", 2)]),
    ],
)
def test_those_with_the_most_releases_in_a_category(site, category, entries):
    assert site.json(f"/api/credits/role/{category}/top") == {
        "category": category,
        "entries": [{"name": name, "credit_count": count} for name, count in entries],
    }


def test_no_more_leaders_than_asked_for(site):
    assert site.json("/api/credits/role/design/top?limit=1")["entries"] == [{"name": "AC/DC (12.5)", "credit_count": 1}]


@pytest.mark.parametrize("role", ["nope", "Mastering", "mastering ", "%E2%82%AC"])
def test_what_is_no_category_is_refused(site, role):
    status, body = site.error(f"/api/credits/role/{role}/top")

    assert status == 400
    assert "Invalid role category" in body["error"]


# Together


def test_what_two_people_worked_on_with_each_pair_of_roles(site):
    found = site.json(SHARED, person1="Jonas Ek", person2="Lena Öst")

    assert (found["person1"], found["person2"]) == ("Jonas Ek", "Lena Öst")
    assert found["shared_releases"] == [
        {
            "release_id": "100",
            "title": "Ebb and Flow",
            "year": 1981,
            "person1_role": "Mixed By",
            "person2_role": "Mastered By",
            "artists": ["The Harbour Lights"],
        },
        {
            "release_id": "100",
            "title": "Ebb and Flow",
            "year": 1981,
            "person1_role": "Producer",
            "person2_role": "Mastered By",
            "artists": ["The Harbour Lights"],
        },
        {
            "release_id": "102",
            "title": "Breakwater",
            "year": 1981,
            "person1_role": "Guitar",
            "person2_role": "Mastered By",
            "artists": ["Jonas Ek", "Mira Holt"],
        },
    ]


def test_what_two_people_worked_on_the_latest_first(site):
    found = site.json(SHARED, person1="Mira Holt", person2="Jonas Ek")["shared_releases"]

    assert [(each["year"], each["person1_role"], each["person2_role"]) for each in found] == [
        (1983, "Vocals", "Producer"),
        (1981, "Vocals", "Mixed By"),
        (1981, "Vocals", "Producer"),
    ]
    undated = site.json(SHARED, person1="C++", person2="Jonas Ek")["shared_releases"]
    assert [(each["release_id"], each["year"]) for each in undated] == [("104", None)]


@pytest.mark.parametrize(
    ("person1", "person2"), [("C++", "Lena Öst"), ("nope", "Jonas Ek"), ("Jonas Ek", ""), ("", "")]
)
def test_people_who_share_nothing(site, person1, person2):
    assert site.json(SHARED, person1=person1, person2=person2) == {
        "person1": person1,
        "person2": person2,
        "shared_releases": [],
    }


def test_whom_a_person_worked_with(site):
    """Counted from the table: of the releases that credit Jonas Ek, how many credit each of the others."""
    names = [{name for name, *_ in credits_} for credits_ in CREDITS.values()]
    counts = Counter(name for each in names if "Jonas Ek" in each for name in each - {"Jonas Ek"})

    found = site.json("/api/credits/connections/Jonas%20Ek")

    assert found == {
        "name": "Jonas Ek",
        "connections": [
            {"name": name, "shared_count": count}
            for name, count in sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
        ],
    }
    assert found["connections"][:2] == [
        {"name": "Lena Öst", "shared_count": 2},
        {"name": "Mira Holt", "shared_count": 2},
    ]


def test_depth_changes_nothing(site):
    answers = [site.json("/api/credits/connections/Mira%20Holt", depth=depth, limit=2) for depth in (1, 2, 3)]

    assert answers[0] == answers[1] == answers[2]
    assert [each["name"] for each in answers[0]["connections"]] == ["Jonas Ek", "AC/DC (12.5)"]


def test_nobody_is_connected_with_nobody(site):
    assert site.json("/api/credits/connections/nope") == {"name": "nope", "connections": []}


# Names as they are typed


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("jo", ["Jonas Ek"]),
        ("HO MI", ["Mira Holt"]),
        ("öst", ["Lena Öst"]),
        ("AC/DC", ["AC/DC (12.5)"]),
        ("ac/d", ["AC/DC (12.5)"]),
        ("a/dc", []),
        ("C+", ["C++"]),
        ("C++", ["C++"]),
        ("holtw", []),
        ("onas", []),
        ("  ", []),
        ("++", []),
        ("jo~9 *:*", []),
        ("*:*", []),
    ],
)
def test_people_by_the_beginnings_of_their_words(site, text, names):
    assert [each["name"] for each in site.json(COMPLETE, q=text)["results"]] == names


def test_a_person_that_was_found_has_a_score_and_no_id(site):
    assert site.json(COMPLETE, q="jon") == {"results": [{"name": "Jonas Ek", "score": 1.0}]}


def test_no_more_people_than_asked_for(site):
    assert len(site.json(COMPLETE, q="c+", limit=1)["results"]) == 1


# What is not taken, and how often


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        (SHARED, [("missing", "query", "person1"), ("missing", "query", "person2")]),
        (f"{SHARED}?person1=a", [("missing", "query", "person2")]),
        (COMPLETE, [("missing", "query", "q")]),
        (f"{COMPLETE}?q=b", [("string_too_short", "query", "q")]),
        (f"{COMPLETE}?q=bb&limit=51", [("less_than_equal", "query", "limit")]),
        (f"{COMPLETE}?q=bb&limit=0", [("greater_than_equal", "query", "limit")]),
        ("/api/credits/connections/x?depth=4", [("less_than_equal", "query", "depth")]),
        (
            "/api/credits/connections/x?depth=0&limit=201",
            [("greater_than_equal", "query", "depth"), ("less_than_equal", "query", "limit")],
        ),
        ("/api/credits/connections/x?depth=two", [("int_parsing", "query", "depth")]),
        ("/api/credits/role/design/top?limit=101", [("less_than_equal", "query", "limit")]),
        ("/api/credits/role/nope/top?limit=0", [("greater_than_equal", "query", "limit")]),
    ],
)
def test_what_credits_do_not_take(site, path, wrong):
    assert site.invalid(path) == wrong


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        (f"{PERSON}x", 60),
        (f"{PERSON}x/timeline", 60),
        (f"{PERSON}x/profile", 60),
        ("/api/credits/release/1", 60),
        ("/api/credits/role/design/top", 30),
        (f"{SHARED}?person1=a&person2=b", 30),
        ("/api/credits/connections/x", 30),
        (f"{COMPLETE}?q=xx", 120),
    ],
)
def test_how_often_each_may_be_asked(site, path, limit):
    assert site.get(path).headers["X-RateLimit-Limit"] == str(limit)


@pytest.mark.parametrize(
    "path",
    [
        "/api/credits",
        "/api/credits/person/",
        "/api/credits/connections/",
        "/api/credits/release/a%2Fb",
        "/api/credits/role/top",
    ],
)
def test_what_is_no_route(site, path):
    assert site.error(path) == (404, {"detail": "Not Found"})


@pytest.mark.parametrize("text", INJECTIONS)
def test_a_text_is_never_taken_for_a_statement(site, text):
    before = site.json("/api/graph/stats")

    assert site.json(SHARED, person1=text, person2="Jonas Ek")["shared_releases"] == []
    assert site.json(COMPLETE, q=text + " ")["results"] == []
    if "\u0000" not in text:
        quoted = "".join(f"%{byte:02X}" for byte in text.encode())
        assert site.json(f"/api/credits/connections/{quoted}")["connections"] == []
        assert site.error(f"{PERSON}{quoted}")[0] == 404
        assert site.error(f"{PERSON}{quoted}/profile")[0] == 404
        assert site.error(f"/api/credits/role/{quoted}/top")[0] in (400, 404)
    assert site.json("/api/graph/stats") == before
    assert site.json("/api/credits/release/111")["credits"][0]["name"] == "Lena Öst"
