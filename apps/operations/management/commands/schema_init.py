"""``manage.py schema_init``: create what PostgreSQL and Neo4j need before the first load."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from neo4j import Session

from apps.catalog import indexes, loader
from apps.catalog.models import TABLES
from apps.graph import schema
from apps.graph.cypher.schema import ANY_NODE
from apps.graph.session import session
from apps.stack import outages


class Command(BaseCommand):
    """Create tables, constraints and indexes. The command is idempotent and never drops anything."""

    help = "Create what is missing in PostgreSQL and Neo4j. Exit code 1 if a part failed; the others are done anyway."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Create each part, even if another part fails."""
        parts: list[tuple[str, Callable[[], Any]]] = [
            ("tables", lambda: call_command("migrate", interactive=False, verbosity=0)),
            ("constraints of the graph", lambda: call_in_graph(schema.create_constraints)),
            # Only where there are rows: indexes would slow down a first load, which creates them at its end.
            ("indexes of what is loaded", create_indexes),
            ("indexes of the graph", lambda: call_in_graph(create_unless_empty)),
        ]
        failed = [name for name, part in parts if not self.create_part(name, part)]
        if failed:
            raise CommandError(f"Not created: {', '.join(failed)}. Mend it and run schema_init again")

    def create_part(self, name: str, part: Callable[[], Any]) -> bool:
        """Create one part, print the outcome, and return whether it succeeded."""
        try:
            part()
        except Exception as error:  # noqa: BLE001 - the top of one part; the others must be tried
            self.stderr.write(f"{name}: {outages.explain(error) or outages.get_first_line(error)}")
            return False
        self.stdout.write(f"{name}: there")
        return True


def create_indexes() -> None:
    """Create the secondary indexes of the tables that have rows."""
    indexes.create([record_type for record_type in TABLES if not loader.is_empty(record_type)])


def create_unless_empty(opened: Session) -> None:
    """Create the indexes of the graph if it has nodes."""
    if opened.run(ANY_NODE).single() is not None:
        schema.create_indexes(opened)


def call_in_graph(create: Callable[[Any], None]) -> None:
    """Call a function with a session of the graph."""
    with session() as opened:
        create(opened)
