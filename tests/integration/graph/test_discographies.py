"""Pages of releases: each release once and in order, however they are looked for."""

import pytest

from apps.graph import schema
from apps.graph.readers import discographies
from apps.graph.readers.discographies import Listed, Start
from tests import loading
from tests.records import artist, label, master, release

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("graph", "spooled")]

# Id → year; the last two have none.
YEARS = {1: "1990", 2: "1994", 30: "1994", 4: "1994", 5: "2001", 60: "", 7: ""}
OLDEST_FIRST = ["1", "2", "30", "4", "5", "60", "7"]
NEWEST_FIRST = ["5", "2", "30", "4", "1", "60", "7"]
SIZES = (1, 2, 3, 50)
ENTITIES = {"artist": "1", "label": "9", "genre": "Rock", "style": "Dub", "master": "3"}


@pytest.fixture(autouse=True)
def _loaded(graph):
    loading.month(
        artists=[artist(1, "Nora")],
        labels=[label(9)],
        masters=[master(3)],
        releases=[
            release(
                each,
                artists=[1, 1],
                labels=[9, 9],
                master_id=3,
                genres=["Rock"],
                styles=["Dub"],
                credits=[("Karl", "Harp", ""), ("Karl", "Design", "")],
                released=year,
            )
            for each, year in YEARS.items()
        ],
    )
    schema.create_indexes(graph)


def read_all_pages(kind, id_, *, is_newest_first=False, size=2):
    """Follow the pages of an entity to the last one."""
    counts = discographies.count_years(kind, id_) if kind != "person" else []
    found, start = [], Start(None, "", is_newest_first)
    while page := discographies.read_page(kind, id_, counts, start, size):
        found += page
        start = Start(page[-1].year, page[-1].id, is_newest_first)
    return [each.id for each in found]


def all_pages_backwards(kind, id_, last, *, is_newest_first=False, size=2):
    """Follow the pages of an entity from its last release to the first one."""
    counts = discographies.count_years(kind, id_) if kind != "person" else []
    found, start = [], Start(last.year, last.id, is_newest_first, is_backward=True)
    while page := discographies.read_page(kind, id_, counts, start, size):
        found = page + found
        start = Start(page[0].year, page[0].id, is_newest_first, is_backward=True)
    return [each.id for each in found]


def test_pages_have_every_release_once_and_in_order():
    for kind, id_ in (*ENTITIES.items(), ("person", "Karl")):
        for size in SIZES:
            assert read_all_pages(kind, id_, size=size) == OLDEST_FIRST, (kind, size)
            assert read_all_pages(kind, id_, size=size, is_newest_first=True) == NEWEST_FIRST, (kind, size)


def test_pages_backwards_have_every_release_once_and_in_order():
    for kind, id_ in (*ENTITIES.items(), ("person", "Karl")):
        for size in SIZES:
            assert all_pages_backwards(kind, id_, Listed("7", 0), size=size) == OLDEST_FIRST[:-1], (kind, size)
            found = all_pages_backwards(kind, id_, Listed("7", 0), size=size, is_newest_first=True)
            assert found == NEWEST_FIRST[:-1], (kind, size)


def test_pages_backwards_of_what_is_large_are_the_same(monkeypatch):
    monkeypatch.setattr(discographies, "MOST_SORTED", 3)
    for kind in discographies.PAGES_OF_YEARS:
        undated = [] if kind in discographies.TALLIED else ["60"]
        for size in SIZES:
            found = all_pages_backwards(kind, ENTITIES[kind], Listed("7", 0), size=size)
            assert found == [*OLDEST_FIRST[:5], *undated], (kind, size)
            found = all_pages_backwards(kind, ENTITIES[kind], Listed("7", 0), size=size, is_newest_first=True)
            assert found == [*NEWEST_FIRST[:5], *undated], (kind, size)


def test_what_precedes_a_page_is_known_from_the_counts():
    counts = [(0, 2), (1990, 1), (1994, 3)]
    for start, expected in (
        (Start(), False),
        (Start(is_newest_first=True), False),
        (Start(1990), False),
        (Start(1990, "1"), True),
        (Start(1991), True),
        (Start(1994, is_newest_first=True), False),
        (Start(1990, is_newest_first=True), True),
        (Start(0), True),
    ):
        assert discographies.has_earlier(counts, start) is expected, start


def test_pages_of_what_is_large_are_the_same(monkeypatch):
    monkeypatch.setattr(discographies, "MOST_SORTED", 3)
    for kind in discographies.PAGES_OF_YEARS:
        undated = [] if kind in discographies.TALLIED else ["60", "7"]
        for size in SIZES:
            found = read_all_pages(kind, ENTITIES[kind], size=size)
            assert found == [*OLDEST_FIRST[:5], *undated], (kind, size)
            found = read_all_pages(kind, ENTITIES[kind], size=size, is_newest_first=True)
            assert found == [*NEWEST_FIRST[:5], *undated], (kind, size)


def test_releases_are_counted_by_year_and_a_page_may_begin_at_one():
    for kind, id_ in ENTITIES.items():
        assert discographies.count_years(kind, id_) == [(0, 2), (1990, 1), (1994, 3), (2001, 1)], kind
    counts = discographies.count_years("label", "9")

    assert [each.id for each in discographies.read_page("label", "9", counts, Start(1991), 2)] == ["2", "30"]
    assert [each.id for each in discographies.read_page("label", "9", counts, Start(0), 9)] == ["60", "7"]
    (first,) = discographies.read_page("person", "Karl", [], Start(), 1)
    assert (first.id, first.year, sorted(first.roles)) == ("1", 1990, ["Design", "Harp"])
    assert discographies.count_years("artist", "5") == []
    assert discographies.read_page("artist", "5", [], Start(), 9) == []
