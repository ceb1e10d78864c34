"""What the tables alone say of a user's items: folders, what no dump has, and when they were synchronised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef

from apps.catalog.models import Release
from apps.collections.answers import syncing
from apps.collections.answers.collecting import get_decade
from apps.collections.discogs import links
from apps.collections.models import CollectionItem, Sync, SyncStatus, WantlistItem

# Discogs' number of the folder of everything that is in no other one.
UNCATEGORIZED = 1
MOST_LISTED = 50


def list_folders(user_id: UUID) -> list[dict[str, Any]]:
    """Return the folders of a collection, ``{id, name, count}`` in copies, by their numbers."""
    found = CollectionItem.objects.filter(user=user_id, folder_id__isnull=False).values("folder_id")
    names = get_folder_names(user_id)
    return [
        {"id": each["folder_id"], "name": name_folder(each["folder_id"], names), "count": each["count"]}
        for each in found.annotate(count=Count("pk")).order_by("folder_id")
    ]


def get_folder_names(user_id: UUID) -> dict[str, str]:
    """Return the names of a user's folders by their numbers, as Discogs said last."""
    link = links.find_link(user_id)
    return link.folders if link else {}


def name_folder(number: int | None, names: Mapping[str, str]) -> str:
    """Return how a folder is called."""
    if number is None:
        return ""
    if name := names.get(str(number)):
        return name
    return "Uncategorized" if number == UNCATEGORIZED else f"Folder {number}"


def count_wants(user_id: UUID) -> dict[str, Any]:
    """Return what a wantlist can be filtered by: ``{genres: [{name, count}], decades: [{decade, count}], formats}``.

    Genres are in the order of their counts, decades and formats ascending.
    """
    genres: Counter[str] = Counter()
    decades: Counter[int] = Counter()
    formats: set[str] = set()
    for metadata, year, format_ in WantlistItem.objects.filter(user=user_id).values_list("metadata", "year", "format"):
        genres.update(metadata.get("genres") or ())
        decades.update([get_decade(year)] if year else ())
        formats.update([format_] if format_ else ())
    return {
        "genres": [{"name": name, "count": count} for name, count in genres.most_common()],
        "decades": [{"decade": decade, "count": decades[decade]} for decade in sorted(decades)],
        "formats": sorted(formats),
    }


def list_uncatalogued(user_id: UUID, *, wanted: bool) -> dict[str, Any]:
    """Return what a user has, or ``wanted``, of releases that no dump has: ``{items, total}``, at most ``MOST_LISTED``.

    Each is ``{release_id, title, artist, year, gone}``; ``gone``: a dump had it once.
    """
    items: Any = (WantlistItem if wanted else CollectionItem).objects
    known = Release.objects.filter(pk=OuterRef("release_id"))
    found = items.filter(~Exists(known), user=user_id).order_by("artist", "title", "release_id")
    fields = ("release_id", "title", "artist", "year", "gone")
    return {"items": list(found.values(*fields)[:MOST_LISTED]), "total": found.count()}


def describe_sync(user_id: UUID) -> dict[str, Any]:
    """Return how a user's items stand to Discogs: ``{connected, username, is_broken, running, last}``.

    ``running`` and ``last``, a synchronisation that runs and the last one that ended, are as ``describe_progress`` has
    them, or None.
    """
    link = links.find_link(user_id)
    running = syncing.find_running(user_id)
    ended = Sync.objects.filter(user=user_id).exclude(status=SyncStatus.RUNNING)
    last = ended.order_by("-started_at").first()
    return {
        "connected": link is not None,
        "username": link.provider_username if link else None,
        "is_broken": link is not None and link.is_broken,
        "running": syncing.describe_progress(running) if running else None,
        "last": syncing.describe_progress(last) if last else None,
    }
