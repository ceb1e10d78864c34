"""Comparing the graph with the tables, for whoever wants to be sure: node by node, by the hash of its record.

A node has the hash of the record whose relationships were last written, so equal hashes say that the node is linked as
the table has it. Relationships that somebody changed by hand are not seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.db.models.functions import Greatest
from neo4j import Session

from apps.catalog import loader
from apps.graph.cypher import verifying as cypher
from apps.graph.rows import batches
from apps.graph.session import session
from apps.ingest.models import Chunk

DIFFERING = {
    "artists": cypher.DIFFERING_ARTISTS,
    "labels": cypher.DIFFERING_LABELS,
    "masters": cypher.DIFFERING_MASTERS,
    "releases": cypher.DIFFERING_RELEASES,
}
COUNT = {
    "artists": cypher.COUNT_ARTISTS,
    "labels": cypher.COUNT_LABELS,
    "masters": cypher.COUNT_MASTERS,
    "releases": cypher.COUNT_RELEASES,
}

HASHES = """
SELECT data_id, encode(hash, 'hex'), chunk_id
FROM {table}
"""


@dataclass(slots=True)
class Difference:
    """How the graph differs from a table: records without a node, nodes of another version, nodes without a record."""

    missing: int = 0
    differing: int = 0
    extra: int = 0
    chunks: set[int] = field(default_factory=set)

    @property
    def is_none(self) -> bool:
        """Whether there is no difference."""
        return not (self.missing or self.differing or self.extra)


def verify(record_type: str) -> Difference:
    """Compare every record of a type with its node; the chunks that wrote those that differ owe them to the graph."""
    found, records = Difference(), 0
    with session() as opened:
        for rows in batches(hashes(record_type)):
            records += len(rows)
            compare(opened, DIFFERING[record_type], rows, found)
        nodes = opened.run(COUNT[record_type]).single(strict=True).value()
    found.extra = max(nodes - (records - found.missing), 0)
    owe(found.chunks)
    return found


def hashes(record_type: str) -> Iterator[tuple[int, str, int]]:
    """Yield (id, hash, chunk that wrote it) of all records of a table."""
    with loader.server_cursor() as cursor:
        cursor.execute(loader.statement(HASHES, record_type))
        yield from cursor


def compare(opened: Session, statement: str, rows: Sequence[tuple[int, str, int]], found: Difference) -> None:
    """Add to ``found`` what differs among some records."""
    chunk_of = {str(data_id): chunk_id for data_id, _, chunk_id in rows}
    sent = [[str(data_id), sha256] for data_id, sha256, _ in rows]
    for data_id, has_node in opened.execute_read(lambda transaction: transaction.run(statement, rows=sent).values()):
        found.differing += has_node
        found.missing += not has_node
        found.chunks.add(chunk_of[data_id])


def owe(chunk_ids: set[int]) -> None:
    """Make chunks debts: the next run treats the records of their ranges as changed for the graph."""
    Chunk.objects.filter(pk__in=chunk_ids).update(
        graphed_at=None, linked_at=None, paid_at=None, for_graph=Greatest("for_graph", 1)
    )
