"""``manage.py runs``: list runs, cancel or resume one."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.ingest import ledger
from apps.ingest.errors import RunError
from apps.ingest.models import Run
from apps.ingest.runs import starting
from tasks.extractor import start_run


class Command(BaseCommand):
    """List, cancel or resume runs."""

    help = "List runs; `runs cancel N` ends one where it is, `runs resume N` dispatches what it lacks."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the action and the run's number."""
        parser.add_argument("action", nargs="?", choices=("list", "cancel", "resume"), default="list")
        parser.add_argument("run", nargs="?", type=int, help="number of the run")

    def handle(self, *args: Any, action: str, run: int | None, **options: Any) -> None:  # noqa: ARG002
        """Do what is asked."""
        if action == "list":
            self.list_runs()
            return
        if run is None:
            raise CommandError(f"Say which run to {action}: manage.py runs lists them")
        found = Run.objects.filter(pk=run).first()
        if found is None:
            raise CommandError(f"There is no run {run}: manage.py runs lists them")
        try:
            if action == "cancel":
                starting.cancel(found)
            else:
                starting.resume(found)
                start_run.delay(found.pk)
        except RunError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Run {run}: {'cancelled' if action == 'cancel' else 'resumed'}")

    def list_runs(self) -> None:
        """Print the last runs, newest first."""
        for found in Run.objects.order_by("-pk")[:20]:
            counts = ledger.type_counts(found).values()
            new, changed, removed = (sum(count[name] for count in counts) for name in ("new", "changed", "removed"))
            self.stdout.write(
                f"{found.pk:>5}  {found.source} {found.version}  {found.state:<24}"
                f" started {found.started_at:%Y-%m-%d %H:%M}"
                f"  {new:,} new, {changed:,} changed, {removed:,} removed {found.error}".rstrip()
            )
