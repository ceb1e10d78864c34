"""A release as the back of its sleeve has it."""

import pytest

from apps.explore.answers import releases
from apps.explore.answers.records import Named

NOBODY = {"artist": {}, "label": {}, "master": {}}


def describe(known=NOBODY, **record):
    return releases.describe_record(record, known)


@pytest.mark.parametrize(
    ("written", "text", "iso"),
    [
        ("1994-09-03", "3 September 1994", "1994-09-03"),
        ("1994-09-00", "September 1994", "1994-09"),
        ("1994-00-00", "1994", "1994"),
        ("1994-09", "September 1994", "1994-09"),
        (" 1994 ", "1994", "1994"),
        ("1994-13-40", "1994", "1994"),
        ("1994-02-30", "1994", "1994"),
        ("199?", "199?", ""),
        ("0000-00-00", "0000-00-00", ""),
        ("٢٠٠١", "٢٠٠١", ""),
    ],
)
def test_a_date_is_as_precise_as_it_is_known(written, text, iso):
    found = releases.read_date(written)

    assert (found.text, found.iso) == (text, iso)


@pytest.mark.parametrize(
    ("position", "group"),
    [
        ("A", "Side A"),
        ("B2", "Side B"),
        ("AA1", "Side AA"),
        ("C3a", "Side C"),
        ("2-03", "Disc 2"),
        ("CD2-3", "CD 2"),
        ("dvd 1-1", "DVD 1"),
        ("1.2", "Disc 1"),
        ("7", ""),
        ("Video", ""),
        ("", ""),
    ],
)
def test_a_position_says_the_side_or_the_disc(position, group):
    assert releases.read_group(position) == group


def test_sides_are_named_where_there_are_several():
    tracks = [{"position": each, "title": each} for each in ("A1", "A2", "B1")]

    assert [each.group for each in describe(tracklist=tracks)["tracks"]] == ["Side A", "", "Side B"]
    assert [each.group for each in describe(tracklist=tracks[:2])["tracks"]] == ["", ""]


def test_a_part_of_a_track_counts_neither_as_a_track_nor_for_the_time():
    suite = {"position": "1", "title": "Suite", "duration": "10:00"}
    parts = [{"position": "1a", "duration": "4:00"}, {"position": "1b", "duration": "6:00"}]

    found = describe(tracklist=[{"title": "Disc one"}, {**suite, "sub_tracks": parts}, {"position": "2"}])

    assert found["seconds"] == 600
    assert found["track_count"] == 2
    assert [(each.level, each.is_heading) for each in found["tracks"]] == [
        (0, True),
        (0, False),
        (1, False),
        (1, False),
        (0, False),
    ]


def test_no_more_tracks_are_shown_than_a_page_can_have():
    parts = [{"position": "x"}] * 700

    found = describe(tracklist=[{"position": "1", "sub_tracks": parts}, {"position": "2", "sub_tracks": parts}])

    assert len(found["tracks"]) == releases.MOST


def test_what_the_catalogue_has_not_is_a_name_without_an_id():
    known = {**NOBODY, "artist": {"1": "One (2)"}}

    found = describe(known, artists=[{"id": "1", "name": "One (2)", "join": "&"}, {"id": "3", "name": "Three"}])

    assert found["artists"] == [Named("artist", "1", "One", join="&"), Named("artist", None, "Three", join=",")]


def test_a_name_is_as_it_is_credited():
    credits_ = [{"name": "Rob Brown (3)", "anv": "Brown", "role": "Producer", "tracks": "A1"}, {"name": "No role"}]

    assert describe(extraartists=credits_)["credits"] == {
        "Producer": [Named("person", "Rob Brown (3)", "Brown", detail="A1")],
        "Credit": [Named("person", None, "No role")],
    }


def test_credits_come_in_the_order_of_a_sleeve():
    credits_ = [{"name": "Karl Vogt", "role": role} for role in ("Design", "Mastered By", "Producer")]

    assert [*describe(extraartists=credits_)["credits"]] == ["Producer", "Mastered By", "Design"]


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        (
            {"name": "Vinyl", "qty": "2", "descriptions": ["LP", "Album"], "text": "Gatefold"},
            "2 × Vinyl, LP, Album, Gatefold",
        ),
        ({"name": "CD", "qty": "1"}, "CD"),
        ({"name": None, "qty": "many"}, "Format unknown"),
    ],
)
def test_a_format_in_words(entry, text):
    assert releases.describe_format(entry) == text


def test_a_label_by_two_numbers_is_named_once():
    known = {**NOBODY, "label": {"7": "Deich"}}
    labels = [{"id": "7", "name": "Deich", "catno": each} for each in ("D 1", "none", "D 2")]

    found = describe(known, labels=labels)

    assert found["labels"] == [Named("label", "7", "Deich", join=",")]
    assert found["catalogue_numbers"] == ["D 1", "D 2"]


def test_the_first_barcode_that_is_one_is_drawn():
    values = ("none", "12345", "5 021603 054066")

    found = describe(identifiers=[{"type": "Barcode", "value": each} for each in values])

    assert "5021603054066" in found["barcode"]
    assert found["identifiers"] == {"Barcode": [("12345", ""), ("5 021603 054066", "")]}


ODD = [None, "text", [], ["text"], {}, [{}], [None], [[["x"]]], {"@a": "b"}, [{"#text": "x"}], [{"id": {"#text": "1"}}]]
FIELDS = (
    *("title", "artists", "labels", "extraartists", "formats", "country", "released", "series", "genres", "styles"),
    *("master_id", "tracklist", "identifiers", "companies", "notes"),
)


@pytest.mark.parametrize("value", ODD, ids=repr)
def test_an_odd_record_is_described(value):
    record = dict.fromkeys(FIELDS, value)
    parts = {"tracklist": [{"title": value, "position": value, "duration": value, "sub_tracks": value}]}

    for each in (record, {**record, **parts}):
        releases.collect_references(each)
        assert isinstance(releases.describe_record(each, NOBODY)["tracks"], list)
