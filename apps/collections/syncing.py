"""Synchronise a user's collection and wantlist with Discogs, page by page.

A page is a step that may be repeated: what is stored, and which page is next, change in one transaction. A step that
finds another one was quicker does nothing. Lists are read the newest item first. After the last page of a pass, items
that no page had are deleted, but only if the pass had as many items as Discogs says; otherwise the list has changed
between two pages, and the pass begins again (decision 167).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Now
from django.utils import timezone
from rest_framework.exceptions import APIException

from apps.accounts.models import User
from apps.collections import outbox
from apps.collections.discogs import bucket, links
from apps.collections.discogs.client import BusyError, UnauthorizedError
from apps.collections.discogs.items import read_copy, read_text, read_want
from apps.collections.models import CollectionItem, Link, Sync, SyncStatus, WantlistItem
from apps.http.errors import RefusedError, SiteError

logger = logging.getLogger(__name__)

PAGE_ITEMS = 100
# Failed tries of a page in a row before its synchronisation fails, for an error and for being told to wait.
TRIES, WAITS = 3, 6
RESTARTS = 3
FIRST_WAIT_SECONDS = 2.0
# The longest wait that Discogs may ask for.
LONGEST_WAIT_SECONDS = 3600.0
QUICK, FULL = "quick", "full"
PERIODS = {"daily": timedelta(days=1), "weekly": timedelta(days=7)}


@dataclass(frozen=True, slots=True)
class Phase:
    """A list at Discogs, and the table that has it."""

    path: str
    key: str
    model: Any
    read: Callable[[dict[str, Any]], dict[str, Any]]
    identity: tuple[str, ...]
    parameters: dict[str, str]
    next: str


PHASES = {
    "collection": Phase(
        path="/users/{user}/collection/folders/0/releases",
        key="releases",
        model=CollectionItem,
        read=read_copy,
        identity=("release_id", "instance_id"),
        parameters={"sort": "added", "sort_order": "desc"},
        next="wantlist",
    ),
    "wantlist": Phase(
        path="/users/{user}/wants",
        key="wants",
        model=WantlistItem,
        read=read_want,
        identity=("release_id",),
        parameters={},
        next="folders",
    ),
}
# Phase in which names are read → the next one. Each is one request.
NAMES = {"folders": "fields", "fields": "done"}
# Characters of a name, and names of a kind: more are dropped.
LONGEST_LABEL, MOST_NAMES = 100, 1000


class Failed(Exception):  # noqa: N818 - what happened at Discogs is no error of the program
    """A synchronisation cannot go on; the text is for its user."""


class Changed(Exception):  # noqa: N818
    """The list is not the one that the pass began with."""

    def __init__(self) -> None:
        super().__init__("The list at Discogs keeps changing while it is read: nothing was deleted")


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list, as Discogs sent it."""

    number: int
    pages: int
    items: int
    rows: list[dict[str, Any]]


def start(user: User, kind: str = FULL) -> tuple[Sync, bool]:
    """Enter a synchronisation of a user; return it, or the one that is running, and whether it is new.

    The first one of a link is full, whatever the kind.
    """
    kind = kind if was_read_whole(user) else FULL
    try:
        with transaction.atomic():
            return Sync.objects.create(user=user, sync_type=kind), True
    except IntegrityError:
        running = Sync.objects.filter(user=user, status=SyncStatus.RUNNING).first()
        if running is None:
            raise
        return running, False


def was_read_whole(user: User) -> bool:
    """Tell whether a full synchronisation has ended since the link was made.

    What is older may be copies of a file or of another account, which a quick one would leave beside those of Discogs.
    """
    ended = Sync.objects.filter(user=user, sync_type=FULL, status=SyncStatus.COMPLETED)
    return ended.filter(started_at__gt=F("user__links__created_at")).exists()


