"""Relationships between artists, from the relations of MusicBrainz."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection
from neo4j import ManagedTransaction, Session

from apps.graph.cypher import musicbrainz as cypher
from apps.graph.session import Counters, run, write

# Relation between two artists → relationship.
RELATIONSHIPS = {
    "member of band": "MEMBER_OF",
    "collaboration": "COLLABORATED_WITH",
    "teacher": "TAUGHT",
    "tribute": "TRIBUTE_TO",
    "founder": "FOUNDED",
    "supporting musician": "SUPPORTED",
    "instrumental supporting musician": "SUPPORTED",
    "vocal supporting musician": "SUPPORTED",
    "subgroup": "SUBGROUP_OF",
    "artist rename": "RENAMED_TO",
}

MERGE = {
    "MEMBER_OF": cypher.MERGE_MEMBER_OF,
    "COLLABORATED_WITH": cypher.MERGE_COLLABORATED_WITH,
    "TAUGHT": cypher.MERGE_TAUGHT,
    "TRIBUTE_TO": cypher.MERGE_TRIBUTE_TO,
    "FOUNDED": cypher.MERGE_FOUNDED,
    "SUPPORTED": cypher.MERGE_SUPPORTED,
    "SUBGROUP_OF": cypher.MERGE_SUBGROUP_OF,
    "RENAMED_TO": cypher.MERGE_RENAMED_TO,
}

ASSERTED = """
SELECT source.discogs_artist_id::text, relation.relationship_type, target.discogs_artist_id::text, relation.begin_date,
    relation.end_date, relation.ended, ARRAY(SELECT jsonb_array_elements_text(relation.attributes))
FROM musicbrainz.artists AS own
JOIN musicbrainz.relationships AS relation ON own.mbid = {own}_mbid AND {own}_entity_type = 'artist'
JOIN musicbrainz.artists AS source ON source.mbid = relation.source_mbid
JOIN musicbrainz.artists AS target ON target.mbid = relation.target_mbid
WHERE own.discogs_artist_id = ANY(%(ids)s)
    AND relation.source_entity_type = 'artist' AND relation.target_entity_type = 'artist'
    AND relation.relationship_type = ANY(%(types)s)
    AND source.discogs_artist_id IS NOT NULL AND target.discogs_artist_id IS NOT NULL
    AND source.discogs_artist_id <> target.discogs_artist_id
"""

Edge = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Assertion:
    """The properties of a relationship, combined from all relations of its kind between two artists."""

    begin_date: str | None
    end_date: str | None
    ended: bool
    attributes: list[str]


def relate(opened: Session, ids: Sequence[int]) -> Counters:
    """Update the relationships at which one of these artists is an end to those that MusicBrainz asserts."""
    wanted = read_asserted(ids)
    ends = {end for source, _, target in wanted for end in (source, target)}
    return write(opened, reconcile, [str(each) for each in ids], wanted, sorted(ends))


def read_asserted(ids: Sequence[int]) -> dict[Edge, Assertion]:
    """Return (source id, relationship, target id) → its properties, for all relations of these artists."""
    found: dict[Edge, list[tuple[str | None, str | None, bool, list[str]]]] = {}
    with connection.cursor() as cursor:
        rows = set()
        # Two queries instead of one with OR: each of them can use an index. A relation between two of these artists
        # comes twice, hence the set.
        for own in ("source", "target"):
            cursor.execute(ASSERTED.format(own=own), {"ids": list(ids), "types": list(RELATIONSHIPS)})
            rows |= {(*row[:6], tuple(row[6])) for row in cursor.fetchall()}
    for source, kind, target, begin_date, end_date, ended, attributes in rows:
        edge = (source, RELATIONSHIPS[kind], target)
        found.setdefault(edge, []).append((begin_date, end_date, ended, list(attributes)))
    return {edge: combine(relations) for edge, relations in found.items()}


def combine(relations: Sequence[tuple[str | None, str | None, bool, list[str]]]) -> Assertion:
    """Combine relations: the earliest begin, the latest end unless a relation is open, and all attributes."""
    begins = [begin for begin, _, _, _ in relations if begin is not None]
    ends = [end for _, end, _, _ in relations if end is not None]
    is_open = any(end is None and not ended for _, end, ended, _ in relations)
    return Assertion(
        begin_date=min(begins, default=None),
        end_date=None if is_open else max(ends, default=None),
        ended=all(ended for _, _, ended, _ in relations),
        attributes=sorted({each for _, _, _, attributes in relations for each in attributes}),
    )


def reconcile(
    transaction: ManagedTransaction, ids: Sequence[str], wanted: dict[Edge, Assertion], ends: Sequence[str]
) -> Counters:
    """Make the relationships of these artists equal to the wanted ones whose ends are both linked."""
    # Asked in the same transaction that writes: an end that has no node, or shows no entity, must not get a
    # relationship.
    linked = set(transaction.run(cypher.LINKED_ARTISTS, rows=ends).value())
    wanted = {edge: each for edge, each in wanted.items() if edge[0] in linked and edge[2] in linked}
    present = {
        (row["source"], row["type"], row["target"]): Assertion(
            row["begin_date"], row["end_date"], row["ended"], row["attributes"]
        )
        for row in transaction.run(cypher.READ_RELATIONSHIPS, rows=ids)
    }
    gone = [dict(zip(("source", "type", "target"), edge, strict=True)) for edge in sorted(present.keys() - wanted)]
    written = Counters()
    if gone:
        run(transaction, cypher.WITHDRAW, rows=gone)
        written += run(transaction, cypher.DELETE_WITHDRAWN, rows=gone)
    differing = sorted(edge for edge, each in wanted.items() if present.get(edge) != each)
    for kind, merge in MERGE.items():
        rows = [build_row(edge, wanted[edge]) for edge in differing if edge[1] == kind]
        if rows:
            run(transaction, merge, rows=rows)
    return written + Counters(relationships_written=len(differing))


def build_row(edge: Edge, assertion: Assertion) -> dict[str, Any]:
    """Return a relationship as a row for its MERGE statement."""
    return {"source": edge[0], "target": edge[2], **asdict(assertion)}
