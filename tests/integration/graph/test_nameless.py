"""Artists without a name beside one that is called as they are shown; tests/api/test_entities.py has the usual case."""

import pytest

from apps.graph import schema
from apps.graph.readers import completing, entities, expanding, years
from apps.graph.readers import credits as readers
from tests import loading
from tests.records import artist, release

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("graph", "spooled")]


def test_who_is_called_so_comes_before_who_is_shown_so(graph):
    loading.month(
        artists=[artist(3, "Artist 21"), artist(21, "")],
        releases=[release(3, "Tide", artists=[3], released="1985"), release(4, "Surge", artists=[21], released="1987")],
    )
    schema.create_indexes(graph)

    assert entities.find_nameless("artist", "Artist 21") is None
    assert entities.explore_entity("artist", "Artist 21") == {
        "id": "3",
        "name": "Artist 21",
        "releases": 1,
        "labels": 0,
        "aliases": 0,
    }
    page = expanding.read_page("artist", "Artist 21", "releases", offset=0, limit=5)
    assert [child["name"] for child in page.children] == ["Tide"]
    assert years.count_trends("artist", "Artist 21") == [{"year": 1985, "count": 1}]
    assert [each["id"] for each in completing.complete_names("artist", "Artist 21", 5)] == ["3"]


def test_credits_show_who_has_no_name_as_everything_does():
    played = [("Nobody", "Producer", 20), ("Someone", "Producer", 0)]
    loading.month(artists=[artist(20, "")], releases=[release(1, artists=[20], credits=played)])

    assert [(each["name"], each["artist_id"], each["artist_name"]) for each in readers.list_release_credits("1")] == [
        ("Nobody", "20", "Artist 20"),
        ("Someone", None, None),
    ]
    profiles = [readers.get_profile(name) for name in ("Nobody", "Someone")]
    assert [each and (each.artist_id, each.artist_name) for each in profiles] == [("20", "Artist 20"), (None, None)]