def take_step(sync_id: UUID) -> float | None:
    """Do the next page of a synchronisation; return the seconds until the one after it is due, None after the last.

    Raises:
        RedisError, OperationalError: Redis or PostgreSQL is away; nothing has changed.
    """
    sync = Sync.objects.select_related("user").filter(pk=sync_id, status=SyncStatus.RUNNING).first()
    if sync is None:
        return None
    try:
        seconds = read_names(sync) if sync.phase in NAMES else take_page(sync)
    except (Changed, Failed, SiteError, APIException) as error:
        return handle_failure(sync, error)
    if seconds is None:
        return None
    if seconds:
        return wait(sync, seconds)
    outbox.settle_or_log(sync.user_id)
    sync.refresh_from_db()
    if sync.phase != "done":
        return 0.0
    end(sync, SyncStatus.COMPLETED)
    return None


def handle_failure(sync: Sync, error: Exception) -> float | None:
    """Handle what went wrong with a page; return when a page is due again, None if the synchronisation has failed."""
    if isinstance(error, Changed) and sync.restarts < RESTARTS:
        begin_again(sync)
        return 0.0
    if isinstance(error, BusyError) and sync.waits + 1 < WAITS:
        seconds = min(error.seconds, LONGEST_WAIT_SECONDS)
        bucket.hold(sync.user_id, seconds)
        return try_again(sync, error, seconds, "waits")
    is_passing = isinstance(error, SiteError) and not isinstance(error, RefusedError | BusyError)
    if is_passing and sync.tries + 1 < TRIES:
        return try_again(sync, error, FIRST_WAIT_SECONDS * 2**sync.tries, "tries")
    message = str(error)
    if isinstance(error, UnauthorizedError):
        Link.objects.filter(user=sync.user_id, provider=links.PROVIDER).update(is_broken=True)
        message = "Discogs does not accept the link any more: link the account again"
    end(sync, SyncStatus.FAILED, message)
    return None


def take_page(sync: Sync) -> float | None:
    """Fetch and store a page; return 0, the seconds until it may be asked for, None if another delivery was quicker."""
    page = fetch_page(sync)
    if isinstance(page, float):
        return page
    return 0.0 if store_page(sync, page) else None


def fetch_page(sync: Sync) -> Page | float:
    """Return the next page of a synchronisation, or the seconds until it may be asked for."""
    phase, number = PHASES[sync.phase], sync.page + 1
    found = ask_discogs(sync, phase.path, {"page": number, "per_page": PAGE_ITEMS, **phase.parameters})
    return found if isinstance(found, float) else read_page(found, number, phase)


def ask_discogs(sync: Sync, path: str, parameters: dict[str, Any] | None = None) -> dict[str, Any] | float:
    """Return the JSON at a path of the user's, or the seconds until it may be asked for."""
    link = links.find_link(sync.user_id)
    if link is None:
        raise Failed("There is no link to a Discogs account: link one first")
    discogs = links.connect(link)
    if seconds := bucket.take(sync.user_id):
        return seconds
    found = discogs.get_json(path.format(user=quote(link.provider_username or "", safe="")), parameters)
    if discogs.requests_left is not None and discogs.requests_left <= bucket.BURST:
        # Another program of the user asks too.
        bucket.hold(sync.user_id, bucket.BURST)
    return found


def read_names(sync: Sync) -> float:
    """Read the names of folders, or of the fields of notes; return 0, or the seconds until they may be asked for.

    Everything else is stored by now: if Discogs does not give them, the names of before stay.
    """
    try:
        found = ask_discogs(sync, f"/users/{{user}}/collection/{sync.phase}")
    except (UnauthorizedError, BusyError):
        raise
    except SiteError as error:
        logger.warning("sync %s reads no names of %s: %s", sync.pk, sync.phase, error)
        found = {}
    if isinstance(found, float):
        return found
    rows = found.get(sync.phase)
    if isinstance(rows, list):
        Link.objects.filter(user=sync.user_id, provider=links.PROVIDER).update(**{sync.phase: list_names(rows)})
    Sync.objects.filter(pk=sync.pk, phase=sync.phase).update(
        phase=NAMES[sync.phase], tries=0, waits=0, due_at=timezone.now()
    )
    return 0.0


def list_names(rows: Sequence[Any]) -> dict[str, str]:
    """Return number → name of what Discogs sent."""
    named = [each for each in rows if isinstance(each, dict) and isinstance(each.get("id"), int)]
    return {str(each["id"]): read_text(each.get("name"), LONGEST_LABEL) or "" for each in named[:MOST_NAMES]}


