"""``manage.py rebuild_graph``: rebuild the graph from PostgreSQL (decision 11)."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from apps.ingest.models import Source
from apps.operations import runs
from apps.operations.management.run_command import RunCommand


class Command(RunCommand):
    """Delete the catalogue's part of the graph and load it from the tables."""

    help = "Delete what the graph holds of the catalogue and make it again from the tables, by the same loading tasks."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options that all commands with a run have."""
        self.add_run_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Start a run over the tables and follow it to its end."""
        self.carry_out(lambda: runs.rebuild_graph(by=runs.name_command_line()), Source.DISCOGS, options)
