"""Explore (docs/contract/rest.md#explore): every answer worked out from the tables of ``tests.api.catalogue``."""

from collections import Counter

import pytest

from tests.api.catalogue import ARTISTS, FOLK, FUNK, LABELS, RELEASES, UNNAMED

pytestmark = pytest.mark.django_db

KINDS = ["artist", "genre", "label", "style"]


def name_entities(kind):
    """Return the keys of the entities of a kind on a release, and their names."""
    return {
        "artist": lambda each: [(str(id_), ARTISTS[id_] or f"Artist {id_}") for id_ in each.artists],
        "label": lambda each: [(str(id_), LABELS[id_] or f"Label {id_}") for id_ in each.labels],
        "genre": lambda each: [(name, name) for name in each.genres],
        "style": lambda each: [(name, name) for name in each.styles],
    }[kind]


def releases_of(kind, name, before_year=None):
    found = [each for each in RELEASES if name in [entry for _, entry in name_entities(kind)(each)]]
    return [each for each in found if before_year is None or (each.year and each.year <= before_year)]


def children_of(kind, name, child, before_year=None):
    counts = Counter(entry for each in releases_of(kind, name, before_year) for entry in name_entities(child)(each))
    return [
        {"id": id_, "name": text, "type": child, "release_count": count}
        for (id_, text), count in sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    ]


def sort_releases(found):
    latest = sorted(found, key=lambda each: (each.year is None, -(each.year or 0), str(each.id)))
    return [{"id": str(each.id), "name": each.title, "type": "release", "year": each.year} for each in latest]


# Autocomplete


def hits(site, text, kind="artist", **parameters):
    return [each["name"] for each in site.json("/api/autocomplete", q=text, type=kind, **parameters)["results"]]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("mir", ["Mira Holt", "Mira Holt"]),
        ("HOLT", ["Holtware", "Mira Holt", "Mira Holt"]),
        ("lig har", ["The Harbour Lights"]),
        ("  jonas  ek ", ["Jonas Ek"]),
        ("har jonas", []),
        ("the", ["The Harbour Lights"]),
        ("hip-hop", ["Hip-Hop Children's Choir"]),
        ("children's", ["Hip-Hop Children's Choir"]),
        ("ildren", []),
        ("ac/dc", ["AC/DC (12.5)"]),
        ("(12.5)", ["AC/DC (12.5)"]),
        ("坂本龍", ["坂本龍一"]),
        ("café", ["Café Zoë"]),
        ("zzzz", []),
        ("   ", []),
        ("&&&", []),
        ("AND", []),
        ("mira OR jonas", []),
        ("mira~9 *:* id:1", []),
        ('"\\', []),
    ],
)
def test_names_by_the_beginnings_of_their_words(site, text, names):
    if len(text) < 3:
        text = f"{text} "
    assert hits(site, text) == names


def test_a_hit_has_an_id_and_a_score(site):
    assert site.json("/api/autocomplete", q="mira") == {
        "results": [{"id": "2", "name": "Mira Holt", "score": 1.0}, {"id": "10", "name": "Mira Holt", "score": 1.0}]
    }


@pytest.mark.parametrize(
    ("kind", "text", "names"),
    [
        ("genre", "soul", [FUNK]),
        ("genre", "fol cou", [FOLK]),
        ("label", "dub", ["Pier Dub"]),
        ("style", "pos", ["Post-Punk"]),
    ],
)
def test_other_kinds_are_found_by_their_own_index(site, kind, text, names):
    assert hits(site, text, kind) == names


def test_the_id_of_a_genre_is_its_name(site):
    assert site.json("/api/autocomplete", q="roc", type="genre")["results"][0]["id"] == "Rock"


@pytest.mark.parametrize("kind", ["artist", "label"])
def test_whatever_is_opened_by_a_name_comes_first_of_those_who_have_it(site, kind):
    for name in filter(None, {"artist": ARTISTS, "label": LABELS}[kind].values()):
        first = site.json("/api/autocomplete", q=name, type=kind)["results"][0]
        assert first["name"] == name
        assert first["id"] == site.json("/api/explore", name=name, type=kind)["center"]["id"]


@pytest.mark.parametrize(
    ("kind", "text", "names"),
    [
        # Mira Holt has three releases, Holtware none; but only the latter begins so.
        ("artist", "hol", ["Holtware", "Mira Holt", "Mira Holt"]),
        ("artist", "mira HOLT", ["Mira Holt", "Mira Holt"]),
        ("label", "que", ["Quell", "Quell"]),
        ("label", "k", ["Kelp Editions"]),
        ("genre", "f", [FOLK, FUNK]),
        ("style", "d", ["Dub", "Disco"]),
    ],
)
def test_beginnings_of_names_come_first_then_what_has_most_releases(site, kind, text, names):
    assert hits(site, f"{text:3}", kind) == names


