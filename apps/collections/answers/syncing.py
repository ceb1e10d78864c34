"""Synchronisations of a user: started, followed, cancelled."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from threading import BoundedSemaphore
from typing import Any
from uuid import UUID

from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from kombu.exceptions import OperationalError as BrokerError
from rest_framework.exceptions import NotFound

from apps.accounts.models import User
from apps.api import caching
from apps.api.events import write_event
from apps.api.responses import NotAvailable
from apps.collections import syncing
from apps.collections.models import Link, Sync, SyncStatus

logger = logging.getLogger(__name__)

# Seconds between two starts of a user, and of the lock that lets one request at a time start.
COOLDOWN_SECONDS, LOCK_SECONDS = 60, 30
LISTED = 10
# A stream of events ends after so many seconds, and its client asks again: each holds a thread of the site.
STREAM_SECONDS, LOOK_SECONDS = 25.0, 1.0
# Streams that a process holds at a time: no number of open pages may take all of its threads.
streams = BoundedSemaphore(4)
ALREADY_RUNNING = {"status": "already_running"}


class CoolingDown(Exception):  # noqa: N818 - what happened is no error
    """A user has started a synchronisation just now."""


def start(user: User) -> dict[str, Any]:
    """Start a synchronisation of a user; return ``{sync_id, status}``.

    Raises:
        CoolingDown: one was started less than a minute ago.
        NotAvailable: Redis is away.
    """
    cooldown, lock = (str(cache.make_key(f"sync:{name}:{user.pk}", version=0)) for name in ("cooldown", "lock"))
    if ask_redis(lambda client: client.exists(cooldown)):
        raise CoolingDown
    if not ask_redis(lambda client: bool(client.set(lock, 1, nx=True, ex=LOCK_SECONDS))):
        return ALREADY_RUNNING
    try:
        sync, is_new = syncing.start(user)
        if not is_new:
            return {"sync_id": sync.pk, **ALREADY_RUNNING}
        send_page(sync.pk)
        ask_redis(lambda client: bool(client.set(cooldown, 1, ex=COOLDOWN_SECONDS)))
        return {"sync_id": sync.pk, "status": "started"}
    finally:
        caching.call_redis(lambda client: client.delete(lock), otherwise=None)


def ask_redis(action: Any) -> Any:
    """Return what Redis answers.

    Raises:
        NotAvailable: it is away.
    """
    found = caching.call_redis(action, otherwise=None)
    if found is None:
        raise NotAvailable("A synchronisation cannot be started now: try again later")
    return found


def send_page(sync_id: UUID) -> None:
    """Send the task of the first page; if the broker is away, the watch of the queue sends it later."""
    try:
        current_app.send_task("tasks.sync.sync_page", (str(sync_id),), retry=False)
    except (BrokerError, OSError) as error:
        logger.warning("sync %s waits for the broker: %s", sync_id, error)


def send_watch() -> None:
    """Have the graph take what it owes users; if the broker is away, the watch of the queue does it later."""
    try:
        current_app.send_task("tasks.sync.watch_syncs", retry=False)
    except (BrokerError, OSError) as error:
        logger.warning("the graph waits for the broker: %s", error)


def list_syncs(user_id: UUID) -> dict[str, Any]:
    """Return the last synchronisations of a user, ``{syncs}``."""
    found = Sync.objects.filter(user=user_id).order_by("-started_at")[:LISTED]
    return {"syncs": [describe(each) for each in found]}


def get_schedule(user_id: UUID) -> dict[str, str]:
    """Return how often a user's collection is synchronised without being asked, ``{schedule}``.

    Raises:
        NotFound: the account is not linked to Discogs.
    """
    found = Link.objects.filter(user=user_id).values_list("schedule", flat=True).first()
    if found is None:
        raise NotFound("Discogs is not connected: connect it first")
    return {"schedule": found}


def set_schedule(user_id: UUID, schedule: str) -> dict[str, str]:
    """Set how often a user's collection is synchronised without being asked; return it.

    Raises:
        NotFound: the account is not linked to Discogs.
    """
    Link.objects.filter(user=user_id).update(schedule=schedule)
    return get_schedule(user_id)


def get_progress(user_id: UUID, sync_id: UUID) -> dict[str, Any]:
    """Return how far a synchronisation of a user is.

    Raises:
        NotFound: the user has no such one.
    """
    return describe_progress(find(user_id, sync_id))


def cancel(user_id: UUID, sync_id: UUID) -> dict[str, Any]:
    """Cancel a synchronisation of a user; one that has ended stays as it is.

    Raises:
        NotFound: the user has no such one.
    """
    syncing.cancel(find(user_id, sync_id))
    return get_progress(user_id, sync_id)


def find_running(user_id: UUID) -> Sync | None:
    """Return the synchronisation of a user that runs; None if there is none."""
    return Sync.objects.filter(user=user_id, status=SyncStatus.RUNNING).first()


def find(user_id: UUID, sync_id: UUID) -> Sync:
    """Return a synchronisation of a user."""
    found = Sync.objects.filter(user=user_id, pk=sync_id).first()
    if found is None:
        raise NotFound(f"Synchronisation {sync_id} not found")
    return found


def describe(sync: Sync) -> dict[str, Any]:
    """Return a synchronisation as a list shows it."""
    return {
        "sync_id": sync.pk,
        "sync_type": sync.sync_type,
        "status": sync.status,
        "items_synced": sync.items_synced,
        "error": sync.error_message,
        "started_at": sync.started_at,
        "completed_at": sync.completed_at,
    }


def describe_progress(sync: Sync) -> dict[str, Any]:
    """Return a synchronisation with how far it is."""
    left = None if sync.pages is None or sync.status != SyncStatus.RUNNING else sync.pages - sync.page
    return {
        **describe(sync),
        **{name: getattr(sync, name) for name in ("phase", "page", "pages", "added", "changed", "removed")},
        "seconds_left": None if left is None else round(left * 60 / settings.DISCOGS_REQUESTS_PER_MINUTE),
    }


def stream_progress(user_id: UUID, sync_id: UUID, encode: Any) -> Iterator[bytes]:
    """Yield Server-Sent Events for ``STREAM_SECONDS``: ``progress`` whenever a page is stored, ``end`` at last.

    Where the process holds enough streams already, this one ends after its first event, and its client asks again.
    """
    until, last = time.monotonic() + STREAM_SECONDS, b""
    # Milliseconds after which a browser asks again when the stream ends.
    yield b"retry: 1000\n\n"
    is_held = streams.acquire(blocking=False)
    try:
        while time.monotonic() < until:
            sync = Sync.objects.filter(user=user_id, pk=sync_id).first()
            if sync is None:
                return
            has_ended = sync.status != SyncStatus.RUNNING
            body = encode(describe_progress(sync))
            if body != last:
                yield write_event("end" if has_ended else "progress", body)
                last = body
            if has_ended or not is_held:
                return
            time.sleep(LOOK_SECONDS)
    finally:
        if is_held:
            streams.release()
        connection.close()
