"""The check that the acceptance tests compare the stores with, against small cases worked out by hand."""

import gzip
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.expected import Edge, Expected, leaves, missing_leaves, read
from tests.acceptance.stored import Graph, Mark, differences, hash_of
from tests.dumps import FIRST_MONTH, SECOND_MONTH, pack

YEAR_NOW = 2026


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pack(FIRST_MONTH, "20260101", tmp_path_factory.mktemp("first"))


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pack(SECOND_MONTH, "20260201", tmp_path_factory.mktemp("second"))


def dump(folder: Path, **records: str) -> Path:
    """Write a dump of the given records; a type that is not given has none."""
    for type_ in ("artists", "labels", "masters", "releases"):
        content = f"<{type_}>{records.get(type_, '')}</{type_}>".encode("utf-8", "surrogateescape")
        (folder / f"discogs_20260101_{type_}.xml.gz").write_bytes(gzip.compress(content))
    return folder


def edges(expected: Expected, type_: str) -> set[Edge]:
    """Return the edges of a type without the names of type and labels."""
    return {(edge[2], edge[4], *edge[5:]) for edge in expected.edges if edge[0] == type_}


def graph_of(expected: Expected) -> Graph:
    marks = {label: {key: Mark("0" * 64, 1) for key in expected.nodes[label]} for label in ("Artist", "Release")}
    return Graph(expected.nodes, expected.edges, expected.statistics, marks)


def test_memberships_say_which_record_asserts_them(first: Path, second: Path) -> None:
    assert edges(read(first), "MEMBER_OF") == {
        ("11", "10", ("by_source", True), ("by_target", True)),
        ("12", "10", ("by_target", True)),
        ("14", "10", ("by_source", True)),
        ("17", "23", ("by_target", True)),
    }
    assert edges(read(second), "MEMBER_OF") == {
        ("11", "10", ("by_target", True)),
        ("30", "10", ("by_source", True), ("by_target", True)),
        ("14", "31", ("by_target", True)),
    }


def test_sublabels_say_which_record_asserts_them(first: Path, second: Path) -> None:
    assert edges(read(first), "SUBLABEL_OF") == {
        ("50", "51", ("by_source", True), ("by_target", True)),
        ("52", "51", ("by_target", True)),
        ("53", "51", ("by_source", True)),
    }
    assert edges(read(second), "SUBLABEL_OF") == {
        ("50", "51", ("by_source", True)),
        ("54", "57", ("by_source", True)),
        ("58", "51", ("by_source", True)),
        ("58", "58", ("by_target", True)),
    }


def test_aliases_point_at_the_record_that_lists_them(first: Path) -> None:
    assert edges(read(first), "ALIAS_OF") == {("11", "13"), ("13", "13"), ("13", "11"), ("13", "17")}


def test_an_artist_or_label_named_twice_is_one_edge(first: Path) -> None:
    expected = read(first)

    assert {edge for edge in edges(expected, "BY") if edge[0] in ("105", "1001")} == {("105", "12"), ("1001", "12")}
    assert {edge for edge in edges(expected, "ON") if edge[0] == "1000"} == {("1000", "50")}


def test_credits_are_told_apart_by_role_and_artist(first: Path) -> None:
    credited = {edge for edge in edges(read(first), "CREDITED_ON") if edge[1] in ("1000", "1004")}

    assert {(edge[0], edge[-1][1], dict(edge[2:]).get("artist_id")) for edge in credited} == {
        ("Mira Holt", "Producer, Mixed By [Overdubs]", "11"),
        ("Mira Holt", "Electric Guitar", "11"),
        ("Uwe Pult", "Lacquer Cut By", None),
        ("Ida Lind", "Photography By", None),
        ("J. Smith", "Organized By", "14"),
        ("J. Smith", "Organized By", "12"),
        ("Sol Anker", "Drums", "30"),
    }


def test_a_person_is_the_artist_that_its_credits_name(first: Path) -> None:
    assert edges(read(first), "SAME_AS") == {
        ("Mira Holt", "11", ("credits", 2)),
        ("J. Smith", "12", ("credits", 1)),
        ("J. Smith", "14", ("credits", 1)),
        ("Elsa Brandt", "17", ("credits", 2)),
    }


def test_styles_are_part_of_the_genre_of_single_genre_records(first: Path) -> None:
    assert edges(read(first), "PART_OF") == {
        ("Ambient", "Electronic", ("weight", 2)),
        ("Dub", "Electronic", ("weight", 3)),
        ("Italodance", "Electronic", ("weight", 1)),
        ("Post-Punk", "Rock", ("weight", 2)),
        ("Folk Rock", "Rock", ("weight", 1)),
        ("Ballad", "Pop", ("weight", 1)),
        ("Ballad", "Folk, World, & Country", ("weight", 1)),
        ("Country Blues", "Blues", ("weight", 2)),
    }


