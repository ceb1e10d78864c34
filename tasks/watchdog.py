"""The Celery tasks that keep runs going although messages are lost (sent by beat, queue ``maintenance``)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from celery import current_app, shared_task
from django.conf import settings

from apps.ingest import ledger
from apps.ingest.feed import queues
from apps.ingest.models import ENDED, Run, RunState
from apps.ingest.runs import announcing, dead_messages
from apps.ingest.sources.registry import DUMPS
from tasks import feed
from tasks.extractor import extraction_complete, file_complete, start_run
from tasks.fetcher import write_marker
from tasks.maintenance import graph_complete


# acks_on_failure: a failed message does not become a dead letter, since the next round follows soon.
@shared_task(name="tasks.watchdog.watch", ignore_result=True, acks_on_failure=True)
def watch() -> None:
    """Dispatch what is due of every unfinished run, the feed and the announcements; one process at a time."""
    with ledger.hold_lock("watch", 0) as is_ours:
        if is_ours:
            # What a lost message would have done follows from the ledger alone.
            for run in Run.objects.exclude(state__in=ENDED):
                advance_run(run)
            feed.ask_for_due()
            for run in announcing.find_due():
                announcing.announce(run)
            report_ended()


def advance_run(run: Run) -> None:
    """Dispatch again what a stalled run lacks, or the next callback of a run that has reached it.

    A callback checks the ledger itself, so it may be sent too early or twice.
    """
    # A stage takes seconds, so a run without a new mark for so long has lost its messages, or all of its workers.
    # Dispatching everything again is safe in both cases.
    if (datetime.now(UTC) - ledger.get_last_move(run)).total_seconds() > settings.INGEST_STALL_SECONDS:
        ledger.note(run, "stalled", f"{run} stood still: what is missing was dispatched again", by="watchdog")
        # The heartbeat and the expiry keep the tasks from piling up: while no worker takes them, each round would add
        # one, and each of them would dispatch the whole run.
        ledger.touch_heartbeat(run)
        start_run.apply_async((run.pk,), expires=settings.INGEST_STALL_SECONDS)
    elif run.state == RunState.EXTRACTING:
        files = list(ledger.find_incomplete_files(run))
        for file in files:
            # The chord's callback may be lost, as when Redis is emptied. The chunks are done, so only the callback is
            # sent again.
            if file.split_at is not None and not ledger.find_unsettled(file).exists():
                file_complete.delay(file.pk)
        if not files:
            extraction_complete.delay(run.pk)
    elif run.state == RunState.LINKING and not ledger.find_unlinked(run).exists():
        graph_complete.delay(run.pk)


@shared_task(name="tasks.watchdog.collect_dead_letters", ignore_result=True, acks_on_failure=True)
def collect_dead_letters() -> None:
    """Move RabbitMQ's dead messages into the ledger. Redis and Valkey have no dead-letter queue."""
    if queues.is_rabbitmq(settings.CELERY_BROKER_URL):
        with current_app.connection_for_read() as broker:
            dead_messages.collect(broker)


def report_ended() -> None:
    """Dispatch the markers of runs that ended a moment ago to the host with the dumps.

    A run may be ended by any host, and only the ``fetcher`` queue's worker is sure to have the folder of the dumps.
    """
    a_moment_ago = datetime.now(UTC) - timedelta(seconds=3 * settings.INGEST_WATCHDOG_SECONDS)
    folders = [str(dumps.folder) for dumps in DUMPS.values()]
    for run in Run.objects.filter(completed_at__gt=a_moment_ago, folder__in=folders):
        write_marker.apply_async((run.pk,), expires=settings.INGEST_STALL_SECONDS)
