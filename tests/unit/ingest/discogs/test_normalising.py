"""Normalising an XML element to a record: shapes of docs/contract/data.md#records, and nothing lost on the way."""

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, SubElement, fromstring, tostring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.ingest.discogs.normalising import NAMES, SHAPES, normalise


def normalise_inner(record_type, inner, attributes=""):
    return normalise_with_names(record_type, inner, attributes)[0]


def normalise_with_names(record_type, inner, attributes=""):
    """Return the record and the names that were strange in it."""
    strange = set()
    record = normalise(
        record_type, fromstring(f"<{record_type[:-1]} {attributes}>{inner}</{record_type[:-1]}>"), strange
    )
    return record, strange


# Scalars and attributes


def test_attributes_and_texts_are_strings_under_their_names():
    assert normalise_inner(
        "releases", "<title>Ebbe</title><country>Germany</country>", 'id="88001" status="Accepted"'
    ) == {
        "id": "88001",
        "status": "Accepted",
        "title": "Ebbe",
        "country": "Germany",
    }


@pytest.mark.parametrize("inner", ["<notes/>", "<notes></notes>", "<notes> \n\t\r</notes>"])
def test_an_element_without_text_is_null(inner):
    assert normalise_inner("releases", inner) == {"notes": None}


def test_an_absent_element_has_no_key():
    assert normalise_inner("releases", "") == {}


def test_blanks_around_a_text_are_kept():
    assert normalise_inner("releases", "<title>  Two Blanks </title>") == {"title": "  Two Blanks "}


def test_white_space_of_unicode_is_text():
    assert normalise_inner("artists", "<name>\u3000\u00a0</name>") == {"name": "\u3000\u00a0"}


def test_an_attribute_without_a_value_stays_an_empty_string():
    assert normalise_inner("releases", '<labels><label name="" id="1"/></labels>') == {
        "labels": [{"name": "", "id": "1"}]
    }


def test_entities_in_attributes_are_decoded():
    assert normalise_inner("releases", '<labels><label name="A &amp; B"/></labels>') == {"labels": [{"name": "A & B"}]}


def test_a_repeated_scalar_becomes_a_list_in_order():
    assert normalise_inner("artists", "<realname>A</realname><realname/><realname>B</realname>") == {
        "realname": ["A", None, "B"]
    }


# Lists


@pytest.mark.parametrize("record_type", SHAPES)
def test_an_empty_container_has_no_key(record_type):
    containers = "".join(f"<{tag}/><{tag}> \n</{tag}>" for tag in SHAPES[record_type])

    assert normalise_inner(record_type, containers) == {}


def test_one_entry_makes_a_list_and_so_do_two():
    aliases = '<name id="990">Vogtronic</name>'

    assert normalise_inner("artists", f"<aliases>{aliases}</aliases>") == {
        "aliases": [{"id": "990", "name": "Vogtronic"}]
    }
    assert len(normalise_inner("artists", f"<aliases>{aliases * 2}</aliases>")["aliases"]) == 2


def test_lists_of_strings():
    inner = (
        "<namevariations><name>K. Vogt</name><name/><name>Vogt</name></namevariations><urls><url>https://a</url></urls>"
    )

    assert normalise_inner("artists", inner) == {"namevariations": ["K. Vogt", "Vogt"], "urls": ["https://a"]}


@pytest.mark.parametrize(
    "members",
    [
        '<name id="812">Karl</name><name id="813">Uwe</name>',
        '<id>812</id><name id="812">Karl</name><id>813</id><name id="813">Uwe</name>',
        '<id>812</id><id>813</id><name id="812">Karl</name><name id="813">Uwe</name>',
        "<id>812</id><name>Karl</name><id>813</id><name>Uwe</name>",
        "\n<id> 812\n</id>\n<name>Karl</name>\n<id>813</id>\n<name>Uwe</name>\n",
        '<name id="812">Karl</name><id>813</id><name>Uwe</name>',
        '<id>812</id><name>Karl</name><name id="813">Uwe</name><id>813</id>',
    ],
    ids=["current", "with ids", "ids first", "of 2015", "of 2015 in lines", "mixed", "mixed, with an id"],
)
def test_members_are_the_same_in_both_generations_of_the_dumps(members):
    assert normalise_inner("artists", f"<members>{members}</members>") == {
        "members": [{"id": "812", "name": "Karl"}, {"id": "813", "name": "Uwe"}]
    }


def test_an_id_among_members_that_no_name_has_is_kept():
    assert normalise_inner("artists", '<members><id>5</id><name id="6">A</name></members>') == {
        "members": [{"id": "6", "name": "A"}, {"id": "5"}]
    }


