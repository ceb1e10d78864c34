"""Pure functions of the search pane."""

import pytest

from apps.explore.pages.search import describe_hits, pages_around, toggle


@pytest.mark.parametrize(
    ("page", "last", "shown"),
    [
        (1, 1, [1]),
        (1, 2, [1, 2]),
        (1, 9, [1, 2, None, 9]),
        (5, 9, [1, None, 4, 5, 6, None, 9]),
        (2, 4, [1, 2, 3, 4]),
        (9, 9, [1, None, 8, 9]),
        (40, 3, [1, 3]),
    ],
)
def test_the_ends_and_the_pages_beside_are_listed(page, last, shown):
    found = pages_around(page, last)

    assert [each for each in found if each] == [each for each in shown if each]
    assert found == shown or page > last


def test_what_is_chosen_goes_and_comes():
    assert toggle([], "Jazz") == ["Jazz"]
    assert toggle(["Rock", "Jazz"], "Jazz") == ["Rock"]


def hit(name, highlight, rank=0.5):
    return {"name": name, "highlight": highlight, "rank": rank}


def test_what_matches_is_marked_and_nothing_of_a_name_is_markup():
    (found,) = describe_hits([hit("Loving <b>The</b> Alien & love", "<b>Loving</b>  The  Alien & <b>love</b>")])

    assert found["marked"] == "<mark>Loving</mark> &lt;b&gt;The&lt;/b&gt; Alien &amp; <mark>love</mark>"


def test_a_name_that_was_found_by_its_beginning_has_that_marked():
    (found,) = describe_hits([hit("Boards Of Canada", "Boards Of Canada")], "can")

    assert found["marked"] == "Boards Of <mark>Can</mark>ada"


def test_how_good_hits_are_is_shown_where_they_differ():
    assert [each["relevance"] for each in describe_hits([hit("a", "a", 0.06), hit("b", "b", 0.06)])] == [None, None]
    assert [each["relevance"] for each in describe_hits([hit("a", "a", 1.0), hit("b", "b", 0.25)])] == [1.0, 0.25]
    assert describe_hits([]) == []
