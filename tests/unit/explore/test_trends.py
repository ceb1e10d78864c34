"""Pure functions of trends."""

from apps.api.tables import escape_formula
from apps.explore.answers.trends import (
    Series,
    build_table,
    compute_shares,
    describe_lead,
    find_highlights,
    list_by_year,
    sum_by_decade,
)


def series(name="A", **counts):
    return Series("artist", "1", name, {int(year[1:]): count for year, count in counts.items()})


ONE = series("One", y1990=3, y1991=5, y2001=1)
OTHER = series("Other", y1990=1, y1991=6)


def test_decades_are_sums_within_the_years_asked_for():
    assert sum_by_decade([ONE, OTHER], 1991, 2003) == [(1990, [5, 6]), (2000, [1, 0])]


def test_a_year_without_a_release_is_zero():
    assert list_by_year([ONE], 1999, 2001) == [(1999, [0]), (2000, [0]), (2001, [1])]


def test_who_passed_whom_first_is_told():
    assert describe_lead(ONE, OTHER, range(1990, 2002)) == ("Other passed", "One", "first in 1991")
    assert describe_lead(ONE, OTHER, range(1990, 1991)) == ("Always ahead", "One", "1 of 1 years")
    assert describe_lead(ONE, ONE, range(1990, 2002))[0] == "Never apart"


def test_facts_of_one_and_of_two():
    assert find_highlights([ONE], 1990, 2001) == [
        ("Most of", "One", "1991, 5 releases"),
        ("Busiest decade", "", "1990s, 8 releases"),
        ("Years without a release", "", "9 of 12"),
    ]
    assert find_highlights([ONE, OTHER], 1990, 1990) == [
        ("Most of", "One", "1990, 3 releases"),
        ("Most of", "Other", "1990, 1 release"),
        ("Always ahead", "One", "1 of 1 years"),
    ]
    assert find_highlights([series("None")], 1990, 1991)[0] == ("Busiest decade", "", "1990s, 0 releases")


def test_a_share_is_told_of_as_many_releases_as_make_it_no_small_number():
    (half,), whole = compute_shares([series(y1990=5)], {1990: 10})
    assert (half.counts, whole) == ({1990: 50}, 100)
    (few,), whole = compute_shares([series(y1990=3)], {1990: 10_000})
    assert (few.counts, whole) == ({1990: 30}, 100_000)
    (none,), whole = compute_shares([series(y1990=3)], {})
    assert (none.counts, whole) == ({1990: 0}, 1_000_000)


def test_a_table_has_names_that_no_spreadsheet_computes():
    assert escape_formula("=1+1") == "'=1+1"
    assert escape_formula("Can") == "Can"
    assert build_table([series("@SUM", y1990=2)], 1990, 1991, {1990: 7}) == [
        ["year", "'@SUM", "all releases"],
        [1990, 2, 7],
        [1991, 0, 0],
    ]
