"""Delete the nodes of records that the purge deleted from the tables (docs/contract/data.md#removal-from-the-graph).

References of other records to them become dangling references, until the record comes back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db import transaction
from django.db.models.functions import Now
from neo4j import ManagedTransaction, Session

from apps.catalog import loader
from apps.graph.cypher import removal as cypher
from apps.graph.rows import batches
from apps.graph.session import Counters, run, session, write
from apps.ingest.models import DanglingReference, RemovedEntity

READ = {"artists": cypher.READ_ARTISTS, "labels": cypher.READ_LABELS, "masters": cypher.READ_MASTERS}
DELETE = {
    "artists": (cypher.DELETE_ARTISTS,),
    "labels": (cypher.DELETE_LABELS,),
    "masters": (cypher.DELETE_MASTERS,),
    "releases": (cypher.UNCOUNT_PEOPLE, cypher.KEEP_RELEASES, cypher.DELETE_RELEASES),
}
# List that READ returns → (type of the asserting record, relationship, the record's end of it).
ASSERTED = {
    "releases_by": ("releases", "BY", "out"),
    "masters_by": ("masters", "BY", "out"),
    "aliases": ("artists", "ALIAS_OF", "in"),
    "members": ("artists", "MEMBER_OF", "in"),
    "groups": ("artists", "MEMBER_OF", "out"),
    "labels": ("releases", "ON", "out"),
    "parents": ("labels", "SUBLABEL_OF", "out"),
    "sublabels": ("labels", "SUBLABEL_OF", "in"),
    "masters": ("releases", "DERIVED_FROM", "out"),
}


def remove() -> Counters:
    """Delete every node whose record was purged and has not come back; return the counts."""
    written = Counters()
    for record_type in DELETE:
        due = RemovedEntity.objects.filter(
            record_type=record_type, purged_at__isnull=False, unlinked_at__isnull=True, mbid__isnull=True
        )
        for batch in batches(due.order_by("data_id").values_list("data_id", flat=True).distinct().iterator()):
            # A record may have come back since the purge, by a later run. Its node stays, since the table has the
            # record again.
            written += remove_batch(record_type, sorted(set(batch) - loader.find_existing(record_type, batch)))
            # After the graph's commit: if the process dies in between, the batch is repeated, which changes nothing.
            due.filter(data_id__in=batch).update(unlinked_at=Now())
    return written


def remove_batch(record_type: str, ids: Sequence[int]) -> Counters:
    """Delete nodes. Their dangling references are written before, so that a repeat after a crash loses none."""
    keys = [str(each) for each in ids]
    with session() as opened:
        if record_type in READ:
            # Releases are not in READ: no record of a dump refers to a release.
            keep_references(record_type, opened, keys)
        # References that the removed records asserted themselves are void, including those written just now.
        DanglingReference.objects.filter(record_type=record_type, record_id__in=ids).delete()
        return write(opened, delete, record_type, keys)


def keep_references(record_type: str, opened: Session, keys: Sequence[str]) -> None:
    """Store the references of other records to nodes that are about to be deleted."""
    rows = list(opened.execute_read(lambda reading: list(reading.run(READ[record_type], ids=keys))))
    with transaction.atomic():
        DanglingReference.objects.bulk_create(
            (
                DanglingReference(
                    record_type=asserting,
                    record_id=int(other),
                    relationship=relationship,
                    direction=direction,
                    target_type=record_type,
                    target_id=int(row["id"]),
                )
                for row in rows
                for key, (asserting, relationship, direction) in list_asserted(row.keys())
                for other in row[key]
            ),
            ignore_conflicts=True,
            batch_size=5000,
        )


def list_asserted(keys: Sequence[str]) -> Iterator[tuple[str, tuple[str, str, str]]]:
    """Yield the entries of ``ASSERTED`` for the keys of a row."""
    return ((key, ASSERTED[key]) for key in keys if key in ASSERTED)


def delete(transaction: ManagedTransaction, record_type: str, keys: Sequence[str]) -> Counters:
    """Delete nodes with their relationships."""
    written = Counters()
    for statement in DELETE[record_type]:
        written += run(transaction, statement, ids=keys)
    return written
