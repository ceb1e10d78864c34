"""A collection and a wantlist made of releases of the catalogue, for tests and demonstrations."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from apps.accounts.models import User
from apps.catalog.models import Release
from apps.collections import outbox
from apps.collections.models import LONGEST_NAME, LONGEST_TEXT, CollectionItem, WantlistItem

COLLECTED, WANTED = 60, 20
FIRST_INSTANCE = 1000
FOLDER = 1


def seed(user: User) -> tuple[int, int]:
    """Give a user the first releases of the catalogue; return how many copies and wants are new.

    What the user has already is not changed.
    """
    releases = list(Release.objects.order_by("pk")[: COLLECTED + WANTED])
    with transaction.atomic():
        collected = sum(add_copy(user, each, number) for number, each in enumerate(releases[:COLLECTED]))
        wanted = sum(add_want(user, each, number) for number, each in enumerate(releases[COLLECTED:], COLLECTED))
        outbox.owe(user.pk, [each.pk for each in releases])
    outbox.settle(user.pk)
    return collected, wanted


def add_copy(user: User, release: Release, number: int) -> bool:
    """Add the copy of a number; tell whether it is new."""
    facts = describe_record(release.data)
    own = {"rating": number % 6, "folder_id": FOLDER, "date_added": date_added(number), "synced_at": Now()}
    key = {"user": user, "release_id": release.pk, "instance_id": FIRST_INSTANCE + number}
    return CollectionItem.objects.get_or_create(**key, defaults=facts | own)[1]


def add_want(user: User, release: Release, number: int) -> bool:
    """Add the want of a number; tell whether it is new."""
    facts = describe_record(release.data)
    facts["format"] = next(iter(list_names(facts.pop("formats"))), None)
    facts.pop("label")
    own = {"rating": number % 6, "date_added": date_added(number), "synced_at": Now()}
    return WantlistItem.objects.get_or_create(user=user, release_id=release.pk, defaults=facts | own)[1]


def date_added(number: int) -> str:
    """Return when the copy of a number was added: a month earlier than that of the number before."""
    months = 2026 * 12 - number
    return f"{months // 12}-{months % 12 + 1:02}-15T12:00:00-08:00"


def describe_record(data: dict[str, Any]) -> dict[str, Any]:
    """Return what an item says of its release, from the release's record."""
    artists, labels = list_names(data.get("artists")), list_names(data.get("labels"))
    numbers = [each["catno"] for each in data.get("labels") or () if isinstance(each, dict) and each.get("catno")]
    year = data.get("year")
    return {
        "title": str(data.get("title") or "")[:LONGEST_TEXT] or None,
        "artist": artists[0][:LONGEST_TEXT] if artists else None,
        "label": labels[0][:LONGEST_NAME] if labels else None,
        "year": year if isinstance(year, int) else None,
        "formats": [each for each in data.get("formats") or () if isinstance(each, dict)],
        "metadata": {
            "catalog_number": numbers[0] if numbers else None,
            "artists": artists,
            "labels": labels,
            "genres": [each for each in data.get("genres") or () if isinstance(each, str)],
            "styles": [each for each in data.get("styles") or () if isinstance(each, str)],
        },
    }


def list_names(entries: Any) -> list[str]:
    """Return the names of a record's entries, such as its artists."""
    found = (each.get("name") for each in entries or () if isinstance(each, dict))
    return [each for each in found if isinstance(each, str)]
