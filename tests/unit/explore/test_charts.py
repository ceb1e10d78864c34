"""Charts as SVG: with many values, one, none and hostile names."""

import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest

from apps.explore import charts

YEARS = [(1994, 3), (1995, 0), (1996, 12)]
HOSTILE = '<script>"&'
CHARTS = {
    "lines": lambda points: charts.lines([(HOSTILE, points), ("B", points)]),
    "bars": lambda points: charts.bars(points, 1990, 2000),
    "spark": lambda points: charts.spark(points, 1990, 2000),
    "meter": lambda points: charts.meter(len(points), 2, label=HOSTILE),
    "radar": lambda points: charts.radar([HOSTILE, "b", "c"], [(HOSTILE, [0.5, 0, 2])] if points else []),
    "heat": lambda points: charts.heat([HOSTILE], [1990], {(HOSTILE, 1990): 5} if points else {}),
    "stack": lambda points: charts.stack([(HOSTILE, dict.fromkeys([HOSTILE], len(points)))], [HOSTILE]),
    "spans": lambda points: charts.draw_spans([(HOSTILE, 1990, 1999, True)] if points else [], 1990, 2000),
    "columns": lambda points: charts.columns({y: {HOSTILE: n} for y, n in points}, [HOSTILE], 1990, 2000),
    "areas": lambda points: charts.areas({y: {HOSTILE: n} for y, n in points}, [HOSTILE], 1990, 2000, label=HOSTILE),
    "sunburst": lambda points: charts.sunburst([(HOSTILE, 5, "/?a=1&b=2", [(HOSTILE, 5)])] if points else []),
}


@pytest.mark.parametrize("points", [YEARS, YEARS[:1], []], ids=["many", "one", "none"])
@pytest.mark.parametrize("chart", CHARTS.values(), ids=CHARTS)
def test_a_chart_is_sound_xml_with_a_label_and_without_a_style(chart, points):
    drawn = chart(points)
    root = ET.fromstring(drawn)

    assert root.get("aria-label")
    assert root.get("role") in ("img", "group")
    assert "style=" not in drawn
    assert "<script>" not in drawn
    assert "nan" not in drawn
    assert "inf" not in drawn


@pytest.mark.parametrize(
    ("top", "expected"),
    [
        (0, [0, 1]),
        (1, [0, 1]),
        (6, [0, 1, 2, 3, 4, 5, 6]),
        (7, [0, 2, 4, 6, 8]),
        (31, [0, 10, 20, 30, 40]),
        (100_000, [0, 20_000, 40_000, 60_000, 80_000, 100_000]),
        (7_000_000, [0, 2_000_000, 4_000_000, 6_000_000, 8_000_000]),
    ],
)
def test_ticks_are_round_and_few(top, expected):
    assert charts.ticks(top) == expected


def test_bars_stand_on_the_axis_and_the_tallest_reaches_the_top():
    bars = ET.fromstring(charts.bars(YEARS, 1990, 2000, width=110, height=56)).findall("rect")

    assert [(bar.get("x"), bar.get("y"), bar.get("height")) for bar in bars] == [
        ("41.4", "31.5", "8.5"),
        ("61.4", "6.0", "34.0"),
    ]
    assert [bar.find("title").text for bar in bars] == ["1994: 3", "1996: 12"]


@pytest.mark.parametrize(("first", "last"), [(1994, 1996), (1950, 2026), (1870, 2026), (1, 2026)])
@pytest.mark.parametrize(
    "chart",
    [
        lambda first, last: charts.bars([(last, 1)], first, last, width=352),
        lambda first, last: charts.columns({last: {"Mix": 1}}, ["Mix"], first, last, width=358),
        lambda first, last: charts.lines([("A", [(first, 1), (last, 1)])], width=358),
        lambda first, last: charts.draw_spans([("A", first, last, False)], first, last, width=358),
    ],
    ids=["bars", "columns", "lines", "spans"],
)
def test_names_of_years_do_not_run_into_each_other(chart, first, last):
    texts = ET.fromstring(chart(first, last)).iter("text")
    years = [float(each.get("x")) for each in texts if each.get("text-anchor") == "middle"]

    assert all(b - a >= charts.YEAR_WIDTH for a, b in pairwise(years))


