"""Celery tasks that finish a run (queue ``maintenance``): the steps after the last relationship, one task each."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from apps.dashboard import samples
from apps.ingest import ledger
from apps.ingest.models import Run, RunState
from apps.ingest.runs import announcing, starting
from tasks.pipelines import do_maintenance
from tasks.settled import settled_task


@settled_task(about="run")
def graph_complete(run_id: int) -> Any:
    """Begin maintenance when every chunk is linked."""
    run = Run.objects.get(pk=run_id)
    if ledger.unlinked(run).exists():
        return None
    if not Run.objects.filter(pk=run_id, state=RunState.LINKING).update(state=RunState.MAINTAINING):
        return None
    return maintain.si(run_id)


@settled_task(about="run")
def maintain(run_id: int) -> Any:
    """Do the next step of maintenance; after the last one the run is complete."""
    with ledger.only_one("maintain", run_id) as is_ours:
        run = Run.objects.get(pk=run_id)
        if not is_ours or run.state != RunState.MAINTAINING:
            return None
        if do_maintenance(run):
            return maintain.si(run_id)
        starting.complete(run)
        announcing.announce(run)
    return None


# A sample that failed is followed by the next one: its message is not worth a dead letter.
@shared_task(name="tasks.maintenance.collect_samples", ignore_result=True, acks_on_failure=True)
def collect_samples() -> dict[str, int]:
    """Take a sample of every queue and server, and delete old ones (beat)."""
    return samples.collect()
