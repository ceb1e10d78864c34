"""Telling other apps that a run is complete: at least once, whoever dies meanwhile."""

from __future__ import annotations

from django.db.models import QuerySet
from django.db.models.functions import Now
from django.dispatch import Signal

from apps.ingest import ledger
from apps.ingest.models import COMPLETE, Run

# Sent with ``run``, in a worker, after everything of the run is committed. It may come twice, and comes again until no
# receiver raises: so a receiver queues its work and returns. What receives it is imported by every worker.
run_completed = Signal()


def due() -> QuerySet[Run]:
    """Return the complete runs that are still to be told of."""
    return Run.objects.filter(state__in=COMPLETE, announced_at__isnull=True).order_by("pk")


def announce(run: Run) -> None:
    """Tell of a run, if it is due; a receiver that fails is in the log, and all are told again later."""
    with ledger.only_one("announce", run.pk) as is_ours:
        if not is_ours or not due().filter(pk=run.pk).exists():
            return
        answers = run_completed.send_robust(sender=Run, run=run)
        if not any(isinstance(answer, Exception) for _, answer in answers):
            Run.objects.filter(pk=run.pk).update(announced_at=Now())
