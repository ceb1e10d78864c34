"""``manage.py runs``: list runs, or show, cancel or resume one."""

from __future__ import annotations

from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.ingest.errors import RunError
from apps.ingest.models import Run
from apps.ingest.progress import summaries
from apps.operations import describing, following, runs

ACTIONS = ("list", "show", "cancel", "resume")


def parse_action(text: str) -> str:
    """Parse the action. A number is also accepted: that of a run to show."""
    if text not in ACTIONS and not text.isdecimal():
        raise ArgumentTypeError(f"{text!r}: give the number of a run, or one of {', '.join(ACTIONS)}")
    return text


class Command(BaseCommand):
    """List, show, cancel or resume runs."""

    help = (
        "List runs; `runs N` shows one, `runs cancel N` ends one where it is, `runs resume N` dispatches what it lacks."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the action and the run's number."""
        parser.add_argument(
            "action", nargs="?", type=parse_action, default="list", help=f"{', '.join(ACTIONS)}, or a number"
        )
        parser.add_argument("run", nargs="?", type=int, help="number of the run")

    def handle(self, *args: Any, action: str, run: int | None, **options: Any) -> None:  # noqa: ARG002
        """Run the action."""
        if action.isdecimal():
            action, run = "show", int(action)
        if action == "list":
            self.list_runs()
            return
        if run is None:
            raise CommandError(f"Say which run to {action}: manage.py runs lists them")
        found = Run.objects.filter(pk=run).first() if run < 2**63 else None
        if found is None:
            raise CommandError(f"There is no run {run}: manage.py runs lists them")
        if action == "show":
            self.show(found)
            return
        try:
            if action == "cancel":
                runs.cancel(found, by=runs.name_command_line())
            else:
                runs.resume(found, by=runs.name_command_line())
        except (RunError, runs.DispatchError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Run {run}: {'cancelled' if action == 'cancel' else 'resumed'}")

    def show(self, run: Run) -> None:
        """Print the counts and the description of one run."""
        following.print_table(run)
        for line in describing.describe_run(run):
            self.stdout.write(line)

    def list_runs(self) -> None:
        """Print the last 20 runs, newest first."""
        latest = list(Run.objects.order_by("-pk")[:20])
        totals = summaries.summarise_runs(latest)
        for found in latest:
            total = totals[found.pk]
            by = f" by {found.started_by}" if found.started_by else ""
            self.stdout.write(
                f"{found.pk:>5}  {found.source} {found.version}  {following.describe_state(found):<28}"
                f" started {found.started_at:%Y-%m-%d %H:%M}{by}"
                f"  {total.new:,} new, {total.changed:,} changed, {total.removed:,} removed {found.error}".rstrip()
            )