@pytest.mark.parametrize("key", ["members", "aliases", "groups"])
@pytest.mark.parametrize(
    ("inner", "found"),
    [
        ("<id>1</id><name>A</name><name>B</name>", [{"id": "1", "name": "A"}, {"name": "B"}]),
        ("<name>A</name><id>2</id><name>B</name>", [{"name": "A"}, {"id": "2", "name": "B"}]),
        ("<id>1</id><id>2</id><name>B</name>", [{"id": "2", "name": "B"}, {"id": "1"}]),
        ("<id>1</id><name>A</name><id>2</id>", [{"id": "1", "name": "A"}, {"id": "2"}]),
        ("<id>1</id><x/><name>A</name>", [{"name": "A"}, {"id": "1"}, {"x": None}]),
        ("<id>1</id><name/><id>2</id><name>B</name>", [{"id": "1"}, {"id": "2", "name": "B"}]),
        ('<id>1</id><name id="2">B</name>', [{"id": "2", "name": "B"}, {"id": "1"}]),
    ],
)
def test_an_id_belongs_to_the_name_that_follows_it(key, inner, found):
    assert normalise_inner("artists", f"<{key}>{inner}</{key}>") == {key: found}


def test_several_parent_labels_are_a_list_of_references():
    inner = '<parentLabel id="71">Deich</parentLabel><parentLabel>Text</parentLabel><parentLabel id="72"/>'

    assert normalise_inner("labels", inner) == {"parentLabel": [{"id": "71", "name": "Deich"}, "Text", {"id": "72"}]}


def test_a_bare_string_among_items_is_a_name_without_an_id():
    assert normalise_inner("labels", "<sublabels><label>Deich Dub</label></sublabels>") == {
        "sublabels": [{"name": "Deich Dub"}]
    }


def test_entries_without_anything_in_them_are_none():
    assert normalise_inner("releases", "<labels><label/></labels><formats><format> </format></formats>") == {}


def test_credits_keep_every_field_and_null_for_the_empty_ones():
    fields = "<id>812</id><name>Karl Vogt (2)</name><anv>K. Vogt</anv><join>&amp;</join><role/><tracks/>"
    inner = f"<artists><artist>{fields}</artist></artists>"

    assert normalise_inner("masters", inner) == {
        "artists": [{"id": "812", "name": "Karl Vogt (2)", "anv": "K. Vogt", "join": "&", "role": None, "tracks": None}]
    }


def test_a_format_has_its_attributes_and_a_list_of_descriptions():
    inner = (
        '<formats><format name="Vinyl" qty="1" text="Grey"><descriptions><description>LP</description></descriptions>'
        '</format><format name="CD" qty="2" text=""><descriptions/></format></formats>'
    )

    assert normalise_inner("releases", inner) == {
        "formats": [
            {"name": "Vinyl", "qty": "1", "text": "Grey", "descriptions": ["LP"]},
            {"name": "CD", "qty": "2", "text": ""},
        ]
    }


def test_tracks_in_tracks_are_normalised_at_every_depth():
    artist = "<artists><artist><id>1</id></artist></artists>"
    inner = "<sub_tracks><track><position>A.a</position>%s</track></sub_tracks>"

    record = normalise_inner("releases", f"<tracklist><track>{inner % (artist + inner % artist)}</track></tracklist>")

    deepest = {"position": "A.a", "artists": [{"id": "1"}]}
    assert record == {"tracklist": [{"sub_tracks": [{**deepest, "sub_tracks": [deepest]}]}]}


def test_identifiers_videos_companies_and_series():
    inner = (
        '<identifiers><identifier type="Barcode" description="Text" value="4 0"/></identifiers>'
        '<videos><video src="v" duration="215" embed="true"><title>Ebbe</title><description/></video></videos>'
        "<companies><company><id>300</id><name>Pallas</name><catno/></company></companies>"
        '<series><series name="Küste" catno="3" id="9001"/></series>'
    )

    assert normalise_inner("releases", inner) == {
        "identifiers": [{"type": "Barcode", "description": "Text", "value": "4 0"}],
        "videos": [{"src": "v", "duration": "215", "embed": "true", "title": "Ebbe", "description": None}],
        "companies": [{"id": "300", "name": "Pallas", "catno": None}],
        "series": [{"name": "Küste", "catno": "3", "id": "9001"}],
    }


# References


@pytest.mark.parametrize(
    ("parent", "value"),
    [
        ('<parentLabel id="71">Deich Group</parentLabel>', {"id": "71", "name": "Deich Group"}),
        ('<parentLabel id="71"/>', {"id": "71"}),
        ("<parentLabel>Deich Group</parentLabel>", "Deich Group"),
        ("<parentLabel/>", None),
    ],
)
def test_a_parent_label_is_an_object_if_it_has_an_id(parent, value):
    assert normalise_inner("labels", parent) == {"parentLabel": value}


