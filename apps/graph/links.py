"""Write the relationships of a chunk's records, after every node of the run exists.

A record that is new to the tables gets its relationships by plain creates. Every other record is reconciled: its own
relationships are read and compared, and only differences are written. So is a new record that turns out to be in the
graph already. Reconciling compares with the graph itself, so it also repairs a graph that differs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from neo4j import ManagedTransaction, Session
from neo4j.exceptions import ConstraintError

from apps.catalog import loader
from apps.graph import dangling
from apps.graph.cypher import links as cypher
from apps.graph.dangling import Ends
from apps.graph.people import People, write_shared
from apps.graph.rows import Row
from apps.graph.session import Counters, run, session, write
from apps.ingest import ledger
from apps.ingest.chunks import spool
from apps.ingest.models import Chunk


@dataclass(frozen=True, slots=True)
class Relationship:
    """One kind of relationship of a record: the key of its list in a link row and the statements that change it."""

    key: str
    create: str
    delete: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """The statements that link the records of one type.

    ``at_once``: ``link_new`` writes the relationships itself, together with the node.
    """

    link_new: str
    touch: str
    read: str
    relationships: tuple[Relationship, ...]
    at_once: bool


SHAPES = {
    "releases": Shape(
        cypher.LINK_NEW_RELEASES,
        cypher.TOUCH_RELEASES,
        cypher.READ_RELEASES,
        (
            Relationship("artists", cypher.CREATE_RELEASE_BY, (cypher.DELETE_RELEASE_BY,)),
            Relationship("labels", cypher.CREATE_ON, (cypher.DELETE_ON,)),
            Relationship("masters", cypher.CREATE_DERIVED_FROM, (cypher.DELETE_DERIVED_FROM,)),
            Relationship("genres", cypher.CREATE_RELEASE_GENRE, (cypher.DELETE_RELEASE_GENRE,)),
            Relationship("styles", cypher.CREATE_RELEASE_STYLE, (cypher.DELETE_RELEASE_STYLE,)),
            Relationship("credits", cypher.CREATE_CREDITED_ON, (cypher.DELETE_CREDITED_ON,)),
        ),
        at_once=True,
    ),
    "masters": Shape(
        cypher.LINK_NEW_MASTERS,
        cypher.TOUCH_MASTERS,
        cypher.READ_MASTERS,
        (
            Relationship("artists", cypher.CREATE_MASTER_BY, (cypher.DELETE_MASTER_BY,)),
            Relationship("genres", cypher.CREATE_MASTER_GENRE, (cypher.DELETE_MASTER_GENRE,)),
            Relationship("styles", cypher.CREATE_MASTER_STYLE, (cypher.DELETE_MASTER_STYLE,)),
        ),
        at_once=True,
    ),
    "artists": Shape(
        cypher.LINK_NEW_ARTISTS,
        cypher.TOUCH_ARTISTS,
        cypher.READ_ARTISTS,
        (
            Relationship("aliases", cypher.CREATE_ALIAS_OF, (cypher.DELETE_ALIAS_OF,)),
            # Both ends may assert these: the group lists its members, and the member its groups. Each end has a mark of
            # its own on the relationship, which is deleted when neither end asserts it any more.
            Relationship("members", cypher.MARK_MEMBERS, (cypher.UNMARK_MEMBERS, cypher.DELETE_MEMBERS)),
            Relationship("groups", cypher.MARK_GROUPS, (cypher.UNMARK_GROUPS, cypher.DELETE_GROUPS)),
        ),
        at_once=False,
    ),
    "labels": Shape(
        cypher.LINK_NEW_LABELS,
        cypher.TOUCH_LABELS,
        cypher.READ_LABELS,
        (
            Relationship("parents", cypher.MARK_PARENTS, (cypher.UNMARK_PARENTS, cypher.DELETE_PARENTS)),
            Relationship("sublabels", cypher.MARK_SUBLABELS, (cypher.UNMARK_SUBLABELS, cypher.DELETE_SUBLABELS)),
        ),
        at_once=False,
    ),
}


def link(chunk: Chunk) -> dict[str, int]:
    """Write a chunk's relationships, then its mark. A repeat finds the relationships and writes nothing.

    A reference to a record without a node becomes a dangling reference.
    """
    written, people, record_type = Counters(), People(), chunk.file.type
    # A file without a path is a table that is read back, into an empty graph.
    counts_people = record_type == "releases" and (chunk.file.first_load or not chunk.file.path)
    with session() as opened, spool.open_blob(f"{chunk.batch}.links") as lines:
        ends = Ends(chunk.file.run.source, opened)
        # One line is one transaction, so the memory of Neo4j and of this process does not grow with the chunk.
        for line in lines:
            rows = resolve_rows(record_type, orjson.loads(line), ends)
            written += link_rows(opened, SHAPES[record_type], rows)
            if counts_people:
                for row in rows:
                    people.add(row["credits"])
    write_shared(chunk.file.run_id, f"{record_type}-{chunk.seq:06d}", people.list_shared())
    # After the graph's commits: if the process dies in between, the stage is repeated, which is idempotent.
    ledger.mark(
        chunk,
        "link",
        nodes_written=chunk.nodes_written + written.nodes_written,
        relationships_written=written.relationships_written,
        relationships_deleted=written.relationships_deleted,
    )
    spool.delete(f"{chunk.batch}.links")
    return {"relationships_written": written.relationships_written}


def write_links(opened: Session, record_type: str, rows: Sequence[Row], ends: Ends) -> Counters:
    """Write the relationships and dangling references of these rows, except of outdated rows."""
    return link_rows(opened, SHAPES[record_type], resolve_rows(record_type, rows, ends))


def resolve_rows(record_type: str, rows: Sequence[Row], ends: Ends) -> list[Row]:
    """Return the rows that are not outdated, with the references that have a node; store the dangling ones."""
    # The table may be ahead of this blob: a later chunk of the file has the record too, and its own link rows bring
    # that version.
    rows = drop_outdated(record_type, rows)
    ends.look_up(record_type, rows)
    # Before the relationships: a reference that cannot become one must be kept by PostgreSQL before the record counts
    # as linked in the graph.
    dangling.replace(record_type, rows, ends)
    return [ends.resolve(record_type, row) for row in rows]


def drop_outdated(record_type: str, rows: Sequence[Row]) -> list[Row]:
    """Return the rows that the table still has with the same hash, so that a late message overwrites nothing newer."""
    hashes = loader.read_hashes(record_type, [row["id"] for row in rows])
    return [row for row in rows if hashes.get(row["id"]) == bytes.fromhex(row["sha256"])]


def link_rows(opened: Session, shape: Shape, rows: Sequence[Row]) -> Counters:
    """Link records: the new ones in one transaction, the others in another."""
    written = Counters()
    new = [row for row in rows if row["is_new"]]
    known = [row for row in rows if not row["is_new"]]
    if new:
        try:
            done, taken = write(opened, link_new, shape, new)
            written += done
            known += [row for row in new if row["id"] not in taken]
        # For example after a crash between the graph's commit and the mark, or where a user's relationships have kept
        # the node of a removed release.
        except ConstraintError:
            # One of the new releases exists already, so the whole transaction failed: reconcile all of them.
            known += new
    if known:
        written += write(opened, reconcile, shape, known)
    return written


def link_new(transaction: ManagedTransaction, shape: Shape, rows: Sequence[Row]) -> tuple[Counters, set[str]]:
    """Link records that are not linked yet; return the counts and the ids of the records that it linked."""
    result = transaction.run(shape.link_new, rows=rows)
    # The ids come as one list: for each row of a result, the driver takes as long as the server for a release.
    taken = set(result.single(strict=True)["taken"])
    done = result.consume().counters
    written = Counters(done.nodes_created, done.relationships_created, done.relationships_deleted)
    if not shape.at_once:
        for relationship in shape.relationships:
            missing = [[row["id"], each] for row in rows if row["id"] in taken for each in row[relationship.key]]
            written += run_sorted(transaction, relationship.create, missing)
    return written, taken


def reconcile(transaction: ManagedTransaction, shape: Shape, rows: Sequence[Row]) -> Counters:
    """Make the graph's relationships of these records equal to those that the rows assert."""
    written = run(transaction, shape.touch, rows=rows)
    updated = len(rows) - written.nodes_written
    written += Counters(nodes_written=updated)
    found = transaction.run(shape.read, ids=[row["id"] for row in rows])
    present = {record["id"]: record for record in found}
    for relationship in shape.relationships:
        extra: list[list[Any]] = []
        missing: list[list[Any]] = []
        for row in rows:
            have = (
                Counter(tuple(each) for each in present[row["id"]][relationship.key])
                if row["id"] in present
                else Counter()
            )
            # A credit is a list of four values, any other reference a single id; both become tuples, to be compared
            # with what the graph has.
            want = {tuple(each) if isinstance(each, list) else (each,) for each in row[relationship.key]}
            # A relationship that exists twice is deleted and created once.
            extra += ([row["id"], *each] for each in have if each not in want or have[each] > 1)
            missing += ([row["id"], *each] for each in want if have[each] != 1)
        for statement in relationship.delete:
            written += run_sorted(transaction, statement, extra)
        written += run_sorted(transaction, relationship.create, missing)
    return written


def run_sorted(transaction: ManagedTransaction, statement: str, rows: list[list[Any]]) -> Counters:
    """Run a statement over sorted rows. All writers use this order for their locks, so that they do not deadlock."""
    return run(transaction, statement, rows=sorted(rows, key=str)) if rows else Counters()
