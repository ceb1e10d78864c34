"""What is worked out of a person's credits."""

from apps.explore.pages import credits as pane

CATEGORIES = ["session", "production", "engineering", "design", "mastering", "management"]


def test_years_are_in_order_and_each_has_the_counts_of_its_series():
    points = [
        {"year": 1991, "category": "production", "count": 2},
        {"year": 1984, "category": "session", "count": 1},
        {"year": 1991, "category": "session", "count": 3},
    ]

    assert pane.group_by_year(points, ["session", "production"]) == (
        ["session", "production"],
        {1984: {"session": 1}, 1991: {"production": 2, "session": 3}},
    )


def test_more_kinds_than_a_chart_has_series_are_added_up():
    points = [{"year": 2000, "category": category, "count": 1} for category in CATEGORIES]
    series, years = pane.group_by_year(points, CATEGORIES)

    assert series == [*CATEGORIES[:4], "other kinds"]
    assert years == {2000: {**dict.fromkeys(CATEGORIES[:4], 1), "other kinds": 2}}


def test_a_shared_release_is_one_row_with_all_roles():
    row = {"release_id": "1", "title": "A", "year": 1990, "artists": []}
    rows = [
        {**row, "person1_role": "Producer", "person2_role": "Bass"},
        {**row, "person1_role": "Engineer", "person2_role": "Bass"},
        {**row, "release_id": "2", "person1_role": "Producer", "person2_role": "Voice"},
    ]

    assert [(each["release_id"], each["roles1"], each["roles2"]) for each in pane.group_by_release(rows)] == [
        ("1", ["Producer", "Engineer"], ["Bass"]),
        ("2", ["Producer"], ["Voice"]),
    ]


def test_a_table_has_texts_that_no_spreadsheet_computes():
    assert pane.cell("=HYPERLINK(1)") == "'=HYPERLINK(1)"
    assert pane.cell(["@SUM", "Can"]) == "'@SUM; Can"
    assert [pane.cell(each) for each in ("Can", 1990, None, [])] == ["Can", 1990, None, ""]