@pytest.mark.parametrize(
    ("master", "record"),
    [
        ('<master_id is_main_release="true">4400</master_id>', {"master_id": "4400", "is_main_release": True}),
        ('<master_id is_main_release="false">0</master_id>', {"master_id": None, "is_main_release": False}),
        ("<master_id>4400</master_id>", {"master_id": "4400"}),
        ("<master_id>0</master_id>", {"master_id": None}),
        ("<master_id/>", {"master_id": None}),
        ('<master_id is_main_release="maybe"/>', {"master_id": None, "is_main_release": "maybe"}),
        ("", {}),
    ],
)
def test_master_zero_is_no_master(master, record):
    assert normalise_inner("releases", master) == record


def test_the_attribute_is_the_id_of_a_release_that_has_both():
    assert normalise_inner("releases", "<id>2</id>", 'id="1"') == {"id": "1", "other_ids": ["2"]}


# What we do not know


def test_an_unknown_element_is_kept_by_the_generic_mapping_and_named():
    record, strange = normalise_with_names("labels", '<future attr="x">tomorrow<deeper>y</deeper><deeper/></future>')

    assert record == {"future": {"@attr": "x", "deeper": ["y", None], "#text": "tomorrow"}}
    assert strange == {"future", "attr", "deeper"}


def test_an_unknown_field_of_an_entry_is_kept_and_named():
    record, strange = normalise_with_names(
        "releases", '<labels><label id="1" since="1981"><city>Bremen</city></label></labels>'
    )

    assert record == {"labels": [{"id": "1", "since": "1981", "city": "Bremen"}]}
    assert strange == {"since", "city"}


def test_what_does_not_belong_into_a_list_is_an_entry_of_its_own():
    record, strange = normalise_with_names(
        "releases", '<genres count="2">two<genre>Rock</genre>,<mood>Dark</mood></genres>'
    )

    assert record == {"genres": ["Rock", {"@count": "2"}, {"#text": "two"}, {"#text": ","}, {"mood": "Dark"}]}
    assert strange == {"count", "mood"}


def test_text_between_fields_is_kept():
    assert normalise_inner("artists", "<id>1</id>stray<name>A</name>text") == {
        "id": "1",
        "name": "A",
        "#text": ["stray", "text"],
    }


def test_nothing_of_the_known_format_is_strange():
    inner = (
        '<images><image type="primary" uri="" uri150="" width="6" height="5"/></images><tracklist><track/></tracklist>'
    )

    assert normalise_with_names("releases", inner, 'id="1" status="Draft"')[1] == set()


# Anything at all

# More often those that are treated in a way of their own.
SPECIAL = ["id", "name", "master_id", "is_main_release", "parentLabel", "members", "other_ids", "future", "x-y"]
TAGS = st.sampled_from(sorted(NAMES)) | st.sampled_from(SPECIAL)
Tree = tuple[str, list[str], list[Any], bool, bool]
TREES = st.recursive(
    st.tuples(TAGS, st.lists(TAGS, max_size=2, unique=True), st.just([]), st.booleans(), st.booleans()),
    lambda trees: st.tuples(
        TAGS, st.lists(TAGS, max_size=2, unique=True), st.lists(trees, max_size=4), st.booleans(), st.booleans()
    ),
    max_leaves=15,
)


def grow(parent: Element, trees: list[Tree], tokens: Iterator[str]) -> None:
    """Add elements to a parent, with a token of its own as the value of each attribute and text."""
    for tag, attributes, children, has_text, has_tail in trees:
        child = SubElement(parent, tag, {name: next(tokens) for name in attributes})
        child.text = next(tokens) if has_text else None
        child.tail = next(tokens) if has_tail else None
        grow(child, children, tokens)


def values_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from values_in(inner)
    elif value is not None:
        yield value


@given(st.sampled_from(sorted(SHAPES)), st.lists(TREES, max_size=5))
def test_no_value_is_lost_and_none_comes_twice(record_type, trees):
    given_tokens: list[str] = []

    def tokens() -> Iterator[str]:
        while True:
            given_tokens.append(f"({len(given_tokens)})")
            yield given_tokens[-1]

    element = Element(record_type[:-1])
    grow(element, trees, tokens())
    text = tostring(element, encoding="unicode")
    stored = "".join(values_in(normalise(record_type, element, set())))

    assert {token: stored.count(token) for token in given_tokens} == dict.fromkeys(given_tokens, 1), text


@given(st.sampled_from(sorted(SHAPES)), st.lists(TREES, max_size=5))
def test_every_unknown_name_is_named(record_type, trees):
    element = Element(record_type[:-1])
    grow(element, trees, iter(map(str, range(1_000_000))))
    names = {name for each in element.iter() if each is not element for name in (each.tag, *each.keys())}
    strange = set()

    normalise(record_type, element, strange)

    assert strange - {"#text"} == names - NAMES
