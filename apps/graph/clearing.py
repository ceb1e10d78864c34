"""Deleting everything that a load wrote, before the graph is made again."""

from __future__ import annotations

from apps.graph.cypher import clearing as cypher
from apps.graph.session import session
from apps.ingest.models import DanglingReference


def clear() -> None:
    """Delete the catalogue's nodes with their relationships, some thousand at a time, and forget what dangles.

    Releases that somebody collected or wants stay: their relationships with users are not ours to make again.
    """
    with session() as opened:
        for statement in cypher.CLEAR:
            # Transactions of its own need a statement outside of any other.
            opened.run(statement).consume()
    DanglingReference.objects.all().delete()
