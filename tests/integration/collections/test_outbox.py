"""COLLECTED and WANTS are the same as the tables, whatever happens in between."""

import pytest
from neo4j.exceptions import ServiceUnavailable

from apps.collections import library, outbox, seeding
from apps.collections.models import CollectedRelease, CollectionItem, DueEdge, Library, WantlistItem
from apps.graph import clearing
from apps.graph import collections as graph_collections
from tests.integration.collections.world import catalogue, make_release
from tests.loading import month
from tests.records import release

pytestmark = pytest.mark.django_db(transaction=True)


def edges(graph, user):
    """Return what the graph says a user has, (release, copy, rating), and wants."""
    collected = graph.run(
        "MATCH (:User {id: $user})-[edge:COLLECTED]->(release) RETURN release.id, edge.instance_id, edge.rating",
        user=str(user.pk),
    )
    wants = graph.run("MATCH (:User {id: $user})-[:WANTS]->(release) RETURN release.id", user=str(user.pk))
    return {tuple(each) for each in collected}, {each.value() for each in wants}


def have(user, release_id, *copies, **fields):
    for copy in copies:
        CollectionItem.objects.create(user=user, release_id=release_id, instance_id=copy, **fields)
    outbox.owe(user.pk, [release_id])


def test_the_seed_is_in_both_stores_and_comes_once(loaded, user):
    month(**catalogue(range(1, 91)))

    assert seeding.seed(user) == (60, 20)
    assert seeding.seed(user) == (0, 0)

    copies, wants = edges(loaded, user)
    assert copies == {(str(each + 1), str(1000 + each), each % 6) for each in range(60)}
    assert wants == {str(each) for each in range(61, 81)}
    first, last = CollectionItem.objects.get(instance_id=1000), CollectionItem.objects.get(instance_id=1013)
    assert (first.date_added, last.date_added) == ("2026-01-15T12:00:00-08:00", "2024-12-15T12:00:00-08:00")
    assert (first.title, first.label, first.formats[0]["name"]) == ("Title 1", "n", "Vinyl")


def test_copies_come_change_and_go(loaded, user):
    have(user, 1, 7, 8, rating=3)
    outbox.settle(user.pk)
    assert edges(loaded, user)[0] == {("1", "7", 3), ("1", "8", 3)}

    CollectionItem.objects.filter(instance_id=7).delete()
    CollectionItem.objects.filter(instance_id=8).update(rating=5)
    outbox.owe(user.pk, [1])
    outbox.settle(user.pk)

    assert edges(loaded, user)[0] == {("1", "8", 5)}
    assert not DueEdge.objects.exists()


def test_a_copy_without_a_number_is_one_copy(loaded, user):
    have(user, 1, None)
    outbox.settle(user.pk)
    outbox.owe(user.pk, [1])
    outbox.settle(user.pk)

    assert len(edges(loaded, user)[0]) == 1


def test_what_neo4j_did_not_take_stays_due(loaded, user, monkeypatch):
    have(user, 1, 7)
    with monkeypatch.context() as patch:
        patch.setattr(graph_collections, "session", unreachable)
        with pytest.raises(ServiceUnavailable):
            outbox.settle(user.pk)
    assert DueEdge.objects.count() == 1

    outbox.settle_all()

    assert edges(loaded, user)[0] == {("1", "7", None)}


def unreachable():
    raise ServiceUnavailable


def test_a_release_of_no_dump_has_no_node_until_a_load_brings_it(loaded, user):
    have(user, 1000, 7)
    WantlistItem.objects.create(user=user, release_id=1001)
    outbox.owe(user.pk, [1001])
    outbox.settle(user.pk)
    assert edges(loaded, user) == (set(), set())

    month(releases=[make_release(each) for each in [*range(1, 61), 1000, 1001]])

    assert edges(loaded, user) == ({("1000", "7", None)}, {"1001"})


