"""Celery tasks that beat sends (queue ``fetcher``). They need the folder of the dumps, as that queue's worker does."""

from __future__ import annotations

from celery import shared_task
from django.db import InterfaceError, OperationalError

from apps.accounts import tidying
from apps.ingest.runs import checking, retention
from tasks.extractor import start_run
from tasks.pipelines import is_empty


# Retried without limit while the database is away, since the next check may be weeks off. Any other failure is
# acknowledged and does not become a dead letter.
@shared_task(
    name="tasks.periodic.check_for_dumps",
    ignore_result=True,
    acks_on_failure=True,
    autoretry_for=(OperationalError, InterfaceError),
    retry_backoff=10,
    retry_backoff_max=60,
    max_retries=None,
)
def check_for_dumps(source: str) -> None:
    """Check what a source publishes, and start a run of a new version."""
    run = checking.check(source, is_empty)
    if run is not None:
        start_run.delay(run.pk)


@shared_task(name="tasks.periodic.tidy", ignore_result=True, acks_on_failure=True)
def tidy() -> None:
    """Delete old dump files and runs that nothing needs any more, and what has expired of accounts."""
    retention.tidy()
    tidying.tidy()
