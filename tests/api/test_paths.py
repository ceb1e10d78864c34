"""Paths (docs/contract/rest.md#path), on the catalogue made by hand."""

import pytest

from tests.api import catalogue
from tests.api.catalogue import FUNK

pytestmark = pytest.mark.django_db


def path(site, start, end, **parameters):
    return site.json("/api/path", from_name=start, to_name=end, **parameters)


def test_a_member_is_one_edge_from_the_group(site):
    assert path(site, "The Harbour Lights", "Jonas Ek") == {
        "found": True,
        "length": 1,
        "path": [
            {"id": "1", "name": "The Harbour Lights", "type": "artist", "rel": None},
            {"id": "3", "name": "Jonas Ek", "type": "artist", "rel": "MEMBER_OF"},
        ],
    }


@pytest.mark.parametrize(
    ("start", "end", "types", "length"),
    [
        ("Holtware", "The Harbour Lights", {}, 2),
        ("The Harbour Lights", "Kelp Editions", {"to_type": "label"}, 2),
        ("Jonas Ek", FUNK, {"to_type": "genre"}, 4),
        ("Sea Shanties", "Sluice", {"from_type": "style", "to_type": "LABEL"}, 2),
    ],
)
def test_the_shortest_path_has_this_length(site, start, end, types, length):
    found = path(site, start, end, **types)

    assert (found["found"], found["length"], len(found["path"])) == (True, length, length + 1)
    assert [step["name"] for step in (found["path"][0], found["path"][-1])] == [start, end]
    assert found["path"][0]["rel"] is None
    assert all(step["rel"] for step in found["path"][1:])


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_a_path_that_is_longer_than_wanted_is_none(site, depth):
    assert path(site, "Jonas Ek", FUNK, to_type="genre", max_depth=depth) == {
        "found": False,
        "length": None,
        "path": [],
    }


def test_what_nothing_connects_has_no_path(site):
    assert path(site, "Lone Star", "Jonas Ek", from_type="label", max_depth=10)["found"] is False


@pytest.mark.parametrize(
    ("kind", "name", "id_"), [("artist", "Mira Holt", "2"), ("genre", "Rock", "Rock"), ("label", "Sluice", "52")]
)
def test_from_an_entity_to_itself_there_is_no_edge(site, kind, name, id_):
    assert path(site, name, name, from_type=kind, to_type=kind) == {
        "found": True,
        "length": 0,
        "path": [{"id": id_, "name": name, "type": kind, "rel": None}],
    }


@pytest.mark.parametrize(
    ("start", "end", "missing"), [("nope", "nix", "nope"), ("Jonas Ek", "nix", "nix"), ("", "Jonas Ek", "''")]
)
def test_the_end_that_is_missing_is_named(site, start, end, missing):
    status, body = site.error("/api/path", from_name=start, to_name=end)

    assert status == 404
    assert missing in body["error"]
    assert "not found" in body["error"]


# Ids, edges, other ways


def passing(way):
    """Return what a path goes through, and the edges."""
    return [step["name"] for step in way["path"]], [step["rel"] for step in way["path"]][1:]


def test_ids_tell_two_of_one_name_apart(site):
    by_ids = {
        id_: site.json("/api/path", from_id=id_, to_id="1") for id_ in (str(catalogue.MIRA), str(catalogue.OTHER_MIRA))
    }

    assert by_ids["2"] == path(site, "Mira Holt", "The Harbour Lights")
    assert [by_ids[id_]["length"] for id_ in ("2", "10")] == [1, 4]
    assert passing(by_ids["10"])[1] == ["BY", "ON", "ON", "BY"]
    for ends in ({"to_name": "The Harbour Lights"}, {"to_id": "1", "from_name": "Jonas Ek"}):
        found = site.json("/api/path", from_id="10", **ends)
        assert (found["path"][0], found["length"]) == (by_ids["10"]["path"][0], 4)


def test_the_id_of_a_genre_is_its_name_and_one_without_a_name_has_an_id(site):
    assert site.json("/api/path", from_id="Rock", from_type="genre", to_id="60", to_type="label") == path(
        site, "Rock", "Label 60", from_type="genre", to_type="label"
    )


def test_without_genres_a_path_is_longer_or_none(site):
    ends = {"from_name": "Jonas Ek", "to_name": "Artist 20"}

    assert site.json("/api/path", **ends)["length"] == 4
    found = site.json("/api/path", **ends, exclude="is")
    assert found["length"] == 6
    assert "IS" not in passing(found)[1]
    assert site.json("/api/path", **ends, exclude="IS", max_depth=5) == {"found": False, "length": None, "path": []}
    assert path(site, "Sea Shanties", "Sluice", from_type="style", to_type="label", exclude="IS")["found"] is False


