"""What a user can do about runs. All of it ends in the one task that dispatches what the ledger lacks."""

from __future__ import annotations

from typing import Any

from apps.catalog import loader
from apps.ingest import ledger, runs
from apps.ingest.models import Run
from tasks.extractor import start_run


def start(*, by: str, **options: Any) -> Run:
    """Start a run with the options of ``runs.start``; it raises what that raises."""
    run = runs.start(is_empty=loader.is_empty, **options)
    ledger.note(run, "started", f"{run} was started by {by}")
    start_run.delay(run.pk)
    return run


def resume(run: Run, *, by: str) -> None:
    """Make a run go on.

    Raises:
        RunError: It has ended.
    """
    runs.resume(run)
    ledger.note(run, "resumed", f"{run} was resumed by {by}")
    start_run.delay(run.pk)


def cancel(run: Run, *, by: str) -> None:
    """End a run where it is.

    Raises:
        RunError: It has ended.
    """
    runs.cancel(run)
    ledger.note(run, "cancelled", f"{run} was cancelled by {by}")
