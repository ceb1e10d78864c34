"""From bytes to elements: the tolerance of the parser for faults of characters, and none for faults of structure."""

from xml.etree.ElementTree import Element

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.ingest.discogs import parsing
from apps.ingest.discogs.parsing import repair
from apps.ingest.errors import MalformedError
from apps.ingest.sources.discogs import grammar

GOOD = b"<artist><id>1</id><name>Karl</name></artist>"
ALSO_GOOD = b"<artist><id>3</id><name>Uwe</name></artist>"


def elements(raw, record_type="artists"):
    return parsing.elements(raw, grammar(record_type))


def parse(raw, record_type="artists"):
    (found,) = elements([raw], record_type)
    return found


def name_of(inner):
    found = parse(b"<artist><id>2</id><name>%s</name></artist>" % inner)
    assert isinstance(found, Element)
    return found.findtext("name")


@pytest.mark.parametrize(
    ("inner", "name"),
    [
        (b"Rust & Rain", "Rust & Rain"),
        (b"Rust &amp; Rain", "Rust & Rain"),
        (b"R&B &lt;live&gt;", "R&B <live>"),
        (b"Rust &foo; Rain&", "Rust &foo; Rain&"),
        (b"A &eacute; &amp;eacute;", "A &eacute; &eacute;"),
        (b"&#38;amp; & &#x26;", "&amp; & &"),
        (b"Low\x01 Tide\x07", "Low Tide"),
        (b"Nul\x00", "Nul"),
        (b"Low&#1; Tide&#x1f;&#0;", "Low Tide"),
        (b"line&#13;&#10;&#9;end", "line\r\n\tend"),
        (b"&#x1F600;", "\U0001f600"),
        (b"&#128512;", "\U0001f600"),
        (b"&#xFFFFFFFF;", "\ufffd"),
        (b"&#99999999999999999999;", "\ufffd"),
        (b"&#x110000;", "\ufffd"),
        (b"&#xD800;&#xDFFF;", "\ufffd\ufffd"),
        (b"&#xFFFE;&#xFFFF;", "\ufffd\ufffd"),
        (b"&#x0000000041;&", "A&"),
        (b"&#xZZ; &#; &;", "&#xZZ; &#; &;"),
        (b"Caf\xe9 Nord", "Caf\ufffd Nord"),
        (b"\xed\xa0\x80", "\ufffd\ufffd\ufffd"),
        ("x\ufffe\uffff".encode(), "x"),
        ("⅓ Ünïcode".encode(), "⅓ Ünïcode"),
        (b"a<![CDATA[<b> & &amp; ]]>z", "a<b> & &amp; z"),
        (b"&<![CDATA[& &foo;\x01]]>&", "&& &foo;&"),
        (b"<!-- & -->Glass<!-- not a part --> Harbour", "Glass Harbour"),
        (b"<?php echo 1 ?>Glass", "Glass"),
    ],
)
def test_faults_of_characters_are_repaired_and_all_text_is_kept(inner, name):
    assert name_of(inner) == name


def test_attributes_are_repaired_like_text():
    found = parse(b'<release id="1"><label name="R&B &amp; S&foo;\x02" catno="&#xFFFFFFFF;"/></release>', "releases")

    assert found[0].attrib == {"name": "R&B & S&foo;", "catno": "\ufffd"}


def test_text_that_looks_like_a_record_in_cdata_is_text():
    assert name_of(b"<![CDATA[<artist><id>9</id></artist>]]>") == "<artist><id>9</id></artist>"


@pytest.mark.parametrize(
    "raw",
    [
        b"<artist><id>2</id><name>Karl</artist>",
        b"<artist><id>2</id><name>Karl</name>",
        b"<artist><id>2</id><name kind=x>Karl</name></artist>",
        b"<artist><id>2</id><name>a < b</name></artist>",
        b"<artist/ ><id>2</id></artist>",
        b"<id>2</id></artist>",
        b"text",
        b"</r><artist><id>2</id></artist><r>",
        b"<artist><id>2</id><name><![CDATA[never closed</name></artist>",
        b"<artist><id>2</id><!-- never closed</artist>",
        b"",
    ],
)
def test_faults_of_structure_make_a_record_malformed_and_no_other(raw):
    first, second, third = elements([GOOD, raw, ALSO_GOOD])

    assert isinstance(second, MalformedError)
    assert [first.findtext("id"), third.findtext("id")] == ["1", "3"]


