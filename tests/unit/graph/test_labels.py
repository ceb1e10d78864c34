"""Formulas of label DNA, with the numbers of the contract (docs/contract/rest.md#worked-numbers)."""

from apps.graph.readers.labels import compute_shares, count_decades
from apps.graph.readers.likeness import compute_cosine


def test_how_alike_two_labels_are():
    assert round(compute_cosine({"Rock": 6, "Jazz": 2}, {"Rock": 3, "Pop": 3}), 4) == 0.6708


def test_what_has_nothing_in_common_or_nothing_at_all_is_not_alike():
    assert compute_cosine({"Rock": 6}, {"Pop": 3}) == compute_cosine({}, {"Pop": 3}) == compute_cosine({}, {}) == 0.0


def test_years_of_a_decade_are_added_up():
    assert count_decades([(1979, 1), (1980, 2), (1989, 3)]) == {1970: 1, 1980: 5}


def test_percentages_are_of_the_list_and_rounded_half_to_even():
    assert [each["percentage"] for each in compute_shares("name", [("a", 2), ("b", 1)])] == [66.7, 33.3]
    assert compute_shares("name", []) == []
