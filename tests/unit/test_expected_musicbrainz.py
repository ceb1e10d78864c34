"""The check that loads of MusicBrainz are compared with, against small cases worked out by hand."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.dump_lines import Json, read
from tests.acceptance.expected import Edge
from tests.acceptance.expected import read as read_discogs
from tests.acceptance.expected_musicbrainz import (
    Enrichment,
    Link,
    Relation,
    Tables,
    add_enrichment,
    content_hash,
    enrichment,
    tables,
)
from tests.acceptance.stored import KEYS, Graph, add_node, differences, edge
from tests.dumps import FIRST_MONTH, MUSICBRAINZ_FIRST, MUSICBRAINZ_SECOND, SECOND_MONTH, pack, pack_musicbrainz

MONTH_ONE = {
    "Artist": {"10", "11", "12", "13", "14", "15", "17", "18", "19", "20", "21", "22", "23", "194"},
    "Label": {"50", "51", "52", "53", "54", "56", "57"},
    "Master": {"100", "101", "102", "103", "104", "105"},
    "Release": {str(id_) for id_ in range(1000, 1012)},
}
MONTH_TWO = {
    "Artist": MONTH_ONE["Artist"] - {"17"} | {"30", "31"},
    "Label": MONTH_ONE["Label"] - {"53"} | {"58"},
    "Master": MONTH_ONE["Master"] - {"104"} | {"106"},
    "Release": MONTH_ONE["Release"] - {"1010"} | {"1012"},
}
ID = "aaaaaaaa-0000-4000-8000-000000000001"
OTHER = "aaaaaaaa-0000-4000-8000-000000000002"


def mbid(number: str, kind: str = "a") -> str:
    """Return the id that a line of the hand-made dumps has: kinds are artists, labels (b), groups (c), releases (d)."""
    return f"{kind * 8}-0000-4000-8000-{number:0>12}"


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    return tables(pack_musicbrainz(MUSICBRAINZ_FIRST, "20260107-001001", tmp_path_factory.mktemp("first")))


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory, first: Tables) -> Tables:
    return tables(pack_musicbrainz(MUSICBRAINZ_SECOND, "20260110-001001", tmp_path_factory.mktemp("second")), first)


def dump(folder: Path, *artists: Json | str, **others: list[Json]) -> Path:
    """Write a dump of the given artists and other entities, as lines placed by hand."""
    given: dict[str, list[Any]] = {"artist": [*artists], "label": [], "release-group": [], "release": []}
    given |= {entity.replace("_", "-"): list(found) for entity, found in others.items()}
    for entity, found in given.items():
        lines = [line if isinstance(line, str) else json.dumps(line) for line in found]
        (folder / f"{entity}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder


def page(resource: str, *, ended: bool = False) -> Json:
    return {"type": "discogs", "target-type": "url", "url": {"resource": resource}, "ended": ended}


def relation(target: str, **more: Any) -> Json:
    return {"type": "member of band", "target-type": "artist", "artist": {"id": target}, **more}


def between_artists(found: Tables) -> set[tuple[Any, ...]]:
    """Return the relations between artists of the hand-made dumps, shortened."""
    return {
        (key.relationship_type, shorten(key.source_mbid), shorten(key.target_mbid), *key[5:], ended)
        for key, ended in found.relationships.items()
        if key.source_entity_type == key.target_entity_type == "artist"
    }


def shorten(id_: str) -> str:
    return id_.removeprefix("aaaaaaaa-0000-4000-8000-").lstrip("0")


def relationships(found: Enrichment) -> dict[tuple[str, str, str], Json]:
    """Return what the relationships say besides that MusicBrainz says it."""
    assert all(properties["source"] == "musicbrainz" for properties in found.relationships.values())
    return {
        key: {name: value for name, value in properties.items() if name != "source"}
        for key, properties in found.relationships.items()
    }


# --- the hand-made dumps --------------------------------------------------------------------------------------
def test_the_dumps_link_to_the_months_of_discogs(tmp_path: Path) -> None:
    for month, present in ((FIRST_MONTH, MONTH_ONE), (SECOND_MONTH, MONTH_TWO)):
        nodes = read_discogs(pack(month, "20260101", tmp_path / month.name)).nodes

        assert {label: set(nodes[label]) for label in present} == present


def test_rows_of_entities_are_those_of_good_lines(first: Tables) -> None:
    artists = "10 11 12 13a 13b 14a 14b 15 16 17 18 19 20 21 22 23"

    assert set(first.entities["artists"]) == {mbid(number) for number in artists.split()}
    assert set(first.entities["labels"]) == {mbid(number, "b") for number in ("50", "51", "53", "57")}
    assert set(first.entities["release_groups"]) == {mbid(number, "c") for number in ("100", "101", "102")}
    assert set(first.entities["releases"]) == {mbid(number, "d") for number in ("1000", "1001", "1002", "1003")}


def test_a_row_has_the_columns_of_its_record(first: Tables) -> None:
    row = dict(first.entities["artists"][mbid("11")])
    record = row.pop("data")

    assert row == {
        "name": "Mira Holt",
        "sort_name": "Holt, Mira",
        "type": "Person",
        "gender": "Female",
        "begin_date": "1957-09-22",
        "end_date": "2019",
        "ended": True,
        "area": "Norway",
        "begin_area": None,
        "end_area": "Oslo",
        "disambiguation": "Norwegian singer",
        "discogs_artist_id": 11,
        "discogs_link_ended": False,
        "aliases": [],
        "tags": [],
    }
    assert record["life_span"] == {"begin": "1957-09-22", "end": "2019", "ended": True}
    assert record["relations"][0] == {
        "type": "member of band",
        "target_type": "artist",
        "target_mbid": mbid("10"),
        "direction": "forward",
        "attributes": ["lead vocals", "original"],
        "begin_date": "1979",
        "end_date": "1981",
        "ended": True,
    }


def test_a_record_has_all_of_its_keys(first: Tables) -> None:
    common = {"id", "discogs_link_ended", "name", "disambiguation", "relations", "external_links"}
    own = {
        "artists": "discogs_artist_id sort_name mb_type gender life_span area begin_area end_area aliases tags",
        "labels": "discogs_label_id mb_type label_code life_span area",
        "release_groups": "discogs_master_id mb_type secondary_types first_release_date",
        "releases": "discogs_release_id barcode status release_group_mbid aliases tags",
    }

    for table, keys in own.items():
        assert {frozenset(row["data"]) for row in first.entities[table].values()} == {
            frozenset(common | {*keys.split()})
        }


def test_nothing_is_null_and_lists_are_lists(first: Tables) -> None:
    row = first.entities["artists"][mbid("12")]

    assert {row[name] for name in ("sort_name", "gender", "begin_date", "end_date", "area", "disambiguation")} == {None}
    assert row["ended"] is False
    assert row["aliases"] == row["tags"] == row["data"]["external_links"] == []
    assert first.entities["releases"][mbid("1001", "d")]["barcode"] == ""
    assert first.entities["releases"][mbid("1002", "d")]["name"] == ""
    assert first.entities["release_groups"][mbid("101", "c")]["first_release_date"] is None


def test_values_of_wrong_types_are_absent(first: Tables) -> None:
    row = first.entities["artists"][mbid("19")]

    assert row["discogs_artist_id"] == 19
    assert {row[name] for name in ("sort_name", "type", "gender", "area", "begin_area", "disambiguation")} == {None}
    assert [field for entity, id_, rule, field in first.findings if id_ == mbid("19")] == [
        *("aliases", "area", "begin-area.name", "disambiguation", "gender", "life-span"),
        *("relations", "relations.attributes", "relations.begin", "relations.ended", "sort-name", "type"),
    ]
    assert {id_: first.entities["labels"][mbid(id_, "b")]["label_code"] for id_ in ("50", "51", "53", "57")} == {
        "50": 1846,
        "51": None,
        "53": None,
        "57": None,
    }


def test_what_is_wrong_with_lines_is_counted(first: Tables, second: Tables) -> None:
    by_rule = Counter((entity, rule) for entity, _, rule, _ in first.findings)

    assert by_rule == {
        ("artist", "wrong-type"): 12,
        ("artist", "malformed"): 3,
        ("artist", "no-id"): 1,
        ("artist", "no-name"): 1,
        ("label", "wrong-type"): 2,
        ("release", "wrong-type"): 1,
    }
    assert ("artist", mbid("22"), "no-name", "") in second.findings


def test_characters_are_repaired(first: Tables) -> None:
    assert first.entities["artists"][mbid("20")]["name"] == "Caf\ufffd Nord \ufffd"
    assert first.entities["artists"][mbid("20")]["disambiguation"] is None


def test_both_spellings_of_an_area_are_read(first: Tables) -> None:
    row = first.entities["artists"][mbid("21")]

    assert (row["begin_area"], row["end_area"]) == ("Bergen", "Oslo")


def test_relations_are_rows_in_canonical_direction(first: Tables) -> None:
    band, nothing = "member of band", (None, None, ())
    assert between_artists(first) == {
        (band, "11", "10", "1979", "1981", ("lead vocals", "original"), True),
        (band, "11", "10", "1984", None, ("guitar",), False),
        (band, "12", "10", "1979", "1983", (), True),
        (band, "14a", "10", *nothing, False),
        (band, "30", "10", "1985", None, (), False),
        (band, "19", "10", None, None, ("guitar",), False),
        (band, "21", "10", *nothing, False),
        ("founder", "11", "10", "1979", None, (), False),
        ("teacher", "11", "12", "1975-09", None, (), False),
        ("artist rename", "11", "13a", *nothing, False),
        ("artist rename", "13a", "13b", *nothing, False),
        ("involved with", "12", "11", *nothing, False),
        ("supporting musician", "12", "11", "1990", "1991", (), True),
        ("instrumental supporting musician", "12", "11", "1988-05", "1990-02", ("drums",), True),
        ("tribute", "14b", "10", "2001", "2001-06", (), True),
        ("collaboration", "15", "11", *nothing, False),
        ("collaboration", "16", "11", *nothing, False),
        ("collaboration", "21", "21", *nothing, False),
        ("subgroup", "23", "10", None, None, ("additional", "minor"), False),
    }


def test_relations_to_other_entities_are_rows_too(first: Tables) -> None:
    others = {key for key in first.relationships if {key.source_entity_type, key.target_entity_type} != {"artist"}}

    def row(source: str, target: str, source_type: str, target_type: str, type_: str, *rest: Any) -> Relation:
        return Relation(source, target, source_type, target_type, type_, *(rest or (None, None, ())))

    group, other_group = mbid("100", "c"), mbid("101", "c")
    assert others == {
        row(mbid("10"), mbid("1", "e"), "artist", "recording", "performer"),
        row(mbid("21"), group, "artist", "release-group", "tribute"),
        row(mbid("21"), other_group, "artist", "release-group", "tribute"),
        row(mbid("51", "b"), mbid("50", "b"), "label", "label", "label ownership", "1990", None, ()),
        row(mbid("10"), mbid("51", "b"), "artist", "label", "recording contract"),
        row(other_group, group, "release-group", "release-group", "cover"),
        row(mbid("11"), mbid("1000", "d"), "artist", "release", "producer", None, None, ("additional",)),
    }


def test_links_are_those_to_other_services(first: Tables) -> None:
    assert first.external_links == {
        Link(mbid("10"), "artist", "wikidata", "https://www.wikidata.org/wiki/Q10"),
        Link(mbid("10"), "artist", "official homepage", "https://quay.example/?a=1&b=2"),
        Link(mbid("10"), "artist", "other databases", "https://www.discogs.com/user/quay"),
        Link(mbid("15"), "artist", "wikidata", "https://www.wikidata.org/wiki/Q15"),
        Link(mbid("50", "b"), "label", "official site", "https://harbour.example/"),
    }


def test_nodes_have_the_properties_of_who_claims_them(first: Tables) -> None:
    properties = enrichment(first, MONTH_ONE).properties

    assert {node: found["mbid"] for node, found in properties["Artist"].items()} == {
        **{node: mbid(node) for node in ("10", "11", "12", "17", "19", "20", "21", "22", "23")},
        "13": mbid("13b"),
        "14": mbid("14a"),
    }
    assert properties["Artist"]["11"] == {
        "mbid": mbid("11"),
        "mb_type": "Person",
        "mb_gender": "Female",
        "mb_begin_date": "1957-09-22",
        "mb_end_date": "2019",
        "mb_area": "Norway",
        "mb_end_area": "Oslo",
        "mb_disambiguation": "Norwegian singer",
    }
    assert properties["Label"] == {
        "50": {
            "mbid": mbid("50", "b"),
            "mb_type": "Original Production",
            "mb_label_code": 1846,
            "mb_begin_date": "1979",
            "mb_area": "Norway",
        },
        "51": {"mbid": mbid("51", "b"), "mb_type": "Holding"},
        "53": {"mbid": mbid("53", "b")},
        "57": {"mbid": mbid("57", "b"), "mb_end_date": "1999-12-31", "mb_area": "Bergen"},
    }
    assert properties["Master"] == {
        "100": {
            "mbid": mbid("100", "c"),
            "mb_type": "Album",
            "mb_secondary_types": ["Live", "Compilation"],
            "mb_first_release_date": "1981-04",
        },
        "101": {"mbid": mbid("101", "c"), "mb_secondary_types": [], "mb_disambiguation": "compilation"},
    }
    assert properties["Release"] == {
        "1000": {
            "mbid": mbid("1000", "d"),
            "mb_barcode": "4000000000017",
            "mb_status": "Official",
            "mb_release_group_mbid": mbid("100", "c"),
        },
        "1001": {"mbid": mbid("1001", "d"), "mb_barcode": ""},
        "1002": {"mbid": mbid("1002", "d")},
    }


def test_relations_are_relationships_between_nodes(first: Tables) -> None:
    nothing = {"ended": False, "attributes": []}

    assert relationships(enrichment(first, MONTH_ONE)) == {
        ("MEMBER_OF", "11", "10"): {
            "begin_date": "1979",
            "ended": False,
            "attributes": ["guitar", "lead vocals", "original"],
        },
        ("MEMBER_OF", "12", "10"): {"begin_date": "1979", "end_date": "1983", "ended": True, "attributes": []},
        ("MEMBER_OF", "14", "10"): nothing,
        ("MEMBER_OF", "19", "10"): {"ended": False, "attributes": ["guitar"]},
        ("MEMBER_OF", "21", "10"): nothing,
        ("FOUNDED", "11", "10"): {"begin_date": "1979", **nothing},
        ("TAUGHT", "11", "12"): {"begin_date": "1975-09", **nothing},
        ("RENAMED_TO", "11", "13"): nothing,
        ("SUPPORTED", "12", "11"): {
            "begin_date": "1988-05",
            "end_date": "1991",
            "ended": True,
            "attributes": ["drums"],
        },
        ("TRIBUTE_TO", "14", "10"): {"begin_date": "2001", "end_date": "2001-06", "ended": True, "attributes": []},
        ("SUBGROUP_OF", "23", "10"): {"ended": False, "attributes": ["additional", "minor"]},
    }


def test_figures_say_what_was_matched_and_what_not(first: Tables) -> None:
    found = enrichment(first, MONTH_ONE)

    assert found.conflicts == [
        ("artist", mbid("13a"), "discogs-id-conflict", "discogs_artist_id"),
        ("artist", mbid("14b"), "discogs-id-conflict", "discogs_artist_id"),
    ]
    assert found.figures == {
        "entities_enriched": 11 + 4 + 2 + 3,
        "entities_skipped_no_discogs_match": 3 + 0 + 1 + 1,
        "entities_skipped_conflict": 2,
        "relationships": 11,
        "relationships_skipped_missing_side": 3,
        "relationships_skipped_same_node": 2,
    }
    assert found.coverage == {
        "artists": {"total": 16, "matched": 15, "enriched": 11},
        "labels": {"total": 4, "matched": 4, "enriched": 4},
        "release_groups": {"total": 3, "matched": 2, "enriched": 2},
        "releases": {"total": 4, "matched": 3, "enriched": 3},
        "relationships": {"total": 26, "created": 11},
    }


def test_a_later_edition_replaces_what_lines_said(first: Tables, second: Tables) -> None:
    assert set(first.entities["artists"]) - set(second.entities["artists"]) == {mbid("14a")}
    assert set(second.entities["artists"]) - set(first.entities["artists"]) == {mbid("24"), mbid("30")}
    assert set(first.entities["labels"]) - set(second.entities["labels"]) == {mbid("57", "b")}
    assert between_artists(first) - between_artists(second) == {
        ("member of band", "14a", "10", None, None, (), False),
        ("founder", "11", "10", "1979", None, (), False),
    }
    # 12 still prints what 10 no longer does.
    assert ("member of band", "12", "10", "1979", "1983", (), True) in between_artists(second)
    assert not between_artists(second) - between_artists(first)


def test_an_edition_over_another_is_that_edition_but_for_lines_without_a_name(tmp_path: Path, second: Tables) -> None:
    fresh = tables(pack_musicbrainz(MUSICBRAINZ_SECOND, "20260110-001001", tmp_path))
    artists = second.entities["artists"]

    assert artists.keys() - fresh.entities["artists"].keys() == {mbid("22")}
    assert {id_: row for id_, row in artists.items() if id_ != mbid("22")} == fresh.entities["artists"]
    assert fresh.relationships == second.relationships


def test_a_line_written_in_another_way_has_the_same_hash(first: Tables, second: Tables) -> None:
    before, after = (content_hash(each.entities["artists"][mbid("23")]["data"]) for each in (first, second))

    assert before == after


def test_links_that_moved_or_went_move_properties_and_relationships(second: Tables) -> None:
    found = enrichment(second, MONTH_TWO)

    assert {node: properties["mbid"] for node, properties in found.properties["Artist"].items()} == {
        **{node: mbid(node) for node in ("10", "11", "18", "19", "20", "21", "22", "23")},
        "13": mbid("13b"),
        "14": mbid("14b"),
        "30": mbid("17"),
        "194": mbid("24"),
    }
    assert set(found.relationships) == {
        ("MEMBER_OF", "11", "10"),
        ("MEMBER_OF", "19", "10"),
        ("MEMBER_OF", "21", "10"),
        ("RENAMED_TO", "11", "13"),
        ("TRIBUTE_TO", "14", "10"),
        ("SUBGROUP_OF", "23", "10"),
    }
    assert found.figures["relationships_skipped_missing_side"] == 7
    assert set(found.properties["Label"]) == {"50", "51"}
    assert set(found.properties["Master"]) == {"101"}


def test_the_graph_is_that_of_discogs_with_what_was_added(tmp_path: Path, first: Tables) -> None:
    discogs = read_discogs(pack(FIRST_MONTH, "20260101", tmp_path))
    found = add_enrichment(discogs, enrichment(first, MONTH_ONE))

    assert found.nodes["Artist"]["12"] == {**discogs.nodes["Artist"]["12"], "mbid": mbid("12"), "mb_type": "Person"}
    assert found.nodes["Artist"]["15"] == discogs.nodes["Artist"]["15"]
    memberships = {edge[2:] for edge in found.edges if edge[0] == "MEMBER_OF"}
    musicbrainz = ("source", "musicbrainz")
    assert memberships == {
        (
            *("11", "Artist", "10", ("attributes", ("guitar", "lead vocals", "original")), ("begin_date", "1979")),
            *(("by_source", True), ("by_target", True), ("ended", False), musicbrainz),
        ),
        (
            *("12", "Artist", "10", ("attributes", ()), ("begin_date", "1979"), ("by_target", True)),
            *(("end_date", "1983"), ("ended", True), musicbrainz),
        ),
        ("14", "Artist", "10", ("attributes", ()), ("by_source", True), ("ended", False), musicbrainz),
        ("17", "Artist", "23", ("by_target", True)),
        ("19", "Artist", "10", ("attributes", ("guitar",)), ("ended", False), musicbrainz),
        ("21", "Artist", "10", ("attributes", ()), ("ended", False), musicbrainz),
    }
    assert {edge for edge in discogs.edges if edge[0] != "MEMBER_OF"} < found.edges


# --- single points --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("url", "discogs_id"),
    [
        ("https://www.discogs.com/artist/812", 812),
        ("http://www.discogs.com/artist/812", 812),
        ("https://discogs.com/artist/812", 812),
        ("HTTPS://WWW.Discogs.COM/artist/812", 812),
        ("https://www.discogs.com/artist/812/", 812),
        ("https://www.discogs.com/artist/812-Karl-Vogt", 812),
        ("https://www.discogs.com/artist/812-%C3%A9/?noanv=1#x", 812),
        ("https://www.discogs.com/de/artist/812", 812),
        ("https://www.discogs.com/pt_BR/artist/812", 812),
        (f"https://www.discogs.com/artist/{2**63 - 1}", 2**63 - 1),
        (f"https://www.discogs.com/artist/{2**63}", None),
        ("https://www.discogs.com/artist/0", None),
        ("https://www.discogs.com/artist/0812", None),
        ("https://www.discogs.com/artist/٨١٢", None),
        ("https://www.discogs.com/artist/abc", None),
        ("https://www.discogs.com/artist/812abc", None),
        ("https://www.discogs.com/artist/812/releases", None),
        ("https://www.discogs.com/artists/812", None),
        ("https://www.discogs.com/label/812", None),
        ("https://www.discogs.com/Karl-Vogt/artist/812", None),
        ("https://www.discogs.com.example/artist/812", None),
        ("https://m.discogs.com/artist/812", None),
        ("ftp://www.discogs.com/artist/812", None),
        (" https://www.discogs.com/artist/812", None),
        ("", None),
    ],
)
def test_a_discogs_id_is_the_number_of_a_page_of_the_right_kind(
    tmp_path: Path, url: str, discogs_id: int | None
) -> None:
    found = read(dump(tmp_path, {"id": ID, "name": "x", "relations": [page(url)]}), "artist").records[ID]

    assert found["discogs_artist_id"] == discogs_id
    assert found["discogs_link_ended"] is (None if discogs_id is None else False)
    assert found["external_links"] == []


@pytest.mark.parametrize(
    ("entity", "kind", "key"),
    [
        ("label", "label", "discogs_label_id"),
        ("release-group", "master", "discogs_master_id"),
        ("release", "release", "discogs_release_id"),
    ],
)
def test_each_entity_has_its_kind_of_page(tmp_path: Path, entity: str, kind: str, key: str) -> None:
    pages = [page(f"https://www.discogs.com/{each}/{n}") for n, each in enumerate(("artist", "label", "master"), 1)]
    line = {"id": ID, "name": "x", "title": "x", "relations": [*pages, page("https://www.discogs.com/release/4")]}
    found = read(dump(tmp_path, **{entity: [line]}), entity).records[ID]

    assert found[key] == {"label": 2, "master": 3, "release": 4}[kind]


def test_the_first_link_that_is_not_ended_counts(tmp_path: Path) -> None:
    first, second, third = (f"https://www.discogs.com/artist/{number}" for number in (1, 2, 3))
    open_ones = {"id": ID, "name": "x", "relations": [page(first, ended=True), page(second), page(third)]}
    ended = {"id": OTHER, "name": "x", "relations": [page(third, ended=True), page(first, ended=True)]}
    found = read(dump(tmp_path, open_ones, ended), "artist").records

    assert [(record["discogs_artist_id"], record["discogs_link_ended"]) for record in found.values()] == [
        (2, False),
        (3, True),
    ]


@pytest.mark.parametrize("claims", [(True, False), (False, True), (False, False), (True, True)])
def test_an_open_claim_comes_before_the_lowest_id(tmp_path: Path, claims: tuple[bool, bool]) -> None:
    url = "https://www.discogs.com/artist/5"
    lines = [
        {"id": id_, "name": "x", "relations": [page(url, ended=ended)]}
        for id_, ended in zip((ID, OTHER), claims, strict=True)
    ]
    found = enrichment(tables(dump(tmp_path, *reversed(lines))), {"Artist": {"5"}})

    wins = OTHER if claims == (True, False) else ID
    assert found.properties["Artist"]["5"]["mbid"] == wins
    assert [conflict[1] for conflict in found.conflicts] == [OTHER if wins == ID else ID]


@pytest.mark.parametrize(
    ("said", "row"), [((True, True), True), ((True, False), False), ((False, True), False), ((True, None), True)]
)
def test_a_relation_is_ended_if_both_ends_say_so(tmp_path: Path, said: tuple[bool, bool | None], row: bool) -> None:
    source = {"id": ID, "name": "x", "relations": [relation(OTHER, ended=said[0], direction="forward")]}
    printed = [] if said[1] is None else [relation(ID, ended=said[1], direction="backward")]
    found = tables(dump(tmp_path, source, {"id": OTHER, "name": "y", "relations": printed}))

    key = Relation(ID, OTHER, "artist", "artist", "member of band", None, None, ())
    assert found.relationships == {key: row}


@pytest.mark.parametrize(
    ("periods", "expected"),
    [
        ([("1979", "1981", True), ("1984", None, False)], ("1979", None, False)),
        ([("1979", "1981", True), ("1984", None, True)], ("1979", "1981", True)),
        ([("1979", "1981", True), (None, "1981-04", True)], ("1979", "1981-04", True)),
        ([("1979-02", None, True), ("1979", "1981", False)], ("1979", "1981", False)),
        ([(None, None, False)], (None, None, False)),
    ],
)
def test_several_relations_are_one_relationship(
    tmp_path: Path, periods: list[tuple[str | None, str | None, bool]], expected: tuple[str | None, str | None, bool]
) -> None:
    relations = [relation(OTHER, begin=begin, end=end, ended=ended) for begin, end, ended in periods]
    pages = [page(f"https://www.discogs.com/artist/{number}") for number in (1, 2)]
    lines = [
        {"id": ID, "name": "x", "relations": [pages[0], *relations]},
        {"id": OTHER, "name": "y", "relations": [pages[1]]},
    ]
    found = relationships(enrichment(tables(dump(tmp_path, *lines)), {"Artist": {"1", "2"}}))

    properties = found["MEMBER_OF", "1", "2"]
    assert (properties.get("begin_date"), properties.get("end_date"), properties["ended"]) == expected


def test_a_line_that_says_not_whose_it_is_keeps_all_entities(tmp_path: Path) -> None:
    link = {"type": "wikidata", "target-type": "url", "url": {"resource": "https://w.example/1"}}
    line = {"id": ID, "name": "x", "relations": [relation(OTHER), link]}
    before = tables(dump(tmp_path, line, {"id": OTHER, "name": "y"}))

    renamed = json.dumps({"id": OTHER, "name": "z"})
    cases: tuple[tuple[list[str], set[str]], ...] = (
        ([], set()),
        (["{"], {ID}),
        (['{"id": "812"}'], {ID}),
        ([f'{{"id": "{ID}"}}'], {ID}),
    )
    for broken, left in cases:
        after = tables(dump(tmp_path, renamed, *broken), before)
        assert after.entities["artists"].keys() == left | {OTHER}
        assert after.entities["artists"][OTHER]["name"] == "z"
        assert (len(after.relationships), len(after.external_links)) == (len(left), len(left))


def test_lines_of_all_kinds_of_files_are_read(tmp_path: Path) -> None:
    folder = pack_musicbrainz(MUSICBRAINZ_FIRST, "20260107-001001", tmp_path)
    packed = read(folder, "release")
    (folder / "release.tar.xz").unlink()

    # What release-group.tar.xz has is not of releases.
    with pytest.raises(FileNotFoundError):
        read(folder, "release")
    assert packed.records.keys() == {mbid(number, "d") for number in ("1000", "1001", "1002", "1003")}


@pytest.mark.parametrize(
    ("code", "stored"),
    [(1846, 1846), (0, 0), (None, None), (True, None), (1846.0, None), ("1846", None), (2**31, None)],
)
def test_a_label_code_is_an_integer_that_a_column_holds(tmp_path: Path, code: Any, stored: int | None) -> None:
    found = tables(dump(tmp_path, label=[{"id": ID, "name": "x", "label-code": code}]))

    assert found.entities["labels"][ID]["label_code"] == stored
    assert bool(found.findings) == (code is not None and stored is None)


@pytest.mark.parametrize("target_type", ["release_group", "release-group"])
@pytest.mark.parametrize("key", ["release_group", "release-group"])
def test_a_release_group_may_be_spelled_in_two_ways(tmp_path: Path, target_type: str, key: str) -> None:
    to_group = {"type": "tribute", "target-type": target_type, key: {"id": OTHER}}
    found = tables(dump(tmp_path, {"id": ID, "name": "x", "relations": [to_group]}))

    assert set(found.relationships) == {Relation(ID, OTHER, "artist", "release-group", "tribute", None, None, ())}


@pytest.mark.parametrize("type_", ["artist", "label"])
def test_what_is_not_below_its_type_has_no_id(tmp_path: Path, type_: str) -> None:
    line = {"id": ID, "name": "x", "relations": [{"type": "tribute", "target-type": type_, "work": {"id": OTHER}}]}
    found = tables(dump(tmp_path, line))

    assert found.entities["artists"][ID]["data"]["relations"][0]["target_mbid"] == ""
    assert not found.relationships


def test_a_graph_is_compared_without_the_marks_of_its_enrichment(tmp_path: Path, first: Tables) -> None:
    added = enrichment(first, MONTH_ONE)
    expected = add_enrichment(read_discogs(pack(FIRST_MONTH, "20260101", tmp_path)), added)
    marks = {"mb_sha256": "0" * 64, "mb_rev": 1, "mb_updated_at": "2026-01-07T00:10:01+00:00"}
    found = Graph()
    for label, nodes in expected.nodes.items():
        for key, properties in nodes.items():
            own = {"name" if label in KEYS else "id": key, **properties, **(marks if "mbid" in properties else {})}
            add_node(found, label, {**own, "sha256": "0" * 64} if label in added.properties else own)
    found.edges = {make_stored(each) for each in expected.edges}
    found.statistics = expected.statistics

    assert differences(expected, found) == []
    assert found.enriched["Artist"].keys() == added.properties["Artist"].keys()


def make_stored(wanted: Edge) -> Edge:
    """Return an edge as it is read from the graph, where attributes are a list."""
    properties = {name: list(value) if name == "attributes" else value for name, value in wanted[5:]}
    return edge(wanted[0], wanted[1], wanted[2], wanted[3], wanted[4], properties)