def test_references_to_no_record_are_dangling(first: Path, second: Path) -> None:
    assert read(first).dangling == {
        ("artists", 10, "MEMBER_OF", "artists", 30, "in"),
        ("labels", 52, "SUBLABEL_OF", "labels", 990, "out"),
        ("masters", 103, "BY", "artists", 31, "out"),
        ("releases", 1003, "BY", "artists", 31, "out"),
        ("releases", 1005, "BY", "artists", 16, "out"),
        ("releases", 1005, "BY", "artists", 30, "out"),
        ("releases", 1005, "BY", "artists", 998, "out"),
        ("releases", 1005, "ON", "labels", 999, "out"),
        ("releases", 1005, "DERIVED_FROM", "masters", 888, "out"),
        ("releases", 1009, "ON", "labels", 55, "out"),
    }
    assert read(second).dangling - read(first).dangling == {
        ("artists", 23, "MEMBER_OF", "artists", 17, "in"),
        ("releases", 1004, "DERIVED_FROM", "masters", 104, "out"),
        ("releases", 1006, "BY", "artists", 17, "out"),
        ("releases", 1006, "ON", "labels", 53, "out"),
    }


def test_properties_are_those_of_the_record(first: Path) -> None:
    nodes = read(first, year_now=YEAR_NOW).nodes

    assert nodes["Artist"]["15"] == {
        "resource_url": "https://api.discogs.com/artists/15",
        "releases_url": "https://api.discogs.com/artists/15/releases",
    }
    assert nodes["Master"]["103"] == {"title": "Long Weekend", "year": 1969}
    assert nodes["Master"]["105"] == {"title": "Chart"}
    assert nodes["Release"]["1001"] == {"title": "Chart 2", "year": 1980, "formats": ["Cassette"]}
    assert nodes["Release"]["1002"] == {
        "title": "Undated",
        "year": 2006,
        "formats": ["CD", "CD", "DVD"],
        "catalog_number": "none",
    }
    assert nodes["Release"]["1008"] == {}


def test_names_are_repaired_as_the_format_allows(first: Path) -> None:
    names = {id_: artist.get("name") for id_, artist in read(first).nodes["Artist"].items()}

    assert {id_: names[id_] for id_ in ("18", "19", "20", "21", "22", "23")} == {
        "18": "Low Tide",
        "19": "Rust & Rain",
        "20": "Caf\ufffd Nord",
        "21": "Glass Harbour",
        "22": "Twice Told (2)",
        "23": "Éclair & Fils",
    }


def test_retired_records_and_records_without_an_id_are_not_loaded(first: Path) -> None:
    records = read(first).records

    assert not {0, 16} & records["artists"].keys()
    assert 55 not in records["labels"]


def test_statistics_count_releases_only(first: Path) -> None:
    statistics = read(first).statistics

    assert statistics["Genre"]["Rock"] == {
        "release_count": 3,
        "artist_count": 3,
        "label_count": 3,
        "style_count": 3,
        "first_year": 1979,
    }
    assert statistics["Genre"]["Jazz"] == dict.fromkeys(
        ("release_count", "artist_count", "label_count", "style_count"), 0
    )
    assert statistics["Label"]["57"] == {"release_count": 3, "artist_count": 2, "genre_count": 4}
    assert statistics["Person"]["J. Smith"] == {"credit_count": 2, "other_count": 1}


def test_tracks_and_credits_are_counted_at_every_level(first: Path) -> None:
    assert read(first).records["releases"][1002] == {"tracks": 5, "credits": 1}


@pytest.mark.parametrize(
    ("released", "year"),
    [
        ("1981-04-00", 1981),
        ("1980s", 1980),
        (" 1981 ", 1981),
        ("15 Mar 1988", None),
        ("20061014", 2006),
        ("198110", None),
        ("200?", None),
        ("1859", None),
        ("1860", 1860),
        ("2027", 2027),
        ("2028-01-01", None),
        ("٢٠٠٣", None),
        ("", None),
    ],
)
def test_a_year_is_the_four_digits_that_a_date_begins_with(tmp_path: Path, released: str, year: int | None) -> None:
    folder = dump(tmp_path, releases=f'<release id="1"><released>{released}</released></release>')

    assert read(folder, year_now=YEAR_NOW).nodes["Release"]["1"].get("year") == year


@pytest.mark.parametrize("id_", ["0", "", "007", "x", "-1", "5 6", str(2**63)])
def test_what_is_no_id_refers_to_nothing(tmp_path: Path, id_: str) -> None:
    expected = read(dump(tmp_path, releases=f'<release id="1"><labels><label id="{id_}"/></labels></release>'))

    assert not expected.edges | expected.dangling


