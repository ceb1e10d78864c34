"""Deleting everything that a load wrote, before the graph is made again."""

from __future__ import annotations

from apps.catalog.models import TABLES
from apps.graph.cypher import clearing as cypher
from apps.graph.session import session
from apps.ingest import ledger
from apps.ingest.models import DanglingReference
from apps.ingest.sources.discogs_ids import LAST_ID


def clear() -> None:
    """Delete the catalogue's nodes with their relationships, some thousand at a time, and forget what dangles.

    From then on every record is owed, whatever becomes of the run that is to bring them back.

    Releases that somebody collected or wants stay: their relationships with users are not ours to make again.
    """
    for record_type in TABLES:
        ledger.owe(record_type, [(1, LAST_ID)])
    with session() as opened:
        for statement in cypher.CLEAR:
            # Transactions of its own need a statement outside of any other.
            opened.run(statement).consume()
    DanglingReference.objects.all().delete()
