"""Celery tasks of the synchronisation with Discogs (queue ``sync``): one task a page, which sends the next one."""

from __future__ import annotations

import logging
from uuid import UUID

from celery import shared_task

from apps.collections import outbox, syncing
from tasks.settled import is_transient

logger = logging.getLogger(__name__)

# Seconds after which a page is tried again when one of our own stores is away.
AWAY_SECONDS = 10


# acks_on_failure: a failed message does not become a dead letter, since ``watch_syncs`` sends it again.
@shared_task(name="tasks.sync.sync_page", ignore_result=True, acks_on_failure=True)
def sync_page(sync_id: str) -> None:
    """Do the next page of a synchronisation, and send the task of the one after it."""
    try:
        seconds = syncing.take_step(UUID(sync_id))
    except Exception as error:
        if not is_transient(error):
            syncing.give_up(UUID(sync_id))
            raise
        logger.warning("sync %s waits: %s", sync_id, error)
        seconds = AWAY_SECONDS
    if seconds is not None:
        sync_page.apply_async((sync_id,), countdown=seconds)


@shared_task(name="tasks.sync.watch_syncs", ignore_result=True, acks_on_failure=True)
def watch_syncs() -> None:
    """Send lost pages again, start what is scheduled, and write to the graph what it could not take (sent by beat)."""
    for sync_id in (*syncing.list_lost(), *syncing.start_scheduled()):
        sync_page.delay(str(sync_id))
    outbox.settle_all()
