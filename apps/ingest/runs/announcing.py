"""Announce complete runs to other apps, at least once, whichever process dies meanwhile."""

from __future__ import annotations

from django.db.models import QuerySet
from django.db.models.functions import Now
from django.dispatch import Signal

from apps.ingest import ledger
from apps.ingest.models import COMPLETE, Run

# Sent with ``run``, in a worker, after everything of the run is committed. It may be delivered twice, and is sent again
# until no receiver raises. So a receiver must be idempotent and short: it queues its work and returns. Every worker
# imports the receivers.
run_completed = Signal()


def find_due() -> QuerySet[Run]:
    """Return the complete runs that are not announced yet, oldest first."""
    return Run.objects.filter(state__in=COMPLETE, announced_at__isnull=True).order_by("pk")


def announce(run: Run) -> None:
    """Announce a run if that is due. If a receiver raises, the error is logged and all receivers are called later."""
    with ledger.hold_lock("announce", run.pk) as is_ours:
        if not is_ours or not find_due().filter(pk=run.pk).exists():
            return
        # Sent first, noted second: a process that dies in between sends it twice rather than never.
        answers = run_completed.send_robust(sender=Run, run=run)
        if not any(isinstance(answer, Exception) for _, answer in answers):
            Run.objects.filter(pk=run.pk).update(announced_at=Now())
