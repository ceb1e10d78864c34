"""Entities by their ids, and what else can be asked about children: years, order, several categories at once."""

from typing import Any

import pytest

from apps.explore.answers import expanding as answers
from apps.graph.readers import expanding as readers
from tests.api.catalogue import FOLK, FUNK, KELP, MIRA, OTHER_MIRA, OTHER_QUELL, PIER, QUELL

pytestmark = pytest.mark.django_db


def expand(site, kind, category, **parameters):
    return site.json("/api/expand", type=kind, category=category, **parameters)


def ids(page):
    return [each["id"] for each in page["children"]]


def spans(page):
    return {each["id"]: (each["first_year"], each["last_year"]) for each in page["children"]}


# Ids


@pytest.mark.parametrize(
    ("kind", "id_", "name", "counts"),
    [
        ("artist", MIRA, "Mira Holt", [3, 2, 1]),
        ("artist", OTHER_MIRA, "Mira Holt", [2, 2, 0]),
        ("artist", 20, "Artist 20", [3, 3, 0]),
        ("label", QUELL, "Quell", [9, 9, 2]),
        ("label", OTHER_QUELL, "Quell", [3, 4, 1]),
        ("label", 60, "Label 60", [3, 4, 4]),
        ("genre", FUNK, FUNK, [2, 2, 1, 2]),
        ("style", "Dub", "Dub", [5, 3, 2, 2]),
    ],
)
def test_an_entity_by_its_id(site, kind, id_, name, counts):
    found = site.json("/api/explore", id=id_, type=kind)

    assert found["center"] == {"id": str(id_), "name": name, "type": kind}
    assert [each["count"] for each in found["categories"]] == counts


def test_the_id_is_stronger_than_the_name_and_an_empty_one_is_none(site):
    by_id = site.json("/api/explore", id="10")

    assert site.json("/api/explore", id="10", name="Jonas Ek") == by_id
    assert site.json("/api/explore", id="", name="Mira Holt") == site.json("/api/explore", name="Mira Holt")


def test_children_of_one_of_two_of_one_name(site):
    assert ids(expand(site, "artist", "releases", id=MIRA)) == ["108", "103", "102"]
    assert ids(expand(site, "artist", "releases", id=OTHER_MIRA)) == ["110", "104"]
    assert ids(expand(site, "artist", "releases", node_id="Mira Holt")) == ["108", "103", "102", "110", "104"]
    page = expand(site, "label", "artists", id=OTHER_QUELL, limit=2)
    assert (ids(page), page["total"], page["has_more"]) == (["41", "40"], 4, True)
    assert ids(expand(site, "artist", "aliases", id=MIRA)) == ["1"]
    assert ids(expand(site, "genre", "styles", id="Jazz")) == ["Bop", "Fusion"]


def test_years_of_one_of_two_of_one_name(site):
    assert site.json("/api/trends", id="10") == {
        "name": "Mira Holt",
        "type": "artist",
        "data": [{"year": 1972, "count": 1}],
    }
    assert site.json("/api/trends", id="60", type="label")["name"] == "Label 60"
    assert site.json("/api/trends", id="Dub", type="style") == site.json("/api/trends", name="Dub", type="style")


STRANGE = ["999999", "0", "-1", "010", "x", "Mira Holt", "1 OR 1=1", "\0", "٢", "9" * 400, "x" * 2000]


@pytest.mark.parametrize("kind", ["artist", "label"])
@pytest.mark.parametrize("id_", STRANGE)
def test_an_id_that_nothing_has(site, kind, id_):
    for path in ("explore", "trends"):
        status, body = site.error(f"/api/{path}", id=id_, type=kind)
        assert (status, body["error"]) == (404, f"{kind.capitalize()} {id_} not found")
    for order in ({}, {"order": "sample"}):
        page = expand(site, kind, "releases", id=id_, **order)
        assert (page["children"], page["total"], page["has_more"]) == ([], 0, False)


# Order


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("year", ["100", "102", "101", "103", "104"]),
        ("-YEAR", ["103", "101", "100", "102", "104"]),
        # One of each year, then another one; an edition of what was there, then what has no year.
        ("sample", ["100", "103", "102", "101", "104"]),
    ],
)
def test_releases_in_another_order(site, order, expected):
    whole = expand(site, "label", "releases", id=PIER, order=order)

    assert ids(whole) == expected
    assert (whole["total"], whole["has_more"]) == (5, False)
    pages = [expand(site, "label", "releases", id=PIER, order=order, limit=2, offset=each) for each in (0, 2, 4)]
    assert [ids(page) for page in pages] == [expected[:2], expected[2:4], expected[4:]]
    assert [page["has_more"] for page in pages] == [True, True, False]
    assert [page["total"] for page in pages] == [5, 5, 5]
    assert {each["id"]: each for each in whole["children"]} == {
        each["id"]: each for each in expand(site, "label", "releases", id=PIER)["children"]
    }


