"""``manage.py compute_insights``: compute insights now, in this process."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.insights.computing import running
from apps.insights.models import Computation, ComputationStatus


class Command(BaseCommand):
    """Computes the insights that are named, or all, one after the other; a failure leaves the others."""

    help = "Compute insights now, in this process: all, or those that are named. It goes on with an interrupted one."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the names of insights."""
        parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(running.INSIGHTS)}")

    def handle(self, *_: Any, names: list[str], **__: Any) -> None:
        """Compute the insights and say how each ended."""
        if unknown := [name for name in names if name not in running.INSIGHTS]:
            raise CommandError(f"There is no insight {unknown[0]!r}: give some of {', '.join(running.INSIGHTS)}")
        failed = [name for name in names or running.INSIGHTS if not self.compute(name)]
        if failed:
            raise CommandError(f"Failed: {', '.join(failed)}. The earlier results stay; the log has the errors")

    def compute(self, name: str) -> bool:
        """Compute an insight; return False if that failed."""
        try:
            running.compute(name)
        except running.Busy:
            self.stdout.write(f"{name}: another process computes it")
            return True
        except Exception as error:  # noqa: BLE001 - a failure leaves the others
            running.give_up(name, error)
            self.stderr.write(f"{name}: {type(error).__name__}: {error}")
            return False
        ended = Computation.objects.filter(insight_type=name).exclude(status=ComputationStatus.RUNNING).latest("pk")
        self.stdout.write(f"{name}: {ended.rows_affected} rows in {(ended.duration_ms or 0) / 1000:.1f} s")
        return True
