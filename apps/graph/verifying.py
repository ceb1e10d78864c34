"""Compare the graph with the tables, node by node, by the hash of the record.

A node has the hash of the record whose relationships were written last. So equal hashes mean that the node is linked as
the table has it. Relationships that were changed by hand are not noticed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from neo4j import Session

from apps.catalog import loader
from apps.graph.cypher import verifying as cypher
from apps.graph.rows import batches
from apps.graph.session import session
from apps.ingest import ledger

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
SELECT data_id, encode(hash, 'hex')
FROM {table}
ORDER BY data_id
"""

Hashed = tuple[int, str]


@dataclass(slots=True)
class Difference:
    """The numbers of records without a node, of nodes of another version, and of nodes without a record."""

    missing: int = 0
    differing: int = 0
    extra: int = 0

    @property
    def is_none(self) -> bool:
        """Whether there is no difference."""
        return not (self.missing or self.differing or self.extra)


def verify(record_type: str) -> Difference:
    """Compare every record of a type with its node. Those that differ become debts, which the next run pays."""
    found, records = Difference(), 0
    owed: list[tuple[int, int]] = []
    with session() as opened:
        for rows in batches(hashes(record_type)):
            records += len(rows)
            differing = compare(opened, record_type, rows)
            found.missing += sum(not has_node for has_node in differing.values())
            found.differing += sum(differing.values())
            owed += ranges_of(rows, differing)
        nodes = opened.run(COUNT[record_type]).single(strict=True).value()
    # By number, not by id: to name them, the graph would have to list all of its nodes. A load at the same time may
    # make the difference negative.
    found.extra = max(nodes - (records - found.missing), 0)
    # Entered last, in one piece. If the process dies before, nothing is owed, and the command is simply run again.
    ledger.owe(record_type, ledger.merge_ranges(owed))
    return found


def hashes(record_type: str) -> Iterator[Hashed]:
    """Yield (id, hash) of all records of a table, ids ascending."""
    with loader.server_cursor() as cursor:
        cursor.execute(loader.statement(HASHES, record_type))
        yield from cursor


def compare(opened: Session, record_type: str, rows: Sequence[Hashed]) -> dict[int, bool]:
    """Return id → whether it has a node, for the records that are not linked or linked in another version."""
    sent = [[str(data_id), sha256] for data_id, sha256 in rows]
    found = opened.execute_read(lambda reading: reading.run(DIFFERING[record_type], rows=sent).values())
    return {int(data_id): has_node for data_id, has_node in found}


def ranges_of(rows: Sequence[Hashed], differing: Collection[int]) -> Iterator[tuple[int, int]]:
    """Yield the ranges of ids in which every record differs. An empty graph gives one range for each batch."""
    for differs, group in groupby((data_id for data_id, _ in rows), key=lambda data_id: data_id in differing):
        if differs:
            ids = list(group)
            yield ids[0], ids[-1]
