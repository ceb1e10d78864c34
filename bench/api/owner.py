"""A user with a large collection, for the rows that need a login: made before they are asked, and deleted after."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from apps.accounts import tokens
from apps.accounts.models import Login, User
from apps.catalog.models import Release
from apps.collections import outbox, seeding
from apps.collections.models import CollectionItem, WantlistItem
from apps.graph.rows import batches

COPIES, WANTS = 10_000, 2_000
# Of another user, so that releases have other collectors.
COPIES_OF_OTHER = 1_000
# Endpoints have limits for each token.
TOKENS = 200
# In which the collection was gathered.
MONTHS = 240
TOKEN_SECONDS = 12 * 3600

# Releases spread over the catalogue, always the same ones of the same data.
DRAW = "SELECT data_id FROM releases ORDER BY hashint8(data_id), data_id LIMIT %s"


@contextmanager
def make_owner(name: str) -> Iterator[Iterator[str]]:
    """Make a user who has ``COPIES`` and wants ``WANTS``; yield the credentials with which to ask, without end."""
    users = [User.objects.create_user(f"{name}{each}@bench.invalid") for each in ("owner", "other")]
    try:
        releases = draw_releases(COPIES + WANTS)
        fill(users[0], releases[:COPIES], releases[COPIES:])
        fill(users[1], releases[:COPIES_OF_OTHER], [])
        yield itertools.cycle([make_credential(users[0]) for _ in range(TOKENS)])
    finally:
        for user in users:
            user.delete()


def draw_releases(count: int) -> list[int]:
    """Return the ids of so many releases."""
    with connection.cursor() as cursor:
        cursor.execute(DRAW, [count])
        return [each for (each,) in cursor.fetchall()]


def fill(user: User, copies: list[int], wants: list[int]) -> None:
    """Give a user copies and wants of releases, in the tables and in the graph."""
    for batch in batches(copies):
        CollectionItem.objects.bulk_create(make_copy(user, each) for each in Release.objects.filter(pk__in=batch))
        outbox.owe(user.pk, batch)
    for batch in batches(wants):
        WantlistItem.objects.bulk_create(make_want(user, each) for each in Release.objects.filter(pk__in=batch))
        outbox.owe(user.pk, batch)
    outbox.settle(user.pk)


def make_copy(user: User, release: Release) -> CollectionItem:
    """Return a copy of a release, not stored yet."""
    own = {"instance_id": release.pk, "folder_id": seeding.FOLDER}
    return CollectionItem(user=user, **describe(release), **own)


def make_want(user: User, release: Release) -> WantlistItem:
    """Return a want of a release, not stored yet."""
    facts = describe(release)
    del facts["formats"], facts["label"]
    return WantlistItem(user=user, **facts)


def describe(release: Release) -> dict[str, Any]:
    """Return the fields that both have."""
    number = release.pk % MONTHS
    own = {"release_id": release.pk, "rating": number % 6, "date_added": seeding.date_added(number)}
    return {**seeding.describe_record(release.data), **own}


def make_credential(user: User) -> str:
    """Return the token of a login."""
    token, jti = tokens.make_token(user, issued=int(time.time()), seconds=TOKEN_SECONDS)
    expires = timezone.now() + timedelta(seconds=TOKEN_SECONDS)
    Login.objects.create(id=jti, user=user, kind=Login.Kind.TOKEN, expires_at=expires)
    return token