def test_hits_are_limited(site):
    assert len(hits(site, "mir", limit=1)) == 1


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("", [("missing", "query", "q")]),
        ("q=ab", [("string_too_short", "query", "q")]),
        ("q=abc&limit=0", [("greater_than_equal", "query", "limit")]),
        ("q=abc&limit=51", [("less_than_equal", "query", "limit")]),
        ("q=abc&limit=", [("int_parsing", "query", "limit")]),
        ("limit=x", [("missing", "query", "q"), ("int_parsing", "query", "limit")]),
    ],
)
def test_what_autocomplete_does_not_take(site, query, wrong):
    assert site.invalid(f"/api/autocomplete?{query}") == wrong


def complete(site, text, **parameters):
    return site.json("/api/autocomplete", q=text, **parameters)["results"]


def test_all_kinds_at_once_in_one_order(site):
    """The name itself first, then beginnings, then most releases; Rock the Boat is no artist."""
    assert complete(site, "quell", type="any") == [
        {"type": "label", "id": "70", "name": "Quell", "score": 1.0},
        {"type": "label", "id": "71", "name": "Quell", "score": 1.0},
        {"type": "artist", "id": "40", "name": "Ada Quell", "score": 1.0},
    ]
    found = [(each["type"], each["name"]) for each in complete(site, "dub", type="ANY")]
    assert found == [("style", "Dub"), ("label", "Pier Dub")]
    assert [each["name"] for each in complete(site, "quell", type="any", limit=2)] == ["Quell", "Quell"]


@pytest.mark.parametrize("text", ["mira", "holt", "harb", "Artist 20", "zzz", "!!!"])
def test_of_one_kind_the_order_is_the_same_among_all(site, text):
    among_all = [each for each in complete(site, text, type="any", limit=50) if each["type"] == "artist"]

    assert [{key: each[key] for key in ("id", "name", "score")} for each in among_all] == complete(site, text, limit=50)


def test_hints_tell_what_is_of_one_name_apart(site):
    assert complete(site, "mira", fields="hint") == [
        {"id": "2", "name": "Mira Holt", "score": 1.0, "hint": "3 releases, Rock"},
        {"id": "10", "name": "Mira Holt", "score": 1.0, "hint": "2 releases, Rock"},
    ]
    assert [each["hint"] for each in complete(site, "harbour", fields=" Hint,")] == ["2 releases, Electronic"]
    assert [each["hint"] for each in complete(site, "quell", type="any", fields="hint")] == [
        "9 releases",
        "3 releases",
        "7 releases, Jazz",
    ]
    assert [each["hint"] for each in complete(site, "gus", fields="hint")] == ["1 release"]
    assert [each["hint"] for each in complete(site, "holtware", fields="hint")] == ["no releases"]


def test_other_fields_there_are_none_of(site):
    status, body = site.error("/api/autocomplete", q="mira", fields="hint,score")

    assert (status, body["error"]) == (400, "Invalid fields 'score': give one of hint")


# Explore


def explore(site, kind, name):
    body = site.json("/api/explore", name=name, type=kind)
    return body["center"], {each["category"]: each["count"] for each in body["categories"]}


def test_an_artist_with_all_that_is_said_of_it(site):
    assert site.json("/api/explore?name=The+Harbour+Lights") == {
        "center": {"id": "1", "name": "The Harbour Lights", "type": "artist"},
        "categories": [
            {"id": "cat-releases", "name": "Releases", "category": "releases", "count": 2},
            {"id": "cat-labels", "name": "Labels", "category": "labels", "count": 2},
            {"id": "cat-aliases", "name": "Aliases & Members", "category": "aliases", "count": 2},
        ],
    }


def test_of_two_artists_of_one_name_the_smaller_number(site):
    assert explore(site, "artist", "Mira Holt") == (
        {"id": "2", "name": "Mira Holt", "type": "artist"},
        {"releases": 3, "labels": 2, "aliases": 1},
    )


@pytest.mark.parametrize(
    ("kind", "name"), [("genre", "Rock"), ("genre", FUNK), ("style", "Dub"), ("label", "Kelp Editions")]
)
def test_counts_of_the_others_are_those_of_their_releases(site, kind, name):
    center, counts = explore(site, kind, name)

    assert center["name"] == name
    assert counts == {
        category: len(releases_of(kind, name))
        if category == "releases"
        else len(children_of(kind, name, category.removesuffix("s")))
        for category in counts
    }