@pytest.mark.parametrize(("order", "expected"), [("year", ["100", "102", "101"]), ("sample", ["100", "102", "101"])])
def test_an_order_of_what_was_there_in_a_year(site, order, expected):
    page = expand(site, "label", "releases", id=PIER, order=order, before_year=1983)

    assert (ids(page), page["total"]) == (expected, 3)


@pytest.mark.parametrize(
    ("kind", "name"), [("artist", "Jonas Ek"), ("genre", "Jazz"), ("style", "Dub"), ("label", "Kelp Editions")]
)
def test_every_kind_has_its_oldest_releases_first(site, kind, name):
    latest = expand(site, kind, "releases", node_id=name)["children"]

    oldest = expand(site, kind, "releases", node_id=name, order="year")["children"]

    assert oldest == sorted(latest, key=lambda each: (each["year"] is None, each["year"], each["id"]))
    assert {each["id"] for each in expand(site, kind, "releases", node_id=name, order="sample")["children"]} == {
        each["id"] for each in latest
    }


def test_a_genre_of_many_releases_is_read_from_its_first_year(loaded, monkeypatch):
    monkeypatch.setattr(readers, "MOST_SORTED", 0)
    page: dict[str, Any] = {"offset": 1, "limit": 3}

    by_year = readers.read_page("genre", "Jazz", "releases", **page, oldest_first=True).children

    assert [each["id"] for each in by_year] == ["201", "202", "204"]


def test_a_sample_by_name_is_that_of_the_smallest_id(site):
    assert expand(site, "label", "releases", node_id="Quell", order="sample") == expand(
        site, "label", "releases", id=QUELL, order="sample"
    )


def test_an_order_says_nothing_about_other_children(site):
    assert expand(site, "label", "artists", id=KELP, order="year") == expand(site, "label", "artists", id=KELP)


# Years


@pytest.mark.parametrize(
    ("kind", "id_", "category", "expected"),
    [
        ("artist", 1, "labels", {"50": (1981, 1983), "51": (1983, 1983)}),
        ("artist", MIRA, "aliases", {"1": (1981, 1983)}),
        ("artist", 10, "labels", {"50": (None, None), "60": (1972, 1972)}),
        ("label", KELP, "artists", {"1": (1983, 1983), "2": (2003, 2003), "3": (1999, 2001), "194": (2001, 2003)}),
        ("label", PIER, "genres", {"Electronic": (1981, 1983), "Rock": (1981, 1995)}),
        ("genre", FUNK, "labels", {"51": (2001, 2003)}),
        ("genre", "Rock", "styles", {"Dub": (1981, 1981), "Post-Punk": (1995, 1995)}),
        ("style", "Dub", "genres", {"Electronic": (1981, 2001), "Rock": (1981, 1981)}),
    ],
)
def test_first_and_last_year_of_children(site, kind, id_, category, expected):
    page = expand(site, kind, category, id=id_, fields="years")

    assert spans(page) == expected
    plain = expand(site, kind, category, id=id_)
    assert [{**each, "first_year": 0, "last_year": 0} for each in page["children"]] == [
        {**each, "first_year": 0, "last_year": 0} for each in plain["children"]
    ]


def test_years_are_of_all_years_and_of_all_of_a_name(site):
    page = expand(site, "label", "artists", node_id="Quell", before_year=1990, fields=" Years ,")

    assert spans(page)["40"] == (1990, 2002)


def test_releases_have_their_year_anyway(site):
    assert expand(site, "label", "releases", id=PIER, fields="years") == expand(site, "label", "releases", id=PIER)


# Several categories at once


@pytest.mark.parametrize(
    "options",
    [{}, {"limit": 1, "offset": 1}, {"fields": "years", "order": "sample"}, {"before_year": 1995, "order": "year"}],
)
@pytest.mark.parametrize(
    ("kind", "id_", "categories"),
    [("artist", 3, "labels,releases,aliases"), ("label", 51, "releases,artists,genres"), ("genre", "Jazz", "styles")],
)
def test_a_batch_has_the_bodies_of_expand(site, kind, id_, categories, options):
    batch = site.json("/api/expand/batch", id=id_, type=kind, categories=categories, **options)

    assert list(batch) == categories.split(",")
    for category in batch:
        assert batch[category] == expand(site, kind, category, id=id_, **options)


