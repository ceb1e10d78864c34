"""Collaborations and profiles: what they count, that a month changes what it must, and that readers do without."""

from collections import Counter, defaultdict
from typing import Any

import pytest
from django.db import InterfaceError, connection

from apps.catalog.models import Collaboration, Profile, Tally
from apps.graph import profiles
from apps.graph.readers import network, similarity
from tests import loading
from tests.api import catalogue
from tests.api.catalogue import ARTISTS, RELEASES
from tests.records import artist, label, release

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("graph", "spooled")]


def read_stored():
    return {(row.artist, row.other): (row.releases, row.years) for row in Collaboration.objects.all()}


def test_pairs_are_counted_by_release():
    expected = defaultdict(lambda: (0, []))
    for each in RELEASES:
        for pair in {(one, other) for one in each.artists for other in each.artists if len(each.artists) > 1}:
            releases, years = expected[pair]
            expected[pair] = (releases + 1, sorted([*years, *([each.year] if each.year else [])]))

    loading.month(**catalogue.dump())

    assert read_stored() == expected


def test_what_has_no_node_and_what_comes_twice_do_not_count():
    loading.month(
        artists=[artist(1), artist(2)],
        labels=[label(50)],
        releases=[release(1, artists=[1, 1, 999]), release(2, artists=[1, 2, 2, 999], genres=["Rock"])],
    )

    assert read_stored() == dict.fromkeys([(1, 1), (1, 2), (2, 1), (2, 2)], (1, []))
    assert {row.artist: row.names for row in Profile.objects.all()} == {
        1: {"genre": {"Rock": 1}, "collaborator": {"Karl Vogt": 1}},
        2: {"genre": {"Rock": 1}, "collaborator": {"Karl Vogt": 1}},
    }


def test_a_month_changes_what_differs_and_leaves_the_rest():
    people = [artist(id_) for id_ in (1, 2, 3)]
    same = release(1, artists=[1, 2], released="1981", genres=["Rock"])
    loading.month(artists=people, releases=[same, release(2, artists=[2, 3], genres=["Rock"])])
    before = versions()
    loading.month(artists=people, releases=[same, release(2, artists=[3], genres=["Rock"])])

    assert read_stored() == {
        (1, 1): (1, [1981]),
        (1, 2): (1, [1981]),
        (2, 1): (1, [1981]),
        (2, 2): (1, [1981]),
    }
    assert versions()["collaboration", "1", "2"] == before["collaboration", "1", "2"]
    assert versions()["profile", "1", ""] == before["profile", "1", ""]
    assert Profile.objects.get(artist=2).names == {"genre": {"Rock": 1}, "collaborator": {"Karl Vogt": 1}}


def versions():
    """Return which transaction wrote each row."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 'collaboration', artist::text, other::text, xmin::text FROM collaboration"
            " UNION ALL SELECT 'profile', artist::text, '', xmin::text FROM profile"
        )
        return {tuple(key): version for *key, version in cursor}


def test_the_leaders_of_each_genre_have_a_profile(monkeypatch):
    """Of each genre the two with most releases; of one number, by id as a text."""
    monkeypatch.setattr(profiles, "LEADERS", 2)
    loading.month(**catalogue.dump())

    leaders = set()
    for genre in {genre for each in RELEASES for genre in each.genres}:
        counts = Counter(id_ for each in RELEASES if genre in each.genres for id_ in each.artists)
        leaders |= set(sorted(counts, key=lambda id_: (-counts[id_], str(id_)))[:2])
    assert set(Profile.objects.values_list("artist", flat=True)) == leaders


def ask_all():
    """Ask whatever can be asked of everybody."""
    found: list[Any] = []
    for id_ in map(str, ARTISTS):
        found += [network.find_collaborators(id_, limit) for limit in (1, 100)]
        found += [network.find_network(id_, depth, limit) for depth in (1, 2) for limit in (1, 200)]
        found += [network.measure_centrality(id_), network.find_clusters(id_, 2), network.find_clusters(id_, 200)]
        if sum(int(id_) in each.artists for each in RELEASES) >= similarity.MIN_RELEASES:
            found.append(similarity.find_similar(id_))
    return found


@pytest.mark.parametrize("without", ["rows", "profiles", "PostgreSQL"])
def test_everything_is_the_same_without(monkeypatch, without):
    loading.month(**catalogue.dump())
    counted = ask_all()
    if without == "rows":
        for model in (Collaboration, Profile, Tally):
            model.objects.all().delete()
    elif without == "profiles":
        Profile.objects.filter(artist__lt=43).delete()
    else:
        monkeypatch.setattr(connection, "cursor", unreachable)

    assert ask_all() == counted


def unreachable():
    raise InterfaceError("connection already closed")


def test_an_artist_that_is_gone_from_the_graph_is_left_out(graph):
    loading.month(**catalogue.dump())
    graph.run("MATCH (artist:Artist {id: '41'}) DETACH DELETE artist").consume()

    found = network.find_collaborators("40", 100)

    assert "41" not in {each["artist_id"] for each in found.artists}
    assert found.artists
    assert network.find_network("41", 2, 50) is None