def test_areas_lie_on_each_other_and_one_year_is_as_wide_as_the_chart():
    counts = {1994: {"A": 1, "B": 1}, 1996: {"A": 2}}
    lower, upper = ET.fromstring(
        charts.areas(counts, ["A", "B"], 1994, 1996, width=134, height=140, label="x")
    ).findall("path[@class]/title/..")
    alone = charts.areas({1994: {"A": 1}}, ["A"], 1994, 1994, width=134, height=140, label="x")

    # The axis is at 116, each copy 50 high.
    assert lower.get("d") == "M34.0 66.0L84.0 116.0L134.0 16.0L134.0 116.0L84.0 116.0L34.0 116.0Z"
    assert upper.get("d") == "M34.0 16.0L84.0 116.0L134.0 16.0L134.0 16.0L84.0 116.0L34.0 66.0Z"
    assert "M34.0 16.0L134.0 16.0L134.0 116.0L34.0 116.0Z" in alone


def test_bars_after_a_year_are_grey():
    bars = ET.fromstring(charts.bars(YEARS, 1990, 2000, until=1995)).findall("rect")

    assert [bar.get("class") for bar in bars] == ["bar", "bar off"]


def test_a_year_without_a_count_is_zero_in_a_line():
    drawn = charts.lines([("A", [(1994, 3), (1996, 3)])], height=100)
    line = ET.fromstring(drawn).find("g/path[@class='line']").get("d")

    assert [point.split()[1] for point in re.split("[ML]", line)[1:]] == ["14.0", "72.0", "14.0"]


def test_what_leads_to_a_year_that_is_not_over_is_dashed():
    drawn = charts.lines([("A", YEARS)], partial=1996)

    assert 'class="line partial"' in drawn
    assert 'class="line partial"' not in charts.lines([("A", YEARS)], partial=2000)


def test_names_of_lines_that_end_together_do_not_cover_each_other():
    drawn = charts.lines([(name, YEARS) for name in "ABCDE"])
    heights = sorted(
        float(text.get("y")) for text in ET.fromstring(drawn).findall("text") if "name" in text.get("class", "")
    )

    assert all(low + charts.NAME_HEIGHT <= high + 0.1 for low, high in pairwise(heights))
    assert heights[-1] <= 360 - 28 + 5


def test_the_label_says_where_each_line_is_highest():
    assert 'aria-label="Releases a year: A, most in 1996 (12)"' in charts.lines([("A", YEARS)])


def test_a_whole_turn_of_a_sunburst_is_still_an_arc():
    arcs = ET.fromstring(charts.sunburst([("A", 5, "/a", [("B", 5)])])).iter("path")

    assert all(len(set(re.findall(r"-?[0-9.]+ -?[0-9.]+", arc.get("d")))) > 3 for arc in arcs)


def test_decades_have_a_bar_each_and_half_centuries_their_names():
    drawn = charts.decade_bars([(1940, 3), (1960, 6)], 1940, 1970, label="Jazz")

    assert drawn.count('class="bar"') == 2
    assert "<title>1940s: 3</title>" in drawn
    assert ">1950s<" in drawn
    assert ">1940s<" not in drawn


def test_decades_without_half_a_century_name_the_first_one():
    assert ">1960s<" in charts.decade_bars([(1960, 1)], 1960, 1990, label="Jazz")


def test_ways_are_rows_between_two_ends():
    way = [("artist", "A & B", "/a"), ("release", "<One>", ""), ("label", "Z", "/z")]
    other = [way[0], ("release", "Two", "/2"), ("artist", "C", "/c"), ("release", "Three", "/3"), way[-1]]
    drawn = charts.ways([way, other])

    assert drawn.count('class="link main"') == 1
    assert drawn.count('class="link"') == 1
    # Both ends once, and the nodes between of each way.
    assert drawn.count('class="disc"') == 2
    assert drawn.count('class="node"') == 6
    assert "&lt;One&gt;" in drawn
    assert 'aria-label="2 ways from A &amp; B to Z"' in drawn
    assert 'role="group"' in charts.ways([])
    assert 'class="link main"' in charts.ways([[way[0], way[-1]]])


def test_a_genre_has_its_name_in_the_picture_where_there_is_room_for_it():
    tree = [("Hip Hop", 4, "/h", []), ("Electronic", 90, "/e", []), ("Rock", 30, "/r", [])]
    drawn = charts.sunburst(tree)

    assert re.findall(r'class="sun"[^>]*>([^<]+)<', drawn) == ["Electronic", "Rock"]