def test_several_types_of_edges_are_avoided(site):
    found = path(site, "The Harbour Lights", "Jonas Ek", exclude="MEMBER_OF, IS,")

    assert passing(found)[1] == ["BY", "ON", "ON", "BY"]


def test_a_path_through_credits(site):
    ends = ("AC/DC (12.5)", "The Harbour Lights")

    assert path(site, *ends, max_depth=10)["found"] is False
    found = path(site, *ends, via="Credits")
    assert found == {
        "found": True,
        "length": 3,
        "path": [
            {"id": "32", "name": "AC/DC (12.5)", "type": "artist", "rel": None},
            {"id": "AC/DC (12.5)", "name": "AC/DC (12.5)", "type": "person", "rel": "SAME_AS"},
            {"id": "100", "name": "Ebb and Flow", "type": "release", "rel": "CREDITED_ON"},
            {"id": "1", "name": "The Harbour Lights", "type": "artist", "rel": "BY"},
        ],
    }


def test_credits_make_a_path_without_genres_shorter(site):
    found = path(site, "Jonas Ek", "Artist 20", exclude="IS", via="credits")

    names, edges = passing(found)
    assert (names[2], edges) == ("Lena Öst", ["BY", "CREDITED_ON", "CREDITED_ON", "BY"])


def test_other_ways_have_nothing_in_common_but_their_ends(site):
    found = path(site, "Ada Quell", "Bo Tarn", alternatives=5, exclude="IS")
    ways = [found, *found["alternatives"]]

    assert [way["length"] for way in ways] == [2, 2, 2, 6]
    assert {way["path"][1]["id"] for way in ways[:3]} == {"200", "201", "202"}
    between = [(step["type"], step["id"]) for way in ways for step in way["path"][1:-1]]
    assert len(between) == len(set(between))


@pytest.mark.parametrize(("most", "lengths"), [(0, []), (1, [2]), (2, [2, 2]), (3, [2, 2, 4])])
def test_as_many_other_ways_as_are_asked_for(site, most, lengths):
    found = path(site, "Ada Quell", "Bo Tarn", alternatives=most)

    assert [way["length"] for way in found["alternatives"]] == lengths
    assert {key: found[key] for key in ("found", "length")} == {"found": True, "length": 2}


def test_the_way_by_one_edge_has_other_ways(site):
    found = path(site, "The Harbour Lights", "Jonas Ek", alternatives=1)

    assert [found["length"], *(way["length"] for way in found["alternatives"])] == [1, 3]


@pytest.mark.parametrize("ends", [("Mira Holt", "Mira Holt"), ("Lone Star", "Lone Star")])
def test_from_an_entity_to_itself_there_is_one_way(site, ends):
    kind = "label" if "Star" in ends[0] else "artist"

    found = path(site, *ends, from_type=kind, to_type=kind, alternatives=3)

    assert (found["length"], found["alternatives"]) == (0, [])


def test_without_any_way_there_are_no_others(site):
    assert path(site, "Lone Star", "Jonas Ek", from_type="label", alternatives=3) == {
        "found": False,
        "length": None,
        "path": [],
        "alternatives": [],
    }


@pytest.mark.parametrize("id_", ["999999", "x", "-1", "01", "\0", "1 OR 1", "x" * 2000])
def test_an_id_that_nothing_has_is_named(site, id_):
    status, body = site.error("/api/path", from_id=id_, to_name="Jonas Ek", exclude="IS")

    assert status == 404
    assert body["error"] == f"Artist {id_} not found"


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"exclude": "IS,KNOWS,DROP"}, "Invalid exclude 'DROP', 'KNOWS'"),
        ({"via": "people"}, "Invalid via 'people'"),
    ],
)
def test_edges_that_there_are_none_of_are_refused(site, parameters, words):
    status, body = site.error("/api/path", from_name="Jonas Ek", to_name="Mira Holt", **parameters)

    assert status == 400
    assert words in body["error"]


@pytest.mark.parametrize("end", ["from_type", "to_type"])
def test_a_type_that_has_no_names_is_refused(site, end):
    status, body = site.error("/api/path", from_name="nope", to_name="nix", **{end: "release"})

    assert status == 400
    assert end in body["error"]


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("", [("missing", "query", "from_name"), ("missing", "query", "to_name")]),
        ("from_id=1", [("missing", "query", "to_name")]),
        ("from_id=&to_id=1", [("missing", "query", "from_name")]),
        ("from_name=a&to_name=b&alternatives=6", [("less_than_equal", "query", "alternatives")]),
        ("from_name=a&to_name=b&max_depth=0", [("greater_than_equal", "query", "max_depth")]),
        ("from_name=a&to_name=b&max_depth=11", [("less_than_equal", "query", "max_depth")]),
    ],
)
def test_what_path_does_not_take(site, query, wrong):
    assert site.invalid(f"/api/path?{query}") == wrong