def test_a_batch_by_name_with_a_category_twice(site):
    batch = site.json("/api/expand/batch", node_id="Quell", type="label", categories="releases, RELEASES,,")

    assert batch == {"releases": expand(site, "label", "releases", node_id="Quell")}


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"categories": "releases,aliases"}, "Invalid category 'aliases'"),
        ({"categories": " , "}, "Invalid category ''"),
        ({"categories": "releases", "order": "name"}, "Invalid order 'name'"),
        ({"categories": "releases", "fields": "years,hint"}, "Invalid fields 'hint'"),
    ],
)
def test_what_a_batch_refuses(site, parameters, words):
    status, body = site.error("/api/expand/batch", id="50", type="label", **parameters)

    assert status == 400
    assert words in body["error"]


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("expand", [("missing", "query", each) for each in ("node_id", "type", "category")]),
        ("expand?id=1&category=labels", [("missing", "query", "type")]),
        ("expand?id=&type=artist&category=labels", [("missing", "query", "node_id")]),
        ("expand/batch?id=1&type=artist", [("missing", "query", "categories")]),
        ("expand/batch?id=1&type=artist&categories=labels&limit=201", [("less_than_equal", "query", "limit")]),
        ("explore", [("missing", "query", "name")]),
        ("trends?id=", [("missing", "query", "name")]),
    ],
)
def test_what_cannot_be_taken(site, query, wrong):
    assert site.invalid(f"/api/{query}") == wrong


def test_the_end_of_a_sample_is_told(loaded, monkeypatch):
    monkeypatch.setattr(answers, "LARGEST", 1)

    found = answers.list_children(
        answers.EntityReference("label", "", str(PIER)), "releases", offset=0, limit=50, order="sample"
    )

    assert [each["id"] for each in found["children"]] == ["100", "103", "101", "104"]
    assert (found["total"], found["has_more"]) == (5, False)


# Links


def links(site, nodes):
    return {(each["source"], each["target"], each["type"]) for each in site.json("/api/links", nodes=nodes)["links"]}


def test_links_between_what_is_shown(site):
    nodes = "release:101,Artist:1, label:50,label:51,style:Dub,genre:Rock,master:500,artist:3,artist:2,release:102,"

    assert links(site, nodes) == {
        ("release:101", "artist:1", "BY"),
        ("release:101", "label:50", "ON"),
        ("release:101", "label:51", "ON"),
        ("release:101", "master:500", "DERIVED_FROM"),
        ("release:101", "style:Dub", "IS"),
        ("release:102", "artist:2", "BY"),
        ("release:102", "artist:3", "BY"),
        ("release:102", "genre:Rock", "IS"),
        ("release:102", "label:50", "ON"),
        ("release:102", "style:Dub", "IS"),
        ("master:500", "artist:1", "BY"),
        ("master:500", "style:Dub", "IS"),
        ("artist:2", "artist:1", "MEMBER_OF"),
        ("artist:3", "artist:1", "MEMBER_OF"),
    }


def test_links_are_sorted_and_an_alias_is_told_once(site):
    assert site.json("/api/links", nodes="artist:4,artist:2,artist:2") == {
        "links": [{"source": "artist:4", "target": "artist:2", "type": "ALIAS_OF"}]
    }


def test_a_genre_with_commas_is_one_node(site):
    assert links(site, f"genre:{FOLK},release:109,genre:{FUNK}") == {("release:109", f"genre:{FOLK}", "IS")}


@pytest.mark.parametrize(
    "nodes", ["", ",", "release:100", "artist:2,artist:10", "release:999999,label:x", "label:50,label:\0", "genre:'}"]
)
def test_what_has_no_links(site, nodes):
    assert site.json("/api/links", nodes=nodes) == {"links": []}


@pytest.mark.parametrize(
    ("nodes", "words"),
    [
        ("user:1", "Invalid node 'user:1'"),
        ("release", "Invalid node 'release'"),
        ("release:", "Invalid node 'release:'"),
        (",".join(f"release:{number}" for number in range(201)), "201 nodes: at most 200"),
    ],
)
def test_nodes_that_are_refused(site, nodes, words):
    status, body = site.error("/api/links", nodes=nodes)

    assert status == 400
    assert words in body["error"]


def test_two_hundred_nodes_are_answered(site):
    assert len(links(site, ",".join(f"release:{number}" for number in range(11, 210)) + ",label:50")) == 5


@pytest.mark.parametrize(("kind", "id_"), [("artist", "2"), ("label", "50")])
def test_an_id_where_a_name_is_wanted_has_nothing_below_it(site, kind, id_):
    """Older clients ask so."""
    found = site.json("/api/expand", node_id=id_, type=kind, category="releases", limit=20)

    assert (found["children"], found["total"]) == ([], 0)
