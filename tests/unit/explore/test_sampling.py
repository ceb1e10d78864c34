"""The order of releases in which any first part is spread over the years."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.explore.answers.expanding import order_releases
from apps.graph.readers.expanding import Year

CAREER = [Year(year, 3, [(f"{year}{at}", f"w{year}{at}") for at in range(3)]) for year in range(1970, 2010)]
years = st.lists(
    st.builds(
        Year,
        st.integers(1900, 2030) | st.just(0),
        st.just(5),
        st.lists(st.tuples(st.integers(1, 10**9).map(str), st.integers(1, 9).map(str)), max_size=5),
    ),
    max_size=30,
    unique_by=lambda each: each.year,
)


def year_of(id_):
    return int(id_[:4])


def test_each_year_comes_once_before_any_comes_again():
    order = [year_of(id_) for id_ in order_releases(CAREER)]

    assert sorted(order[:40]) == list(range(1970, 2010))
    assert sorted(order[40:80]) == list(range(1970, 2010))


@pytest.mark.parametrize("size", [5, 8, 10, 20])
def test_any_first_part_is_spread_over_the_years(size):
    chosen = sorted(year_of(id_) for id_ in order_releases(CAREER)[:size])

    assert max(later - earlier for earlier, later in pairwise([1970, *chosen, 2009])) <= 2 * 40 / size + 2


@given(years, st.integers(1900, 2030))
def test_a_limit_of_years_takes_out_and_moves_nothing(found, until):
    dated = {id_ for year in found if 0 < year.year <= until for id_, _ in year.works}
    later = {id_ for year in found if not 0 < year.year <= until for id_, _ in year.works}
    limited = order_releases(found, until)

    assert set(limited) == dated
    # An id that stands in two years is none of real releases.
    if not dated & later:
        assert limited == [id_ for id_ in order_releases(found) if id_ in dated]


def test_another_edition_of_a_work_comes_after_all_works():
    found = [
        Year(1990, 2, [("1", "m1"), ("2", "m2")]),
        Year(1991, 2, [("3", "m1"), ("4", "m4")]),
        Year(0, 1, [("5", "m5")]),
    ]

    assert order_releases(found) == ["1", "4", "2", "3", "5"]
