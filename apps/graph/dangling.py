"""Dangling references: references to records that no dump has yet.

They are kept in PostgreSQL. When a run brings the other end, they become relationships.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db import connection
from neo4j import Session

from apps.catalog import loader
from apps.catalog.models import REVISION
from apps.graph.cypher import dangling as cypher
from apps.graph.rows import Row, batches
from apps.graph.session import Counters, run_rows, session, write
from apps.ingest import ledger
from apps.ingest.models import DanglingReference


@dataclass(frozen=True, slots=True)
class Reference:
    """A list of ids in a link row: which relationship it asserts, from which end, and to which type of record."""

    key: str
    relationship: str
    direction: str  # out: the record is the start of the relationship; in: its end
    target_type: str


BY = Reference("artists", "BY", "out", "artists")
REFERENCES = {
    "artists": (
        Reference("aliases", "ALIAS_OF", "in", "artists"),
        Reference("members", "MEMBER_OF", "in", "artists"),
        Reference("groups", "MEMBER_OF", "out", "artists"),
    ),
    "labels": (
        Reference("parents", "SUBLABEL_OF", "out", "labels"),
        Reference("sublabels", "SUBLABEL_OF", "in", "labels"),
    ),
    "masters": (BY,),
    "releases": (
        BY,
        Reference("labels", "ON", "out", "labels"),
        Reference("masters", "DERIVED_FROM", "out", "masters"),
    ),
}

# The dangling references of one kind whose ends are both in the tables now.
REVIVABLE = """
SELECT dangling.id, dangling.record_id::text, dangling.target_id::text
FROM ingest_danglingreference AS dangling
JOIN {target} AS target ON target.data_id = dangling.target_id
JOIN {record} AS record ON record.data_id = dangling.record_id
WHERE dangling.record_type = %(record)s AND dangling.target_type = %(target)s
    AND dangling.relationship = %(relationship)s AND dangling.direction = %(direction)s
ORDER BY dangling.record_id, dangling.target_id
"""


class Ends:
    """Knows which of the records that a chunk refers to have a node.

    Without a session, every record of the tables will have one: the graph is loaded in bulk.
    """

    def __init__(self, source: str, opened: Session | None) -> None:
        self.source = source
        self.opened = opened
        self.existing: dict[str, set[int]] = {}
        self.must_ask: dict[str, bool] = {}

    def look_up(self, record_type: str, rows: Sequence[Row]) -> None:
        """Look up the targets of these rows' references, with one query for each type of target."""
        wanted: dict[str, set[int]] = {}
        for reference in REFERENCES[record_type]:
            wanted.setdefault(reference.target_type, set()).update(each for row in rows for each in row[reference.key])
        self.existing = {target: self.find_with_node(target, ids) for target, ids in wanted.items() if ids}

    def find_with_node(self, record_type: str, ids: Iterable[int]) -> set[int]:
        """Return the ids that have a node."""
        # Usually a record has a node if it has a row (decision 13). Only while there are debts may the graph lack nodes
        # of existing rows, and then Neo4j is asked as well.
        existing = loader.find_existing(record_type, ids)
        if self.opened is None:
            return existing
        if record_type not in self.must_ask:
            self.must_ask[record_type] = ledger.may_lack_nodes(self.source, record_type)
        if not self.must_ask[record_type]:
            return existing
        return set(map(int, find_with_node(self.opened, record_type, map(str, existing))))

    def exists(self, target_type: str, data_id: int) -> bool:
        """Tell whether a record has a node, after ``look_up``."""
        return data_id in self.existing.get(target_type, ())

    def resolve(self, record_type: str, row: Row) -> Row:
        """Return a link row for Cypher: only with references that have a node, and all ids as strings."""
        resolved = {**row, "id": str(row["id"]), "rev": REVISION}
        for reference in REFERENCES[record_type]:
            existing = self.existing.get(reference.target_type, ())
            resolved[reference.key] = [str(each) for each in row[reference.key] if each in existing]
        return resolved


def replace(record_type: str, rows: Sequence[Row], ends: Ends) -> None:
    """Replace the dangling references of these records by their present ones.

    Those of new records are deleted as well. The record may have been removed and have come back, and the run in
    between may have ended before it updated the graph.
    """
    # Deleting and inserting need not be one transaction: if the process dies in between, the stage is repeated and
    # inserts them again.
    DanglingReference.objects.filter(record_type=record_type, record_id__in=[row["id"] for row in rows]).delete()
    DanglingReference.objects.bulk_create(
        (
            DanglingReference(
                record_type=record_type,
                record_id=row["id"],
                relationship=reference.relationship,
                direction=reference.direction,
                target_type=reference.target_type,
                target_id=target_id,
            )
            for reference in REFERENCES[record_type]
            for row in rows
            for target_id in row[reference.key]
            if not ends.exists(reference.target_type, target_id)
        ),
        ignore_conflicts=True,
        batch_size=5000,
    )


def revive() -> Counters:
    """Write the relationships of dangling references whose other end exists now. Idempotent, since it uses MERGE."""
    written = Counters()
    for record_type, references in REFERENCES.items():
        for reference in references:
            for batch in batches(find_revivable(record_type, reference)):
                written += revive_batch(record_type, reference, batch)
    return written


def revive_batch(record_type: str, reference: Reference, batch: Sequence[tuple[int, str, str]]) -> Counters:
    """Write the relationships of a batch of dangling references; keep those of which an end has no node."""
    with session() as opened:
        records = find_with_node(opened, record_type, (record_id for _, record_id, _ in batch))
        targets = find_with_node(opened, reference.target_type, (target_id for _, _, target_id in batch))
        # The table has both records, and the graph may still lack a node while there are debts. Such a reference waits
        # for the run that pays them.
        alive = [each for each in batch if each[1] in records and each[2] in targets]
        rows = [[record_id, target_id] for _, record_id, target_id in alive]
        statement = cypher.REVIVE[record_type, reference.relationship, reference.direction]
        written = write(opened, run_rows, statement, rows)
    # Deleted after the graph's commit: if the process dies in between, they are merged once more.
    DanglingReference.objects.filter(pk__in=[pk for pk, _, _ in alive]).delete()
    return written


def find_with_node(opened: Session, record_type: str, ids: Iterable[str]) -> set[str]:
    """Return the ids that have a node in the graph."""
    return set(opened.run(cypher.FIND[record_type], ids=sorted(set(ids))).value())


def find_revivable(record_type: str, reference: Reference) -> Iterator[tuple[int, str, str]]:
    """Yield (row's key, record's id, target's id) of dangling references whose two records are in the tables."""
    parameters = {
        "record": record_type,
        "target": reference.target_type,
        "relationship": reference.relationship,
        "direction": reference.direction,
    }
    with connection.cursor() as cursor:
        cursor.execute(REVIVABLE.format(target=reference.target_type, record=record_type), parameters)
        yield from cursor.fetchall()
