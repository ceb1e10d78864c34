"""The Celery task that tells the feed what is committed (queue ``maintenance``), after a file and by the watchdog."""

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


# What failed is due again in the next round of the watchdog: its message is not worth a dead letter.
@shared_task(name="tasks.feed.publish", ignore_result=True, acks_on_failure=True)
def publish(run_id: int) -> None:
    """Tell what is due of a run, a slice at a time; a broker that does not take it is a warning and no more."""
    with ledger.only_one("feed", run_id) as is_ours:
        run = Run.objects.get(pk=run_id)
        if not is_ours or run.fed_at:
            return
        try:
            is_done = publishing.publish(run, PIPELINES[run.source].read_written)
        except FeedError as error:
            logger.warning("The feed of %s waits: %s", run, error)
            if not run.events.filter(kind="feed").exists():
                ledger.note(run, "feed", str(error))
            return
    if not is_done:
        ask_for(run_id)


def ask_for(run_id: int) -> None:
    """Have the feed told of a run soon. If the broker is away, the watchdog asks again."""
    with suppress(BrokerError, RedisError, OSError):
        publish.apply_async((run_id,), retry=False)


def ask_for_due() -> None:
    """Have the feed told of every run that something is due of."""
    for run in Run.objects.filter(fed_at__isnull=True):
        if publishing.is_due(run):
            ask_for(run.pk)