def test_categories_are_in_their_order(site):
    orders = {
        kind: list(explore(site, kind, name)[1])
        for kind, name in [("genre", "Rock"), ("label", "Sluice"), ("style", "Dub")]
    }

    assert orders == {
        "genre": ["releases", "artists", "labels", "styles"],
        "label": ["releases", "artists", "genres"],
        "style": ["releases", "artists", "labels", "genres"],
    }


def test_the_type_is_told_in_lower_case(site):
    assert explore(site, "GENRE", "Rock")[0] == {"id": "Rock", "name": "Rock", "type": "genre"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "name", ["nope", "", "rock", "mira holt", "' OR 1=1 //", "}) DETACH DELETE n //", "\0", "x" * 5000]
)
def test_a_name_that_nobody_has_is_not_found(site, kind, name):
    status, body = site.error("/api/explore", name=name, type=kind)

    assert status == 404
    assert "not found" in body["error"]


@pytest.mark.parametrize(
    "path", ["explore?name=x", "expand?node_id=x&category=releases", "trends?name=x", "node/1?", "autocomplete?q=abc"]
)
@pytest.mark.parametrize("kind", ["master", "", "artists", "user"])
def test_a_type_that_does_not_exist_is_refused(site, path, kind):
    status, body = site.error(f"/api/{path}&type={kind}")

    assert status == 400
    assert "Invalid type" in body["error"]


# Expand


def expand(site, kind, name, category, **parameters):
    return site.json("/api/expand", node_id=name, type=kind, category=category, **parameters)


@pytest.mark.parametrize("before_year", [None, 1981, 1995, 2030])
@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("artist", "Mira Holt"),
        ("artist", "Various"),
        ("genre", "Rock"),
        ("genre", FUNK),
        ("label", "Pier Dub"),
        ("style", "Dub"),
    ],
)
def test_children_and_their_number(site, kind, name, before_year):
    given = {} if before_year is None else {"before_year": before_year}
    releases = expand(site, kind, name, "releases", **given)

    assert releases["children"] == sort_releases(releases_of(kind, name, before_year))
    assert releases["total"] == len(releases["children"])
    categories = {"artist": ["label"], "genre": ["artist", "label", "style"], "label": ["artist", "genre"]}
    for child in categories.get(kind, ["artist", "label", "genre"]):
        page = expand(site, kind, name, f"{child}s", **given)
        assert page["children"] == children_of(kind, name, child, before_year)
        assert page["total"] == len(page["children"])


def test_aliases_members_and_groups_without_a_count(site):
    lights = expand(site, "artist", "The Harbour Lights", "aliases", before_year=1900)

    assert lights == {
        "children": [
            {"id": "2", "name": "Mira Holt", "type": "artist"},
            {"id": "3", "name": "Jonas Ek", "type": "artist"},
        ],
        "total": 2,
        "offset": 0,
        "limit": 50,
        "has_more": False,
    }


def test_what_has_no_name_is_told_by_its_id(site):
    assert expand(site, "genre", FOLK, "labels")["children"][1]["name"] == f"Label {UNNAMED}"


@pytest.mark.parametrize(("offset", "limit"), [(0, 1), (1, 2), (3, 50), (4, 2), (99, 5)])
def test_pages(site, offset, limit):
    everything = expand(site, "label", "Pier Dub", "releases")["children"]

    page = expand(site, "label", "Pier Dub", "releases", offset=offset, limit=limit)

    assert page["children"] == everything[offset : offset + limit]
    assert (page["total"], page["offset"], page["limit"]) == (5, offset, limit)
    assert page["has_more"] == (offset + limit < 5)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_expanded_from_a_name_that_nobody_has(site, kind):
    page = expand(site, kind, "1", "releases", limit=20)

    assert page == {"children": [], "total": 0, "offset": 0, "limit": 20, "has_more": False}


@pytest.mark.parametrize(
    ("kind", "category"), [("artist", "artists"), ("label", "labels"), ("genre", "genres"), ("style", "styles")]
)
def test_a_category_that_the_type_does_not_have_is_refused(site, kind, category):
    status, body = site.error("/api/expand", node_id="x", type=kind, category=category)

    assert status == 400
    assert repr(category) in body["error"]
    assert "releases" in body["error"]