def test_a_load_changes_what_lists_say_of_a_release(loaded, user):
    have(user, 1, 7)
    have(user, 1000, 8)
    outbox.settle(user.pk)
    assert [(each.title, each.year) for each in library.read_copies(str(user.pk))] == [("Title 1", 1971)]

    changed = release(1, "Other", artists=[2], labels=[1], genres=["Jazz"], released="1999")
    month(releases=[changed, *(make_release(each) for each in [*range(2, 61), 1000])])

    found = sorted(library.read_copies(str(user.pk)))
    assert [(each.title, each.artist, *each.genres) for each in found] == [
        ("Other", "Artist 2", "Jazz"),
        ("Title 1000", "Artist 1", "Rock"),
    ]


def test_what_was_read_is_kept_until_it_changes(loaded, user):
    have(user, 1, 7)
    outbox.settle(user.pk)
    assert [each.release for each in library.read_copies(str(user.pk))] == ["1"]
    assert Library.objects.get(user=user).copies
    assert library.read_copies(str(user.pk))[0] == library.read_copies(str(user.pk))[:1][0]

    have(user, 2, 8)

    assert [each.release for each in library.read_copies(str(user.pk))] == ["1", "2"]
    assert len(library.read_wants(str(user.pk))) == 0


def test_what_changes_while_it_is_read_is_not_kept(loaded, user, monkeypatch):
    have(user, 1, 7)
    outbox.settle(user.pk)
    join = library.join_items

    def join_and_change(*arguments):
        found = join(*arguments)
        have(user, 2, 8)
        return found

    monkeypatch.setattr(library, "join_items", join_and_change)
    assert len(library.read_copies(str(user.pk))) == 1

    monkeypatch.undo()
    assert Library.objects.get(user=user).copies is None
    assert len(library.read_copies(str(user.pk))) == 2


def test_what_was_never_read_of_the_graph_is_read_when_it_is_asked_for(loaded, user):
    CollectionItem.objects.create(user=user, release_id=1, instance_id=7)
    CollectionItem.objects.create(user=user, release_id=9999, instance_id=8)

    assert [each.title for each in library.read_copies(str(user.pk))] == ["Title 1"]
    assert dict(CollectedRelease.objects.values_list("release_id", "facts"))[9999] is None


def test_a_release_that_leaves_the_dump_is_marked_and_keeps_its_relationships(loaded, user):
    have(user, 1, 7)
    outbox.settle(user.pk)

    month(releases=[make_release(each) for each in range(2, 61)])
    assert CollectionItem.objects.get().gone
    assert edges(loaded, user)[0] == {("1", "7", None)}

    month(releases=[make_release(each) for each in range(1, 61)])
    assert not CollectionItem.objects.get().gone


def test_a_release_that_is_kept_for_one_user_goes_with_the_last_copy(loaded, user):
    have(user, 1, 7)
    outbox.settle(user.pk)
    month(releases=[make_release(each) for each in range(2, 61)])

    CollectionItem.objects.all().delete()
    outbox.owe(user.pk, [1])
    outbox.settle(user.pk)

    assert loaded.run("MATCH (release:Release {id: '1'}) RETURN count(*)").single(strict=True).value() == 0


def test_a_graph_that_lost_everything_has_it_back_after_a_load(loaded, user):
    have(user, 1, 7)
    have(user, 2, 9)
    outbox.settle(user.pk)
    month(releases=[make_release(each) for each in range(2, 61)])
    loaded.run("MATCH (user:User) DETACH DELETE user").consume()
    clearing.clear()

    month(releases=[make_release(each) for each in range(2, 61)])

    # Release 1 is in no dump, so that its node is made of the item.
    assert edges(loaded, user)[0] == {("1", "7", None), ("2", "9", None)}


def test_the_node_of_a_user_goes_with_the_account(loaded, user, other):
    have(user, 1, 7)
    have(other, 1, 8)
    outbox.settle_all()

    user.delete()

    assert edges(loaded, user) == (set(), set())
    assert edges(loaded, other)[0] == {("1", "8", None)}
    assert loaded.run("MATCH (user:User) RETURN count(*)").single(strict=True).value() == 1
    assert not DueEdge.objects.exists()


def test_a_second_release_of_a_batch_has_its_own_copies(loaded, user):
    month(releases=[*(make_release(each) for each in range(1, 61)), release(61)])
    have(user, 1, 7)
    have(user, 61, 8)
    outbox.settle(user.pk)

    assert edges(loaded, user)[0] == {("1", "7", None), ("61", "8", None)}
