"""``manage.py verify_graph``: check that the graph has what the tables have."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.catalog.models import TABLES
from apps.graph import session, verifying
from apps.ingest.errors import RunError
from apps.ingest.models import Run


class Command(BaseCommand):
    """Compare the nodes of all records with the tables. The next run writes the records that differ."""

    help = "Compare the node of every record with its row. What differs becomes a debt: the next run writes it again."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options."""
        parser.add_argument("--json", action="store_true", help="print the result as JSON, alone on stdout")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Compare, print the differences, and exit with an error if there are any."""
        unfinished = Run.objects.filter(completed_at__isnull=True).first()
        if unfinished:
            raise CommandError(f"Run {unfinished.pk} is still going on: verify when it has ended (manage.py runs)")
        try:
            session.require()
        except RunError as error:
            raise CommandError(str(error)) from error
        found = {record_type: verifying.verify(record_type) for record_type in TABLES}
        figures = {
            record_type: {"missing": each.missing, "differing": each.differing, "extra": each.extra}
            for record_type, each in found.items()
        }
        if options["json"]:
            self.stdout.write(json.dumps(figures))
        else:
            for record_type, each in figures.items():
                self.stdout.write(
                    f"{record_type:<10}" + "".join(f"{value:>10,} {name}" for name, value in each.items())
                )
        if any(not each.is_none for each in found.values()):
            raise CommandError(
                "The graph differs from the tables. The next run writes what is missing or differs;"
                " manage.py rebuild_graph makes all of it again, and is what removes extra nodes"
            )
