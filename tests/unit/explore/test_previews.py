"""The picture of a shared map: XML whatever the names are, and no name covers another."""

from itertools import combinations
from xml.etree import ElementTree as ET

import pytest

from apps.explore import previews

TEXT = "{http://www.w3.org/2000/svg}text"


def shared(names, width=1000.0, **more):
    members = [
        {"kind": "artist", "name": name, "x": 100.0 + at % 7 * 130, "y": 20.0 * at, "quiet": False, "is_shown": True}
        for at, name in enumerate(names)
    ]
    return {
        "kind": "artist",
        "name": "Centre",
        "title": "",
        "hidden": [],
        "width": width,
        "height": 700.0,
        "categories": [{"members": members}],
        **more,
    }


@pytest.mark.parametrize("name", ["<script>&\"'", "\0\x1b\ufffe", "x" * 500, "\u202eodd", ""])
def test_any_name_makes_xml(name):
    drawn = ET.fromstring(previews.draw_map(shared([name], title=name, name=name)))

    assert len(drawn.findall(TEXT)) >= 3
    assert all(len(each.text or "") <= previews.TITLE_LETTERS for each in drawn.findall(TEXT))


def test_names_that_are_drawn_do_not_cover_each_other():
    drawn = ET.fromstring(previews.draw_map(shared([f"Name {each}" for each in range(35)])))
    places = [(float(each.attrib["x"]), float(each.attrib["y"])) for each in drawn.findall(TEXT)[:-3]]

    assert len(places) > 10
    assert all(abs(one[1] - two[1]) >= 18 or abs(one[0] - two[0]) > 40 for one, two in combinations(places, 2))


@pytest.mark.parametrize("names", [[], ["One"]])
def test_a_map_without_places_is_drawn_too(names):
    drawn = ET.fromstring(previews.draw_map(shared(names, width=None)))

    assert len(drawn.findall(TEXT)) == 3 + len(names)
