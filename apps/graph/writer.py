"""Write the nodes of a chunk by their keys, before any property and relationship (decision 18).

Genres, styles and people are shared by all chunks. They are merged in transactions of their own, in sorted order, so
that two writers take their locks in the same order and do not deadlock.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from neo4j import Session

from apps.catalog import loader
from apps.graph.cypher import nodes as cypher
from apps.graph.rows import batches
from apps.graph.session import Counters, run_rows, session, write
from apps.ingest import ledger
from apps.ingest.chunks import spool
from apps.ingest.models import Chunk

RECORDS = {"artists": cypher.MERGE_ARTISTS, "labels": cypher.MERGE_LABELS, "masters": cypher.MERGE_MASTERS}
SHARED = {"genres": cypher.MERGE_GENRES, "styles": cypher.MERGE_STYLES, "people": cypher.MERGE_PEOPLE}


def load(chunk: Chunk) -> dict[str, int]:
    """Write a chunk's nodes, then its mark. A repeat merges the same nodes and counts none."""
    with session() as opened:
        written = write_nodes(opened, chunk.file.type, orjson.loads(spool.read(f"{chunk.batch}.nodes")))
    # Neo4j and PostgreSQL share no transaction. The mark comes after the nodes: if the process dies in between, the
    # stage is repeated, which is idempotent. The blob is deleted last, since a repeat needs it.
    ledger.mark(chunk, "graph", nodes_written=written.nodes_written)
    spool.delete(f"{chunk.batch}.nodes")
    return {"nodes_written": written.nodes_written}


def write_nodes(opened: Session, record_type: str, content: dict[str, Any]) -> Counters:
    """Write the nodes of records, genres, styles and people; ``content`` is the result of ``GraphRows.node_keys``."""
    # A record that PostgreSQL refused has no row, so it gets no node.
    # Sorted, as all writers sort: two transactions that take the same locks in the same order wait for each other
    # instead of deadlocking.
    nodes = sorted(loader.find_existing(record_type, content["nodes"]))
    written = write_rows(opened, RECORDS.get(record_type, ""), list(map(str, nodes)))
    for key, statement in SHARED.items():
        written += write_rows(opened, statement, content[key])
    return written


def write_rows(opened: Session, statement: str, rows: Sequence[Any]) -> Counters:
    """Run a statement over rows, with one transaction for each batch."""
    written = Counters()
    for batch in batches(rows):
        written += write(opened, run_rows, statement, batch)
    return written
