"""Delete everything that loads wrote to the graph, before it is rebuilt."""

from __future__ import annotations

from apps.catalog.models import TABLES
from apps.graph.cypher import clearing as cypher
from apps.graph.session import session
from apps.ingest import ledger
from apps.ingest.models import DanglingReference
from apps.ingest.sources.discogs_ids import LAST_ID


def clear() -> None:
    """Delete the catalogue's nodes and relationships, a thousand at a time, and all dangling references.

    Releases that a user collected or wants stay: no load could restore their relationships with users.
    """
    # Debts first: if the process dies, or the run that rebuilds the graph fails, the next runs still bring every
    # record.
    for record_type in TABLES:
        ledger.owe(record_type, [(1, LAST_ID)])
    with session() as opened:
        for statement in cypher.CLEAR:
            # CALL … IN TRANSACTIONS is not allowed inside another transaction, so session.run() is used.
            opened.run(statement).consume()
    # Last: the run that follows enters them anew, from the same records.
    DanglingReference.objects.all().delete()
