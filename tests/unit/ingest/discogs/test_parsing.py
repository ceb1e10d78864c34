"""From bytes to elements: the tolerance of the parser for faults of characters, and none for faults of structure."""

from xml.etree.ElementTree import Element

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.ingest.discogs.parsing import elements, repaired
from apps.ingest.errors import MalformedError

GOOD = b"<artist><id>1</id><name>Karl</name></artist>"
ALSO_GOOD = b"<artist><id>3</id><name>Uwe</name></artist>"


def parse(raw, tag="artist"):
    (found,) = elements([raw], tag)
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
    found = parse(b'<release id="1"><label name="R&B &amp; S&foo;\x02" catno="&#xFFFFFFFF;"/></release>', "release")

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
        b"<artist><id>2</id></artist></artist>",
        b"<artist><id>2</id></artist><stray>text</stray>",
        b'<artist><id>2</id></artist><artist id="3"/>',
        b"</r><artist><id>2</id></artist><r>",
        b"<artist><id>2</id><name><![CDATA[never closed</name></artist>",
        b"<artist><id>2</id><!-- never closed</artist>",
        b"",
    ],
)
def test_faults_of_structure_make_a_record_malformed_and_no_other(raw):
    first, second, third = elements([GOOD, raw, ALSO_GOOD], "artist")

    assert isinstance(second, MalformedError)
    assert [first.findtext("id"), third.findtext("id")] == ["1", "3"]


def test_one_record_that_needs_repair_leaves_the_others_of_its_piece_alone():
    found = list(elements([GOOD, b"<artist><id>2</id><name>R&B</name></artist>", ALSO_GOOD], "artist"))

    assert [each.findtext("name") for each in found] == ["Karl", "R&B", "Uwe"]


def test_records_that_swallow_one_another_are_not_taken_for_one():
    """Together they are well-formed; alone neither is."""
    found = list(
        elements([b"<artist><id>1</id><name>", b"<artist><id>2</id></artist></name></artist>", GOOD], "artist")
    )

    assert [type(each) for each in found] == [MalformedError, MalformedError, Element]


def test_a_record_that_closes_itself_is_parsed():
    assert parse(b'<release id="1"/>', "release").attrib == {"id": "1"}


def test_an_empty_record_behind_another_is_passed_over():
    assert parse(GOOD + b"\n<artist/>").findtext("id") == "1"


def test_comments_between_records_are_passed_over():
    assert parse(GOOD + b"<!-- next: & -->").findtext("id") == "1"


def test_a_document_type_makes_a_record_malformed():
    assert isinstance(parse(b"<!DOCTYPE r [<!ENTITY a 'aaaa'>]><artist><id>1</id></artist>"), MalformedError)


@given(st.lists(st.sampled_from([GOOD, ALSO_GOOD, b"<artist><id>2</id><name>R&B</name></artist>", b"<artist>"])))
def test_there_is_an_element_or_a_reason_for_each_record(raw):
    found = list(elements(raw, "artist"))

    assert [isinstance(each, MalformedError) for each in found] == [each == b"<artist>" for each in raw]


@given(st.text(st.characters(codec="utf-8")))
def test_a_repair_loses_no_character_that_xml_allows(text):
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")
    kept = "".join(each for each in text if each in "\t\n\r" or " " <= each not in "\ufffe\uffff")

    assert (parse(repaired(f"<artist>{escaped}</artist>".encode())).text or "") == kept


@given(st.binary(max_size=80))
def test_no_bytes_break_the_parser(inner):
    first, _, third = elements([GOOD, b"<artist>" + inner + b"</artist>", ALSO_GOOD], "artist")

    assert [first.findtext("id"), third.findtext("id")] == ["1", "3"]
