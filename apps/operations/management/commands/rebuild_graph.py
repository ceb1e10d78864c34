"""``manage.py rebuild_graph``: the graph again, from PostgreSQL alone."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from apps.ingest.models import Source
from apps.operations import runs
from apps.operations.management.run_command import RunCommand


class Command(RunCommand):
    """Delete what the graph has of the catalogue and load it from the tables."""

    help = "Delete what the graph holds of the catalogue and make it again from the tables, by the same loading tasks."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options of every run."""
        self.add_run_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Start a run over the tables and see it through."""
        self.carry_out(lambda: runs.rebuild_graph(by=runs.command_line()), Source.DISCOGS, options)
