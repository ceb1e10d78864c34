"""Writing the nodes of a chunk by their keys, before any property and relationship.

Genres, styles and people are shared by all chunks: they are merged in a transaction of their own, sorted, so that two
writers wait for each other in the same order.
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
    """Write a chunk's nodes and its mark; a repeat writes the same again and counts nothing."""
    with session() as opened:
        written = write_nodes(opened, chunk.file.type, orjson.loads(spool.read(f"{chunk.batch}.nodes")))
    ledger.mark(chunk, "graph", nodes_written=written.nodes_written)
    spool.delete(f"{chunk.batch}.nodes")
    return {"nodes_written": written.nodes_written}


def write_nodes(opened: Session, record_type: str, content: dict[str, Any]) -> Counters:
    """Write the nodes of some records and of what they share; ``content`` is as ``GraphRows.node_keys`` has it."""
    # A record that PostgreSQL refused has no row, and gets no node.
    nodes = sorted(loader.existing(record_type, content["nodes"]))
    written = write_rows(opened, RECORDS.get(record_type, ""), list(map(str, nodes)))
    for key, statement in SHARED.items():
        written += write_rows(opened, statement, content[key])
    return written


def write_rows(opened: Session, statement: str, rows: Sequence[Any]) -> Counters:
    """Run a statement over rows, a transaction for each batch."""
    written = Counters()
    for batch in batches(rows):
        written += write(opened, run_rows, statement, batch)
    return written
