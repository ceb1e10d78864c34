"""How parameters are read, and what is said of those that cannot be.

Contract: docs/contract/rest.md#errors, docs/contract/rest.md#parameters.
"""

from typing import Any

import pytest
from rest_framework import serializers

from apps.api.parameters import Boolean, CommaList, Float, Integer, Invalid, Text, read_query, read_values


class Everything(serializers.Serializer[Any]):
    """One of each kind."""

    text = Text(min_length=3, max_length=5)
    number = Integer(default=7, min_value=1, max_value=50)
    offset = Integer(default=0, min_value=0)
    share = Float(default=0.5, min_value=0, max_value=100)
    flag = Boolean(default=False)
    list = CommaList(default=list)
    sql = Text(default="", for_sql=True)


def value(name, text):
    return read_query(Everything, f"text=abc&{name}={text}")[name]


def error(query):
    with pytest.raises(Invalid) as found:
        read_query(Everything, query)
    return found.value.entries


@pytest.mark.parametrize("text", ["5", "%205%20", "%2B5", "5.0", "5.000", "05", "%0A5"])
def test_integers_as_they_may_be_written(text):
    assert value("number", text) == 5


@pytest.mark.parametrize("text", ["", "abc", "5.5", "5e1", "0x5", "_5", "5_", "5__0", "1%205", "%D9%A5", "5."])
def test_what_is_no_integer(text):
    (entry,) = error(f"text=abc&number={text}")

    assert (entry["type"], entry["loc"]) == ("int_parsing", ["query", "number"])
    assert "ctx" not in entry


def test_underscores_between_digits_are_none():
    assert value("offset", "1_000") == 1000


@pytest.mark.parametrize("digits", ["9" * 19, "1" * 41, "1" + "0" * 5000])
def test_a_number_beyond_64_bits_is_beyond_its_bound(digits):
    (entry,) = error(f"text=abc&offset={digits}")

    assert (entry["type"], entry["ctx"]) == ("less_than_equal", {"le": 2**63 - 1})


@pytest.mark.parametrize("text", ["true", "TRUE", "1", "yes", "on", "t", "Y"])
def test_words_for_yes(text):
    assert value("flag", text) is True


@pytest.mark.parametrize("text", ["false", "0", "No", "off", "F", "n"])
def test_words_for_no(text):
    assert value("flag", text) is False


@pytest.mark.parametrize("text", ["", "2", "%20true", "ja"])
def test_what_is_no_word_for_either(text):
    assert error(f"text=abc&flag={text}")[0]["type"] == "bool_parsing"


@pytest.mark.parametrize(
    ("text", "number"), [("0.5", 0.5), ("5", 5.0), ("1e1", 10.0), (".5", 0.5), ("%2B1.", 1.0), ("1%1C", 1.0)]
)
def test_decimal_numbers(text, number):
    assert value("share", text) == number


@pytest.mark.parametrize(
    ("text", "kind"),
    [("x", "float_parsing"), ("", "float_parsing"), ("inf", "less_than_equal"), ("nan", "greater_than_equal")],
)
def test_what_is_no_decimal_number_within_its_bounds(text, kind):
    assert error(f"text=abc&share={text}")[0]["type"] == kind


def test_lists_are_trimmed_and_empty_entries_dropped():
    assert value("list", "a,%20b%20,,%20,c") == ["a", "b", "c"]
    assert value("list", "") == []


def test_blanks_count_as_characters_and_are_kept():
    assert read_query(Everything, "text=+++")["text"] == "   "


@pytest.mark.parametrize(
    ("text", "kind"), [("ab", "string_too_short"), ("", "string_too_short"), ("abcdef", "string_too_long")]
)
def test_lengths(text, kind):
    assert error(f"text={text}")[0]["type"] == kind


def test_nul_is_refused_where_postgresql_reads_it():
    assert value("text", "abc") == "abc"
    assert read_query(Everything, "text=ab%00")["text"] == "ab\0"
    assert error("text=abc&sql=%00")[0]["type"] == "value_error"


def test_everything_that_is_wrong_is_said_in_the_order_of_declaration():
    entries = error("flag=x&number=0&number=51&offset=-1")

    assert entries == [
        {"type": "missing", "loc": ["query", "text"], "msg": "This field is required.", "input": None},
        {
            "type": "less_than_equal",
            "loc": ["query", "number"],
            "msg": "Ensure this value is less than or equal to 50.",
            "input": "51",
            "ctx": {"le": 50},
        },
        {
            "type": "greater_than_equal",
            "loc": ["query", "offset"],
            "msg": "Ensure this value is greater than or equal to 0.",
            "input": "-1",
            "ctx": {"ge": 0},
        },
        {"type": "bool_parsing", "loc": ["query", "flag"], "msg": "Input should be a valid boolean", "input": "x"},
    ]


def test_a_field_that_a_body_lacks_is_said_with_the_body():
    with pytest.raises(Invalid) as found:
        read_values(Everything, "body", {"number": "3"})

    assert found.value.entries[0]["input"] == {"number": "3"}


def test_defaults_stand_for_what_is_absent():
    found = dict(read_query(Everything, "text=abc&unknown=1"))

    assert found == {"text": "abc", "number": 7, "offset": 0, "share": 0.5, "flag": False, "list": [], "sql": ""}