def test_white_space_around_an_id_is_no_part_of_it(tmp_path: Path) -> None:
    expected = read(dump(tmp_path, releases='<release id="1"><labels><label id=" 5&#10;"/></labels></release>'))

    assert ("releases", 1, "ON", "labels", 5, "out") in expected.dangling


def test_leaves_are_all_texts_and_attributes_but_those_lost_on_purpose(first: Path) -> None:
    releases = dict(leaves(first, "releases", year_now=YEAR_NOW))

    assert set(releases[1003]) == {
        *("1003", "31", "Orchard Union", "Long Weekend", "Mole End", "ME 3", "54", "Shellac", "1", '10"'),
        *("Free Jazz", "Sweden", "Needs Vote", "true", "103"),
    }
    assert releases[1008] == ["1008"]
    assert dict(leaves(first, "artists"))[22] == ["22", "Twice Told (2)", "Needs Vote"]


def test_a_leaf_that_is_stored_less_often_is_missing() -> None:
    stored = {"id": "5", "released": "1981", "year": 1981, "is_main_release": True, "genres": ["Rock"], "notes": None}

    assert missing_leaves(["5", "1981", "true", "Rock"], stored) == []
    assert missing_leaves(["5", "1981", "1981", "Rock", "Rock", "false"], stored) == ["1981", "Rock", "false"]
    assert missing_leaves(["5", "1969-09"], {"id": "5", "year": 1969, "year_source": "1969-09"}) == []


def test_blocks_of_text_are_cut_between_references_and_sections(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    artist = "<artist><id>1</id><name>A &#x41; & B &foo;&amp;<![CDATA[<x>&amp;]]></name></artist>"
    folder = dump(tmp_path, artists=artist)

    for characters in range(1, 40):
        monkeypatch.setattr("tests.acceptance.dump_xml.BLOCK_CHARACTERS", characters)
        assert read(folder).nodes["Artist"]["1"]["name"] == "A A & B &foo;&<x>&amp;"


@pytest.mark.parametrize(
    ("type_", "data", "hashed"),
    [
        ("artists", {"id": "1", "sha256": "x", "name": "Café"}, {"id": "1", "name": "Café"}),
        ("releases", {"id": "1", "released": "1981", "year": 1981}, {"id": "1", "released": "1981"}),
        ("masters", {"id": "1", "year": 1981}, {"id": "1", "year": "1981"}),
        ("masters", {"id": "1", "year": None, "year_source": "?"}, {"id": "1", "year": "?"}),
        ("masters", {"id": "1", "year": None}, {"id": "1", "year": None}),
        ("masters", {"id": "1"}, {"id": "1"}),
    ],
)
def test_the_hash_does_not_cover_what_is_derived(type_: str, data: dict[str, Any], hashed: dict[str, Any]) -> None:
    assert hash_of(type_, data) == hash_of("labels", hashed)


def test_the_hash_is_that_of_the_data_specification() -> None:
    artist = {"id": "1", "name": 'Café ⅓ "q"', "members": [{"id": "10", "name": "A"}], "profile": None}

    assert hash_of("artists", artist).hex() == "5ab9d6130b7d395ba2dbe1e1fd1a79c0d76da319cd19e201921950892d652ff4"


def test_equal_stores_have_no_differences(first: Path) -> None:
    expected = read(first)

    assert differences(expected, graph_of(expected)) == []


def test_every_kind_of_difference_is_one_line(first: Path) -> None:
    expected = read(first)
    found = graph_of(expected)
    found.nodes = {**expected.nodes, "Artist": {**expected.nodes["Artist"], "10": {}, "99": {}}, "Genre": {}}
    found.edges = {edge for edge in expected.edges if edge[0] != "ON"} | {("BY", "Release", "1", "Artist", "2")}
    found.repeated = [("BY", "Release", "1", "Artist", "2")]
    found.marks["Artist"]["10"] = Mark(None, None)
    found.statistics = {**expected.statistics, "Person": {"J. Smith": {"credit_count": 9}}}

    assert [line.split(":")[0] for line in differences(expected, found)] == [
        "1 Artist nodes not expected",
        "1 Artist nodes with other properties (expected, found)",
        "7 Genre nodes missing",
        "1 BY edges not expected",
        "10 ON edges missing",
        "1 edges that exist more than once",
        "1 Person statistics that differ (expected, found)",
        "1 Artist nodes without sha256",
    ]


def test_in_the_sample_only_memberships_refer_to_what_it_does_not_have() -> None:
    expected = read(Path(__file__).parents[2] / "sample")

    assert {edge for _, _, edge, *_ in expected.dangling} == {"MEMBER_OF"}
    assert len(expected.dangling) == 13
    assert len(expected.records["releases"]) == len(expected.nodes["Release"]) == 1700
