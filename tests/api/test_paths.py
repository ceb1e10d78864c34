"""Paths (docs/contract/rest.md#path), on the catalogue made by hand."""

import pytest

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


@pytest.mark.parametrize("end", ["from_type", "to_type"])
def test_a_type_that_has_no_names_is_refused(site, end):
    status, body = site.error("/api/path", from_name="nope", to_name="nix", **{end: "release"})

    assert status == 400
    assert end in body["error"]


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("", [("missing", "query", "from_name"), ("missing", "query", "to_name")]),
        ("from_name=a&to_name=b&max_depth=0", [("greater_than_equal", "query", "max_depth")]),
        ("from_name=a&to_name=b&max_depth=11", [("less_than_equal", "query", "max_depth")]),
    ],
)
def test_what_path_does_not_take(site, query, wrong):
    assert site.invalid(f"/api/path?{query}") == wrong
