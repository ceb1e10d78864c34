"""Keep the graph's COLLECTED and WANTS the same as the tables (decision 166).

Whoever changes items calls ``owe`` in the same transaction, and ``settle`` after it. What could not be written, because
Neo4j was away or the process died, stays in the outbox, and the next ``settle`` of anybody writes it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from apps.catalog.models import Release
from apps.collections import keeping, library
from apps.collections.models import CollectionItem, DueEdge, Link, WantlistItem
from apps.graph import collections as graph
from apps.graph.collections import Edges
from apps.graph.rows import batches
from apps.ingest.models import RemovedEntity

logger = logging.getLogger(__name__)

BATCH = 500
TABLES = (CollectionItem, WantlistItem)


def owe(user_id: UUID, releases: Iterable[int | None]) -> None:
    """Note that the relationships of a user with releases are due; None is the user's node alone."""
    library.note_change(user_id)
    transaction.on_commit(lambda: keeping.note_change(user_id))
    DueEdge.objects.bulk_create((DueEdge(user_id=user_id, release_id=each) for each in releases), batch_size=2000)


def settle(user_id: UUID) -> None:
    """Write everything that is due of a user to the graph.

    Raises:
        DriverError, Neo4jError: Neo4j does not take it; it stays due.
    """
    while settle_batch(user_id):
        keeping.note_change(user_id)


def settle_all() -> None:
    """Write everything that is due of any user."""
    for user_id in DueEdge.objects.order_by("user_id").values_list("user_id", flat=True).distinct():
        settle(user_id)


def settle_batch(user_id: UUID) -> int:
    """Write some releases that are due; return how many rows of the outbox are done."""
    with transaction.atomic():
        lock_user(user_id)
        due = list(DueEdge.objects.filter(user_id=user_id).order_by("pk")[:BATCH])
        if not due:
            return 0
        if not get_user_model().objects.filter(pk=user_id).exists():
            graph.delete_user(str(user_id))
            return int(DueEdge.objects.filter(user_id=user_id).delete()[0])
        releases = sorted({each.release_id for each in due if each.release_id is not None})
        link = Link.objects.filter(user=user_id, provider="discogs").first()
        graph.set_edges(str(user_id), link.provider_username if link else None, read_edges(user_id, releases))
        library.refresh(releases)
        library.note_change(user_id)
        # After the graph's commit: if the process dies in between, the batch is repeated, which changes nothing.
        DueEdge.objects.filter(pk__in=[each.pk for each in due]).delete()
    return len(due)


def lock_user(user_id: UUID) -> None:
    """Let one process at a time write a user's relationships: an older state must not overwrite a newer one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 166))", [str(user_id)])


def read_edges(user_id: UUID, releases: Sequence[int]) -> Edges:
    """Return the relationships that a user's items stand for."""
    copies = list(CollectionItem.objects.filter(user=user_id, release_id__in=releases))
    wants = list(WantlistItem.objects.filter(user=user_id, release_id__in=releases))
    return Edges(
        releases=[str(each) for each in releases],
        copies=[
            {**describe(each), "instance_id": name_copy(each.instance_id, each.pk), "folder_id": each.folder_id}
            for each in copies
        ],
        wants=[describe(each) for each in wants],
        gone=[
            {"release": str(each.release_id), "title": each.title, "year": each.year}
            for each in (*copies, *wants)
            if each.gone
        ],
    )


def describe(item: CollectionItem | WantlistItem) -> dict[str, Any]:
    """Return the properties that both relationships have."""
    return {
        "release": str(item.release_id),
        "rating": item.rating,
        "date_added": item.date_added,
        "synced_at": item.synced_at.isoformat(),
    }


def name_copy(instance_id: int | None, pk: UUID) -> str:
    """Return a copy's ``instance_id`` in the graph; a copy that Discogs has not numbered has the id of its row."""
    return str(pk if instance_id is None else instance_id)


def restore() -> None:
    """After a load: write the relationships that the graph lacks, mark the releases that left the dump, and read again
    what the graph says of all that users have and want.

    The load may have brought releases that users own, or the graph may have been made anew.
    """
    mark_gone()
    users = {user for table in TABLES for user in table.objects.values_list("user_id", flat=True).distinct()}
    for user_id in sorted(users):
        owe(user_id, sorted(find_missing(user_id)))
    settle_all()
    library.refresh_all()
    for user_id in users:
        keeping.note_change(user_id)


def find_missing(user_id: UUID) -> set[int]:
    """Return the releases that could have relationships with a user and lack one."""
    copies, wants = graph.read_edges(str(user_id))
    missing = {
        release
        for release, instance, pk in CollectionItem.objects.filter(user=user_id).values_list(
            "release_id", "instance_id", "pk"
        )
        if (str(release), name_copy(instance, pk)) not in copies
    }
    owned = WantlistItem.objects.filter(user=user_id).values_list("release_id", flat=True)
    missing |= {release for release in owned if str(release) not in wants}
    gone = {
        release
        for table in TABLES
        for release in table.objects.filter(user=user_id, gone=True).values_list("release_id", flat=True)
    }
    known = {
        release
        for batch in batches(sorted(missing))
        for release in Release.objects.filter(pk__in=batch).values_list("pk", flat=True)
    }
    return missing & (known | gone)


def mark_gone() -> None:
    """Mark the items whose releases left the dump, and clear the mark of those that came back."""
    there = Exists(Release.objects.filter(pk=OuterRef("release_id")))
    removed = RemovedEntity.objects.filter(record_type="releases", purged_at__isnull=False, mbid__isnull=True)
    for table in TABLES:
        table.objects.filter(there, gone=True).update(gone=False)
        table.objects.filter(~there, gone=False, release_id__in=removed.values("data_id")).update(gone=True)


def forget_user(*, instance: Any, **_: Any) -> None:
    """Delete the node of a user whose account was deleted; called by Django's signal."""
    owe(instance.pk, [None])
    transaction.on_commit(lambda: settle_or_log(instance.pk))


def settle_or_log(user_id: UUID) -> None:
    """Write what is due now, or leave it to the next synchronisation or load if Neo4j is away."""
    try:
        settle(user_id)
    except Exception:
        logger.warning("the graph does not have the changes of user %s yet", user_id, exc_info=True)