def test_one_record_that_needs_repair_leaves_the_others_of_its_piece_alone():
    found = list(elements([GOOD, b"<artist><id>2</id><name>R&B</name></artist>", ALSO_GOOD]))

    assert [each.findtext("name") for each in found] == ["Karl", "R&B", "Uwe"]


def test_a_record_inside_of_another_is_one_and_the_outer_one_is_malformed():
    outer, inner, after = elements([b"<artist><id>1</id><name>", b"<artist><id>2</id></artist></name></artist>", GOOD])

    assert isinstance(outer, MalformedError)
    assert (inner.findtext("id"), inner.tail, after.findtext("id")) == ("2", "</name></artist>", "1")


def test_a_record_that_closes_itself_is_parsed():
    assert parse(b'<release id="1"/>', "releases").attrib == {"id": "1"}


MARKUP = [
    b"</artists>",
    b"</artists\n>\n<artists>",
    b"</artists><!-- the first half --><artists >",
    b'</artists>\n\xef\xbb\xbf<?xml version="1.0" encoding="UTF-8"?>\n<artists x="1">',
    b'</artists><!DOCTYPE artists [<!ENTITY a "]">\n] >\n<!DOCTYPE artists><artists>',
    b"<?xml-stylesheet href='a'?>",
    b'<?xml version="1.0"?>',
    b"\xef\xbb\xbf",
    b"<!-- next: & -->",
    b"\r\n\t ",
]


@pytest.mark.parametrize("behind", MARKUP)
@pytest.mark.parametrize("record", [GOOD, b"<artist ><id>1</id><name>R&B</name></artist\n>", b"<artist\n/>"])
def test_markup_between_records_is_passed_over(behind, record):
    found, after = elements([record + behind, ALSO_GOOD])

    assert (found.tag, found.tail, after.findtext("id")) == ("artist", None, "3")


@pytest.mark.parametrize(
    "left",
    [
        *("text", "Ä", "</artist>", "<stray>text</stray>", '<artist id="3"/>', "<id>2</id><name>Uwe</name></artist>"),
        *("<artis><id>2</id></artist>", "<", "<!-- never closed", "</labels>", "<id>2</id>", "text</artists>"),
    ],
)
@pytest.mark.parametrize("before", [b"", b"</artists>\n"])
@pytest.mark.parametrize("record", [GOOD, b"<artist><id>1</id><profile>R&B\0</profile></artist>"])
def test_what_else_stands_behind_a_record_is_left_over(before, left, record):
    found, after = elements([record + before + left.encode(), ALSO_GOOD])

    assert (found.findtext("id"), found.tail, after.findtext("id")) == ("1", left, "3")


def test_nested_elements_of_the_same_name_do_not_end_a_record():
    label = b"<label><id>1</id><sublabels><label id='2'>Dub</label><label/></sublabels></label>"
    found = parse(label + b"</label>", "labels")

    assert (len(found[1]), found.tail) == (2, "</label>")


def test_the_end_of_a_record_is_found_behind_comments_and_cdata_that_look_like_it():
    record = b'<release id="1"><title><![CDATA[</release>]]></title><!-- </release> --></release>'
    found = parse(record + b"left", "releases")

    assert (found.findtext("title"), found.tail) == ("</release>", "left")


def test_a_record_that_closes_itself_ends_there():
    assert parse(b'<release id="1" title="a>b"/>left', "releases").tail == "left"


def test_a_document_type_makes_a_record_malformed():
    assert isinstance(parse(b"<!DOCTYPE r [<!ENTITY a 'aaaa'>]><artist><id>1</id></artist>"), MalformedError)


@given(st.lists(st.sampled_from([GOOD, ALSO_GOOD, b"<artist><id>2</id><name>R&B</name></artist>", b"<artist>"])))
def test_there_is_an_element_or_a_reason_for_each_record(raw):
    found = list(elements(raw))

    assert [isinstance(each, MalformedError) for each in found] == [each == b"<artist>" for each in raw]


@given(st.text(st.characters(codec="utf-8")))
def test_a_repair_loses_no_character_that_xml_allows(text):
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")
    kept = "".join(each for each in text if each in "\t\n\r" or " " <= each not in "\ufffe\uffff")

    assert (parse(repair(f"<artist>{escaped}</artist>".encode())).text or "") == kept


@given(st.binary(max_size=80))
def test_no_bytes_break_the_parser(inner):
    first, _, third = elements([GOOD, b"<artist>" + inner + b"</artist>", ALSO_GOOD])

    assert [first.findtext("id"), third.findtext("id")] == ["1", "3"]