def read_page(found: dict[str, Any], number: int, phase: Phase) -> Page:
    """Return a page of the JSON that Discogs sent.

    Raises:
        SiteError: It is not the page that was asked for, or only a part of it.
    """
    pagination, rows = found.get("pagination"), found.get(phase.key)
    try:
        pages, items = int(pagination["pages"]), int(pagination["items"])  # type: ignore[index]
    except (KeyError, TypeError, ValueError) as error:
        raise SiteError("Discogs sends a page without its place in the list") from error
    if not isinstance(rows, list) or not all(isinstance(each, dict) for each in rows):
        raise SiteError("Discogs sends a page without a list")
    if len(rows) != max(min(PAGE_ITEMS, items - (number - 1) * PAGE_ITEMS), 0):
        raise SiteError(f"Discogs sends a part of page {number}: {len(rows)} items")
    return Page(number, pages, items, [phase.read(each) for each in rows])


def store_page(sync: Sync, page: Page) -> bool:
    """Store a page and which one is next; return False if another delivery of the task was quicker.

    Raises:
        Failed: The list is empty though the user had items.
        Changed: The list is not the one of the page before.
    """
    phase = PHASES[sync.phase]
    with transaction.atomic():
        now = Sync.objects.select_for_update().get(pk=sync.pk)
        if (now.status, now.phase, now.page, now.stamp) != (SyncStatus.RUNNING, sync.phase, sync.page, sync.stamp):
            return False
        if page.items == 0 and phase.model.objects.filter(user=now.user_id).exists():
            raise Failed(f"Discogs says that the {sync.phase} is empty, and it was not: nothing was deleted")
        if now.expected not in (None, page.items):
            raise Changed
        added, changed = store_items(now, phase, page.rows)
        now.added += added
        now.changed += changed
        now.pages_fetched += 1
        now.items_synced = (now.items_synced or 0) + len(page.rows)
        now.page, now.pages, now.expected = page.number, page.pages, page.items
        now.tries, now.waits, now.due_at = 0, 0, timezone.now()
        is_known = now.sync_type == QUICK and phase.model is CollectionItem and not (added or changed)
        if page.number >= page.pages:
            now.removed += delete_unseen(now, phase)
        if page.number >= page.pages or is_known:
            # A quick one reads no names.
            following = "done" if phase.next in NAMES and now.sync_type == QUICK else phase.next
            now.phase, now.page, now.pages, now.expected = following, 0, None, None
            now.stamp, now.restarts = timezone.now(), 0
        now.save()
    return True


def store_items(sync: Sync, phase: Phase, rows: Sequence[dict[str, Any]]) -> tuple[int, int]:
    """Store the items of a page; return how many are new and how many have changed."""
    # Discogs may name an item twice when the list moves; the later one counts.
    wanted = {tuple(each[key] for key in phase.identity): each for each in rows}
    known = {
        tuple(getattr(item, key) for key in phase.identity): item
        for item in phase.model.objects.filter(user=sync.user_id, release_id__in={each["release_id"] for each in rows})
    }
    new = [
        phase.model(user_id=sync.user_id, synced_at=sync.stamp, **each)
        for key, each in wanted.items()
        if key not in known
    ]
    changed = [item for key, item in known.items() if key in wanted and has_changed(item, wanted[key])]
    phase.model.objects.bulk_create(new)
    if changed:
        names = [name for name in next(iter(wanted.values())) if name not in phase.identity]
        phase.model.objects.bulk_update(changed, names)
    seen = [item.pk for key, item in known.items() if key in wanted]
    phase.model.objects.filter(pk__in=seen).update(synced_at=sync.stamp)
    outbox.owe(sync.user_id, sorted({item.release_id for item in (*new, *changed)}))
    return len(new), len(changed)


