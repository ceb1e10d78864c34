"""Sleeves and barcodes."""

import xml.etree.ElementTree as ET

import pytest

from apps.explore import drawings

# The bars of 4006381333931, the example of the standard's descriptions: guards, six digits, middle, six digits.
STABILO = "10100011010100111010111101111010001001011001101010100001010000101000010111010010000101100110101"


def bars_of(drawn):
    ones = {(int(rect.get("x")) - 10) // 2 for rect in ET.fromstring(drawn).findall("rect")}
    return "".join("1" if at in ones else "0" for at in range(95))


def test_a_barcode_has_the_bars_of_the_standard():
    assert bars_of(drawings.barcode("4006381333931")) == STABILO


def test_twelve_digits_are_a_barcode_with_a_zero_before_them():
    assert bars_of(drawings.barcode("036000291452")) == bars_of(drawings.barcode("0036000291452"))


def test_blanks_and_dashes_are_no_part_of_a_barcode():
    assert drawings.barcode("5 021603 054066") == drawings.barcode("5021603054066")


@pytest.mark.parametrize(
    "text", ["", "none", "4006381333932", "12345678", "40063813339310", "４００６３８１３３３９３１"]
)
def test_what_is_no_barcode_is_not_drawn(text):
    assert drawings.barcode(text) is None


def test_bands_are_as_wide_as_tracks_are_long():
    gaps = [
        float(each.get("r"))
        for each in ET.fromstring(drawings.sleeve("T", "A", "C", "Rock", [300, 100])).iter("circle")
        if each.get("class") == "gap"
    ]
    room = drawings.RADIUS - 6 - drawings.LABEL_RADIUS - 12

    assert gaps == pytest.approx([162 - room * 0.75, 162 - room], abs=0.1)


@pytest.mark.parametrize(
    ("genre", "colour"),
    [
        ("Hip Hop", "g-hip-hop"),
        ("Folk, World, & Country", "g-folk-world-country"),
        ("Funk / Soul", "g-funk-soul"),
        ("Stage & Screen", "g-stage-screen"),
        ("Children's", "g-other"),
        ("", "g-other"),
    ],
)
def test_a_sleeve_has_the_colour_of_its_genre(genre, colour):
    assert f'class="{colour}"' in drawings.sleeve("T", "A", "C", genre, [])


@pytest.mark.parametrize("title", ["", "W" * 2000, "<script>", "a " * 500, "東京の夜"])
def test_a_sleeve_takes_any_title(title):
    drawn = drawings.sleeve(title, title, title, "Jazz", [None] * 300)

    assert (
        ET.fromstring(drawn).get("aria-label") == "A drawing: the record's bands are as wide as its 300 tracks are long"
    )
    assert "<script>" not in drawn


@pytest.mark.parametrize(
    ("length", "seconds"),
    [
        ("5:11", 311),
        ("1:02:09", 3729),
        ("0:00", 0),
        ("", None),
        (None, None),
        ("5'11", None),
        ("５:11", None),
        ("5:111", None),
    ],
)
def test_lengths_of_tracks(length, seconds):
    assert drawings.read_seconds(length) == seconds


@pytest.mark.parametrize(
    ("text", "breadth"), [("Low", 3), ("Ёлка", 4), ("東京", 4.8), ("قمر", 5.1), ("e\u0301", 1), ("🌊", 2.4), ("", 0)]
)
def test_letters_of_other_scripts_are_wider(text, breadth):
    assert drawings.breadth(text) == pytest.approx(breadth)


@pytest.mark.parametrize("title", ["W" * 2000, "東" * 2000, "قمر " * 500, "a b " * 500, " ", ""])
def test_a_title_of_any_length_stays_on_its_sleeve(title):
    texts = [
        (float(each.get("font-size")), float(each.get("y")), each.text or "")
        for each in ET.fromstring(drawings.sleeve(title, "A" * 500, "N" * 500, "Rock", [])).iter("text")
    ]

    for size, y, text in texts:
        assert y < 345
        assert drawings.breadth(text) * size * 0.41 <= 264, text
