"""A collection as a file, out and in again: with what its owner noted, and nothing changed by a second time."""

import csv
from dataclasses import astuple

import pytest

from apps.api.tables import stream_csv
from apps.catalog.models import Release
from apps.collections import exporting, importing, notes, seeding
from apps.collections.models import CollectionItem, Link

pytestmark = pytest.mark.django_db(transaction=True)

HOSTILE = "=1+1 <b>\u202e"


def write(user):
    """Return the collection of a user as the lines of a file."""
    return "".join(stream_csv(exporting.list_copies(user.pk))).splitlines(keepends=True)


def read(user, lines):
    """Import a file; return how many copies are new, changed and unchanged, and how many rows were refused."""
    return astuple(importing.import_copies(user.pk, lines))[:4]


@pytest.fixture
def noted(user):
    """A user with copies on which something is noted."""
    Link.objects.create(user=user, fields={"1": "Media", "3": "Notes", "4": "Bought at", "5": "Notes"})
    copies = [{"4": HOSTILE, "9": "x"}, {"10": "y"}, {}]
    for number, fields in enumerate(copies, 1):
        metadata = {"sleeve_condition": "Good (G)", "fields": fields}
        CollectionItem.objects.create(
            user=user, release_id=number, instance_id=number, condition="Mint (M)", notes="a\nb", metadata=metadata
        )
    return user


def test_the_same_copies_as_a_file_change_nothing(loaded, user):
    seeding.seed(user)

    assert read(user, write(user)) == (0, 0, 60, 0)


def test_an_artist_with_a_comma_stays_one(user):
    data = {"title": "Works", "artists": [{"name": "Emerson, Lake"}, {"name": "Palmer"}]}
    Release.objects.create(data_id=1, hash=b"0", rev=1, chunk_id=1, data=data)
    seeding.seed(user)

    assert read(user, write(user)) == (0, 0, 1, 0)

    copy = CollectionItem.objects.get()
    assert (copy.artist, copy.metadata["artists"]) == ("Emerson, Lake", ["Emerson, Lake", "Palmer"])


def test_what_is_noted_has_the_columns_of_discogs(noted):
    first, *_ = csv.DictReader(write(noted))

    assert [name for name in first if name.startswith("Collection ")] == [
        "Collection Media Condition",
        "Collection Sleeve Condition",
        "Collection Notes",
        "Collection Bought at",
        "Collection Notes (5)",
        "Collection Field 9",
        "Collection Field 10",
    ]
    (row,) = (each for each in exporting.list_copies(noted.pk) if each["release_id"] == 1)
    assert (row["Collection Notes"], row["Collection Bought at"], row["Collection Field 10"]) == ("a\nb", HOSTILE, None)


def test_what_is_noted_comes_back_by_the_names_of_its_fields(noted, other):
    lines = write(noted)

    assert read(other, lines) == (3, 0, 0, 0)
    assert read(other, lines) == (0, 0, 3, 0)

    first, *_ = CollectionItem.objects.filter(user=other).order_by("release_id")
    assert first.metadata["fields"] == {"Bought at": HOSTILE, "9": "x"}
    assert list(notes.name_fields(other.pk)) == ["9", "10", "Bought at"]


def test_a_file_without_notes_leaves_those_that_are_there_and_an_empty_cell_takes_one_away(noted):
    Link.objects.all().delete()

    assert read(noted, ["release_id,instance_id,Collection Field 9\n", "1,1,\n"])[1:] == (1, 0, 0)

    assert CollectionItem.objects.get(release_id=1).metadata["fields"] == {}