def has_changed(item: Any, fields: dict[str, Any]) -> bool:
    """Give an item the values of Discogs; tell whether any is another. What a page lacks stays as it is."""
    given = dict(fields)
    if given.get("formats", ()) is None:
        given["formats"] = item.formats
    # Nothing is as good as no key: who made the row may not know of it.
    news = {
        name: value for name, value in given["metadata"].items() if (item.metadata.get(name) or None) != (value or None)
    }
    given["metadata"] = {**item.metadata, **news}
    differing = [name for name, value in given.items() if getattr(item, name) != value]
    for name in differing:
        setattr(item, name, given[name])
    return bool(differing)


def delete_unseen(sync: Sync, phase: Phase) -> int:
    """Delete the items that no page of a pass had; return their number.

    Raises:
        Changed: The pass had not as many items as Discogs says.
    """
    items = phase.model.objects.filter(user=sync.user_id)
    if items.filter(synced_at=sync.stamp).count() != sync.expected:
        raise Changed
    unseen = items.exclude(synced_at=sync.stamp)
    outbox.owe(sync.user_id, sorted(set(unseen.values_list("release_id", flat=True))))
    return int(unseen.delete()[0])


def begin_again(sync: Sync) -> None:
    """Begin the pass of a list again, since the list has changed between two pages."""
    # Only once: another delivery of the task may have begun again already.
    Sync.objects.filter(pk=sync.pk, status=SyncStatus.RUNNING, stamp=sync.stamp).update(
        page=0, pages=None, expected=None, stamp=timezone.now(), restarts=F("restarts") + 1
    )


def wait(sync: Sync, seconds: float) -> float:
    """Note when the next page is due; return the seconds until then."""
    Sync.objects.filter(pk=sync.pk).update(due_at=timezone.now() + timedelta(seconds=seconds))
    return seconds


def try_again(sync: Sync, error: Exception, seconds: float, counter: str) -> float:
    """Note a failed try of a page in a counter of it; return the seconds until the next one."""
    logger.warning("sync %s tries page %s again: %s", sync.pk, sync.page + 1, error)
    Sync.objects.filter(pk=sync.pk, page=sync.page).update(**{counter: F(counter) + 1})
    return wait(sync, seconds)


def end(sync: Sync, status: SyncStatus, message: str | None = None) -> None:
    """End a synchronisation that is running; nothing happens to one that has ended."""
    seen = {"user": sync.user_id, "synced_at__gte": sync.started_at}
    Sync.objects.filter(pk=sync.pk, status=SyncStatus.RUNNING).update(
        status=status,
        error_message=message,
        completed_at=Now(),
        items_synced=sum(phase.model.objects.filter(**seen).count() for phase in PHASES.values()),
    )
    logger.info("sync %s of user %s: %s %s", sync.pk, sync.user_id, status, message or "")


def give_up(sync_id: UUID) -> None:
    """Fail a synchronisation in which our own program is wrong: another try would fail too."""
    sync = Sync.objects.filter(pk=sync_id).first()
    if sync is not None:
        end(sync, SyncStatus.FAILED, "An error of this site, which its log tells")


def cancel(sync: Sync) -> None:
    """Cancel a synchronisation; what it stored stays, and nothing is deleted."""
    end(sync, SyncStatus.CANCELLED)


def list_lost() -> list[UUID]:
    """Return the synchronisations whose task is lost: their next page is due for as long as a round of the watch."""
    due = timezone.now() - timedelta(seconds=settings.SYNC_WATCH_SECONDS)
    return list(Sync.objects.filter(status=SyncStatus.RUNNING, due_at__lt=due).values_list("pk", flat=True))


def start_scheduled() -> list[UUID]:
    """Enter the synchronisations that are due by the schedule of their users; return them.

    A daily one is quick but for one a week.
    """
    started, now = [], timezone.now()
    syncs = Sync.objects.filter(user=OuterRef("user"))
    complete = syncs.filter(sync_type=FULL, status=SyncStatus.COMPLETED, started_at__gt=now - PERIODS["weekly"])
    for schedule, period in PERIODS.items():
        due = Link.objects.filter(
            ~Exists(syncs.filter(started_at__gt=now - period)), schedule=schedule, is_broken=False
        )
        for link in due.select_related("user").annotate(was_complete=Exists(complete)):
            sync, is_new = start(link.user, QUICK if link.was_complete else FULL)
            if is_new:
                started.append(sync.pk)
    return started