def test_type_and_category_may_be_in_capitals(site):
    assert expand(site, "Genre", "Rock", "RELEASES")["total"] == 4


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("", [("missing", "query", name) for name in ("node_id", "type", "category")]),
        ("node_id=x&type=genre&category=releases&limit=201", [("less_than_equal", "query", "limit")]),
        ("node_id=x&type=genre&category=releases&offset=-1", [("greater_than_equal", "query", "offset")]),
        ("node_id=x&type=genre&category=releases&before_year=1899", [("greater_than_equal", "query", "before_year")]),
        ("node_id=x&type=genre&category=releases&before_year=2031", [("less_than_equal", "query", "before_year")]),
    ],
)
def test_what_expand_does_not_take(site, query, wrong):
    assert site.invalid(f"/api/expand?{query}") == wrong


# Node


def test_an_artist_as_a_panel_shows_it(site):
    assert site.json("/api/node/2") == {
        "id": "2",
        "name": "Mira Holt",
        "genres": ["Electronic", FUNK, "Rock"],
        "styles": ["Disco", "Dub", "Post-Punk"],
        "release_count": 3,
        "groups": ["The Harbour Lights"],
    }


def test_an_artist_without_a_name_is_told_by_its_id(site):
    assert site.json("/api/node/20?type=ARTIST")["name"] == "Artist 20"


def test_a_release(site):
    assert site.json("/api/node/110", type="release") == {
        "id": "110",
        "name": "Children of the Rocks",
        "year": 1972,
        "artists": ["Artist 20", "Mira Holt"],
        "labels": ["Label 60"],
        "genres": [FOLK, "Rock"],
        "styles": [],
    }


def test_a_release_without_a_year_artists_and_tags(site):
    assert site.json("/api/node/104", type="release")["year"] is None
    assert site.json("/api/node/111", type="release")["artists"] == []


def test_a_label(site):
    assert site.json("/api/node/51", type="label") == {"id": "51", "name": "Kelp Editions", "release_count": 5}


@pytest.mark.parametrize(
    ("kind", "path", "name"), [("genre", "Funk%20%2F%20Soul", FUNK), ("style", "Sea%20Shanties", "Sea Shanties")]
)
def test_a_name_in_the_path_may_have_slashes_and_blanks(site, kind, path, name):
    count = len(children_of(kind, name, "artist"))

    assert site.json(f"/api/node/{path}?type={kind}") == {"id": name, "name": name, "artist_count": count}


@pytest.mark.parametrize("kind", ["artist", "release", "label", "genre", "style"])
@pytest.mark.parametrize("id_", ["zzz", "0", "%00", "..%2F..%2Fetc", "%F0%28", "1%27%20OR%201=1"])
def test_a_node_that_is_not_there(site, kind, id_):
    status, body = site.error(f"/api/node/{id_}?type={kind}")

    assert status == 404
    assert "not found" in body["error"]


# Years


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("artist", "Mira Holt"),
        ("artist", "Jonas Ek"),
        ("genre", "Rock"),
        ("label", "Kelp Editions"),
        ("style", "Dub"),
        ("artist", "nope"),
    ],
)
def test_releases_of_each_year(site, kind, name):
    years = Counter(each.year for each in releases_of(kind, name) if each.year)

    assert site.json("/api/trends", name=name, type=kind) == {
        "name": name,
        "type": kind,
        "data": [{"year": year, "count": count} for year, count in sorted(years.items())],
    }


def test_the_span_of_years(site):
    assert site.json("/api/explore/year-range") == {"min_year": 1972, "max_year": 2010}


@pytest.mark.parametrize("before_year", [1900, 1972, 1981, 2030])
def test_genres_and_styles_that_had_come_up(site, before_year):
    def list_emerged(kind):
        firsts = {}
        for each in RELEASES:
            for _, name in name_entities(kind)(each):
                firsts[name] = min(firsts.get(name, 9999), each.year or 9999)
        found = sorted((year, name) for name, year in firsts.items() if year <= before_year)
        return [{"name": name, "first_year": year} for year, name in found]

    body = site.json("/api/explore/genre-emergence", before_year=before_year)

    assert body == {"genres": list_emerged("genre"), "styles": list_emerged("style")}


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("", ("missing", "query", "before_year")),
        ("before_year=x", ("int_parsing", "query", "before_year")),
        ("before_year=1899", ("greater_than_equal", "query", "before_year")),
        ("before_year=2031", ("less_than_equal", "query", "before_year")),
    ],
)
def test_what_emergence_does_not_take(site, query, wrong):
    assert site.invalid(f"/api/explore/genre-emergence?{query}") == [wrong]


@pytest.mark.parametrize("path", ["explore", "trends"])
def test_a_name_is_needed(site, path):
    assert site.invalid(f"/api/{path}") == [("missing", "query", "name")]


# Health


def test_health_says_that_the_api_works(site):
    body = site.json("/health")

    assert (body["status"], body["service"]) == ("healthy", "api")
    assert body["timestamp"].endswith("+00:00")
