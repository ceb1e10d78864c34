"""The Celery task that publishes committed changes to the feed (queue ``maintenance``)."""

from __future__ import annotations

import logging
from contextlib import suppress

from celery import shared_task
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

from apps.ingest import ledger
from apps.ingest.errors import FeedError
from apps.ingest.feed import publishing
from apps.ingest.models import Run
from tasks.pipelines import PIPELINES

logger = logging.getLogger(__name__)


# acks_on_failure: a failed message is acknowledged and does not become a dead letter, since the watchdog asks again for
# everything that is due.
@shared_task(name="tasks.feed.publish", ignore_result=True, acks_on_failure=True)
def publish(run_id: int) -> None:
    """Publish one slice of a run's due messages and ask for the next. If the broker fails, only log a warning."""
    with ledger.hold_lock("feed", run_id) as is_ours:
        run = Run.objects.get(pk=run_id)
        if not is_ours or run.fed_at:
            return
        try:
            is_done = publishing.publish(run, PIPELINES[run.source].read_written)
        except FeedError as error:
            logger.warning("The feed of %s waits: %s", run, error)
            # One event for each run: the watchdog tries again every few seconds.
            if not run.events.filter(kind="feed").exists():
                ledger.note(run, "feed", str(error))
            return
    # Outside of the lock, so that the next task does not find it held.
    if not is_done:
        ask_for(run_id)


def ask_for(run_id: int) -> None:
    """Dispatch the publishing of a run's changes. If the broker is away, the watchdog asks again later."""
    with suppress(BrokerError, RedisError, OSError):
        publish.apply_async((run_id,), retry=False)


def ask_for_due() -> None:
    """Dispatch the publishing of every run that has messages due."""
    for run in Run.objects.filter(fed_at__isnull=True):
        if publishing.is_due(run):
            ask_for(run.pk)
