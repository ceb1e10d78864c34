"""``manage.py schema_init``: everything in PostgreSQL and Neo4j that must exist before the first load."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.catalog import indexes
from apps.graph import schema
from apps.graph.session import session


class Command(BaseCommand):
    """Create tables, constraints and indexes; nothing is ever dropped, and a second run changes nothing."""

    help = "Create what is missing in PostgreSQL and Neo4j. Exit code 1 if anything failed; the rest is done all the same."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the option that a first load wants."""
        parser.add_argument("--defer-indexes", action="store_true", help="leave the secondary indexes to the first load")

    def handle(self, *args: Any, defer_indexes: bool, **options: Any) -> None:  # noqa: ARG002
        """Do each part, whatever becomes of the others."""
        parts: list[tuple[str, Callable[[], Any]]] = [
            ("tables", lambda: call_command("migrate", interactive=False, verbosity=0)),
            ("constraints of the graph", lambda: in_graph(schema.create_constraints)),
        ]
        if not defer_indexes:
            parts += [("indexes", indexes.create), ("indexes of the graph", lambda: in_graph(schema.create_indexes))]
        failed = [name for name, part in parts if not self.succeeds(name, part)]
        if failed:
            raise CommandError(f"Not created: {', '.join(failed)}. Mend it and run schema_init again")

    def succeeds(self, name: str, part: Callable[[], Any]) -> bool:
        """Do one part and say what became of it."""
        try:
            part()
        except Exception as error:  # noqa: BLE001 - the top of one part; the others must be tried
            self.stderr.write(f"{name}: {str(error).splitlines()[0]}")
            return False
        self.stdout.write(f"{name}: there")
        return True


def in_graph(create: Callable[[Any], None]) -> None:
    """Run something on a session."""
    with session() as opened:
        create(opened)
