"""Rows of the pages of a collection: copies and pressings as one, dates and stars."""

from typing import Any

import pytest

from apps.explore.pages import collection, discover

COPY = {"id": "1", "rating": 4, "date_added": "2026-01-15T12:00:00-08:00", "folder_id": 1}


def test_copies_of_a_release_are_one_row_where_the_first_stands():
    found = collection.group_copies([COPY, {**COPY, "id": "2"}, {**COPY, "rating": 1}], {})

    assert [(each["id"], each["copies"], each["rating"]) for each in found] == [("1", 2, 4), ("2", 1, 4)]
    assert (found[0]["stars"], found[0]["added"], found[0]["folder"]) == (("★★★★", "★"), "15 Jan 2026", "Uncategorized")


def test_a_folder_has_its_name_or_its_number():
    names = {"7": "<b>Shelf</b>"}
    found = collection.group_copies([{**COPY, "folder_id": 7}, {**COPY, "id": "2", "folder_id": 8}], names)

    assert [each["folder"] for each in found] == ["<b>Shelf</b>", "Folder 8"]


@pytest.mark.parametrize(
    ("text", "expected"), [("", ""), ("2026-02-30T00", "2026-02-30"), ("<b>tomorrow</b>", "<b>tomorro"), ("x", "x")]
)
def test_what_is_no_date_stays_as_it_is(text, expected):
    assert collection.write_date(text) == expected


def test_pressings_of_a_title_are_one_recommendation():
    rows: list[dict[str, Any]] = [
        {"id": "1", "title": "Amber", "artist": "Autechre", "reasons": ["artist: you have 2 by Autechre"]},
        {"id": "2", "title": "Amber", "artist": "Clark"},
        {"id": "3", "title": "AMBER", "artist": "Autechre", "reasons": ["label: you have 9 on Warp"]},
        {"id": "4", "title": None, "artist": None},
        {"id": "5", "title": None, "artist": None},
    ]
    found = discover.merge_pressings(rows)

    assert [each["ids"] for each in found] == [["1", "3"], ["2"], ["4"], ["5"]]
    assert (found[0]["pressings"], found[0]["because"]) == (1, ["you have 2 by Autechre"])
