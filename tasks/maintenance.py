"""Celery tasks that finish a run (queue ``maintenance``): the steps after the last relationship, one task for each."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from apps.dashboard import samples
from apps.dashboard.live import store
from apps.ingest import ledger
from apps.ingest.models import Run, RunState
from apps.ingest.runs import announcing, starting
from tasks.insights import compute_all
from tasks.pipelines import do_maintenance
from tasks.settled import settled_task


@settled_task(about="run")
def graph_complete(run_id: int) -> Any:
    """Begin maintenance if every chunk is linked."""
    run = Run.objects.get(pk=run_id)
    if ledger.find_unlinked(run).exists():
        return None
    # A conditional UPDATE: of several deliveries only one begins maintenance.
    if not Run.objects.filter(pk=run_id, state=RunState.LINKING).update(state=RunState.MAINTAINING):
        return None
    return maintain.si(run_id)


@settled_task(about="run")
def maintain(run_id: int) -> Any:
    """Do the next step of maintenance and dispatch this task again; after the last step, complete the run."""
    with ledger.hold_lock("maintain", run_id) as is_ours:
        run = Run.objects.get(pk=run_id)
        if not is_ours or run.state != RunState.MAINTAINING:
            return None
        if do_maintenance(run):
            return maintain.si(run_id)
        starting.complete(run)
        announcing.announce(run)
        compute_all.delay()
    return None


# acks_on_failure: a failed message does not become a dead letter, since the next sample follows soon.
@shared_task(name="tasks.maintenance.collect_samples", ignore_result=True, acks_on_failure=True)
def collect_samples() -> dict[str, int]:
    """Take a sample of every queue and server, and delete old samples (sent by beat)."""
    return samples.collect(store.read_queues())
