"""Collections and wantlists as rows, with the columns of Discogs' own export."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

import orjson

from apps.accounts.models import User
from apps.collections import notes
from apps.collections.models import CollectionItem, Sync, WantlistItem

FETCH_ROWS = 500
Row = dict[str, Any]


def list_copies(user_id: UUID) -> Iterator[Row]:
    """Yield the copies of a user, the last added first; the fields that the user made have columns of their own."""
    names = notes.name_fields(user_id)
    copies = CollectionItem.objects.filter(user=user_id).order_by("-date_added", "release_id", "instance_id")
    for each in copies.iterator(FETCH_ROWS):
        formats = [str(found.get("name") or "") for found in each.formats or ()]
        yield {
            **describe(each, each.label, formats),
            "CollectionFolder": each.metadata.get("folder") if each.folder_id is None else each.folder_id,
            "Date Added": each.date_added,
            **{f"Collection {name}": text for name, text in notes.describe_copy(each, names).items()},
            "instance_id": each.instance_id,
        }


def list_wants(user_id: UUID) -> Iterator[Row]:
    """Yield the wants of a user, the last added first."""
    wants = WantlistItem.objects.filter(user=user_id).order_by("-date_added", "release_id")
    for each in wants.iterator(FETCH_ROWS):
        label = next(iter(each.metadata.get("labels") or ()), None)
        yield {**describe(each, label, [each.format or ""]), "Date Added": each.date_added, "Notes": each.notes}


def describe(item: CollectionItem | WantlistItem, label: str | None, formats: list[str]) -> Row:
    """Return the columns that both lists have."""
    return {
        "Catalog#": item.metadata.get("catalog_number"),
        "Artist": ", ".join(item.metadata.get("artists") or filter(None, [item.artist])),
        "Title": item.title,
        "Label": label,
        "Format": ", ".join(filter(None, formats)),
        "Rating": item.rating,
        "Released": item.year,
        "release_id": item.release_id,
    }


LISTS = {"collection": list_copies, "wantlist": list_wants}


def list_syncs(user: User) -> list[Row]:
    """Return the synchronisations of a user."""
    fields = ("started_at", "completed_at", "sync_type", "status", "added", "changed", "removed", "error_message")
    return list(Sync.objects.filter(user=user).order_by("started_at").values(*fields))


def stream_json(rows: Iterable[Row]) -> Iterator[bytes]:
    """Yield rows as a list of JSON."""
    yield b"["
    for number, row in enumerate(rows):
        yield (b",\n" if number else b"\n") + orjson.dumps(row)
    yield b"\n]\n"
