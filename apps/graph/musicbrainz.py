"""Enrich the graph from MusicBrainz: properties of nodes, and relationships between artists.

The tables alone decide what a node shows. Each change of a table makes the Discogs pages that it concerns *due*. Here
the nodes of due pages are compared with the tables, and only differences are written. A page stays due until that is
done, whichever process dies in between. A node that Discogs brings later is made due as well.

Contract: docs/contract/data.md#enrichment, docs/contract/musicbrainz.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from neo4j import ManagedTransaction, Session

from apps.catalog import loader
from apps.catalog.models import REVISION
from apps.catalog.musicbrainz import DISCOGS_ID, TABLES
from apps.graph.cypher import musicbrainz as cypher
from apps.graph.rows import batches
from apps.graph.session import Counters, run, session, single_value, write
from apps.ingest import ledger
from apps.ingest.models import Chunk, DumpFile

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
ENRICH = {
    "artists": cypher.ENRICH_ARTISTS,
    "labels": cypher.ENRICH_LABELS,
    "release-groups": cypher.ENRICH_MASTERS,
    "releases": cypher.ENRICH_RELEASES,
}
STRIP = {
    "artists": cypher.STRIP_ARTISTS,
    "labels": cypher.STRIP_LABELS,
    "release-groups": cypher.STRIP_MASTERS,
    "releases": cypher.STRIP_RELEASES,
}
COUNT = {
    "artists": cypher.COUNT_ARTISTS,
    "labels": cypher.COUNT_LABELS,
    "release-groups": cypher.COUNT_MASTERS,
    "releases": cypher.COUNT_RELEASES,
}
ENRICHED = {
    "artists": cypher.ENRICHED_ARTISTS,
    "labels": cypher.ENRICHED_LABELS,
    "release-groups": cypher.ENRICHED_MASTERS,
    "releases": cypher.ENRICHED_RELEASES,
}
# The columns that become properties. An empty text is a value, not an absent one.
PROPERTIES = {
    "artists": "type, gender, begin_date, end_date, area, begin_area, end_area, disambiguation",
    "labels": "type, label_code, begin_date, end_date, area",
    "release-groups": "type, ARRAY(SELECT jsonb_array_elements_text(secondary_types)) AS secondary_types,"
    " first_release_date, disambiguation",
    "releases": "barcode, status, release_group_mbid::text AS release_group_mbid",
}
# Type of Discogs → that of MusicBrainz.
COUNTERPARTS = {"artists": "artists", "labels": "labels", "masters": "release-groups", "releases": "releases"}

DUE_OF_CHUNK = """
SELECT discogs_id
FROM musicbrainz.due
WHERE record_type = %(type)s AND chunk_id = %(chunk)s
ORDER BY discogs_id
"""

DUE = """
SELECT discogs_id
FROM musicbrainz.due
WHERE record_type = %(type)s
ORDER BY discogs_id
"""

SETTLE = "DELETE FROM musicbrainz.due WHERE record_type = %(type)s AND discogs_id = ANY(%(ids)s)"

# Several entities may claim the same page. The first one wins: links that are not ended come first, then the lowest
# MBID.
CLAIMS = """
SELECT DISTINCT ON ({discogs_id})
    {discogs_id}::text AS id, mbid::text, encode(hash, 'hex') AS sha256, updated_at, {properties}
FROM {table}
WHERE {discogs_id} = ANY(%(ids)s)
ORDER BY {discogs_id}, discogs_link_ended, mbid
"""

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

ALL_DUE = """
INSERT INTO musicbrainz.due (record_type, discogs_id)
SELECT DISTINCT %(type)s, {discogs_id}
FROM {table}
WHERE {discogs_id} IS NOT NULL
ON CONFLICT (record_type, discogs_id) DO NOTHING
"""

SOME_DUE = """
INSERT INTO musicbrainz.due (record_type, discogs_id)
SELECT DISTINCT %(type)s, {discogs_id}
FROM {table}
WHERE {discogs_id} = ANY(%(ids)s)
ON CONFLICT (record_type, discogs_id) DO NOTHING
"""

COVERAGE = "SELECT count(*), count({discogs_id}) FROM {table}"
COUNT_ALL_RELATIONS = "SELECT count(*) FROM musicbrainz.relationships"
CLOCK = "SELECT statement_timestamp()"

# The pages that several entities claim, each with the number of entities that do not get it.
OUTDONE = """
SELECT {discogs_id}::text, count(*) - 1
FROM {table}
WHERE {discogs_id} IS NOT NULL
GROUP BY {discogs_id}
HAVING count(*) > 1
"""

COUNT_RELATIONS = """
SELECT source.discogs_artist_id::text, target.discogs_artist_id::text, count(*)
FROM musicbrainz.relationships AS relation
LEFT JOIN musicbrainz.artists AS source ON source.mbid = relation.source_mbid
LEFT JOIN musicbrainz.artists AS target ON target.mbid = relation.target_mbid
WHERE relation.source_entity_type = 'artist' AND relation.target_entity_type = 'artist'
    AND relation.relationship_type = ANY(%(types)s)
GROUP BY source.discogs_artist_id, target.discogs_artist_id
"""

Edge = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Assertion:
    """The properties of a relationship, combined from all relations of its kind between two artists."""

    begin_date: str | None
    end_date: str | None
    ended: bool
    attributes: list[str]


def statement(template: str, record_type: str) -> str:
    """Fill in a template for the table of a type."""
    return template.format(
        table=TABLES[record_type], discogs_id=DISCOGS_ID[record_type], properties=PROPERTIES[record_type]
    )


def link(chunk: Chunk) -> dict[str, int]:
    """Update the nodes of the pages that a chunk made due, then set its mark. A repeat finds nothing to write."""
    written = settle(chunk.file.type, due(chunk.file.type, chunk.pk))
    ledger.mark(
        chunk,
        "link",
        nodes_written=written.nodes_written,
        relationships_written=written.relationships_written,
        relationships_deleted=written.relationships_deleted,
    )
    return {"nodes_written": written.nodes_written, "relationships_written": written.relationships_written}


def settle_all() -> Counters:
    """Update the nodes of all due pages."""
    return sum((settle(record_type, due(record_type)) for record_type in TABLES), Counters())


def due(record_type: str, chunk_id: int | None = None) -> list[int]:
    """Return the Discogs ids of due pages: all of a type, or those that a chunk made due."""
    with connection.cursor() as cursor:
        cursor.execute(DUE if chunk_id is None else DUE_OF_CHUNK, {"type": record_type, "chunk": chunk_id})
        return [discogs_id for (discogs_id,) in cursor.fetchall()]


def settle(record_type: str, ids: Iterable[int]) -> Counters:
    """Update the nodes of these pages to the tables, then delete the pages from those that are due."""
    written = Counters()
    with session() as opened:
        for batch in batches(ids):
            written += enrich(opened, record_type, batch)
            if record_type == "artists":
                written += relate(opened, batch)
            # After the graph's commit: if the process dies in between, the pages are still due and compared again.
            with connection.cursor() as cursor:
                cursor.execute(SETTLE, {"type": record_type, "ids": batch})
    return written


def enrich(opened: Session, record_type: str, ids: Sequence[int]) -> Counters:
    """Set the properties of these nodes from their entities; remove the properties of nodes without an entity."""
    with connection.cursor() as cursor:
        cursor.execute(statement(CLAIMS, record_type), {"ids": list(ids)})
        names = [column.name for column in cursor.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    for row in rows:
        row.update(rev=REVISION, updated_at=row["updated_at"].isoformat())
    bare = sorted({str(each) for each in ids} - {row["id"] for row in rows})
    changed = write(opened, single_value, ENRICH[record_type], rows) if rows else 0
    changed += write(opened, single_value, STRIP[record_type], bare) if bare else 0
    return Counters(nodes_written=changed)


def relate(opened: Session, ids: Sequence[int]) -> Counters:
    """Update the relationships at which one of these artists is an end to those that MusicBrainz asserts."""
    wanted = asserted(ids)
    ends = {end for source, _, target in wanted for end in (source, target)}
    return write(opened, reconcile, [str(each) for each in ids], wanted, sorted(ends))


def asserted(ids: Sequence[int]) -> dict[Edge, Assertion]:
    """Return (source id, relationship, target id) → its properties, for all relations of these artists."""
    found: dict[Edge, list[tuple[str | None, str | None, bool, list[str]]]] = {}
    with connection.cursor() as cursor:
        rows = set()
        for own in ("source", "target"):
            cursor.execute(ASSERTED.format(own=own), {"ids": list(ids), "types": list(RELATIONSHIPS)})
            rows |= {(*row[:6], tuple(row[6])) for row in cursor.fetchall()}
    for source, kind, target, begin_date, end_date, ended, attributes in rows:
        edge = (source, RELATIONSHIPS[kind], target)
        found.setdefault(edge, []).append((begin_date, end_date, ended, list(attributes)))
    return {edge: together(relations) for edge, relations in found.items()}


def together(relations: Sequence[tuple[str | None, str | None, bool, list[str]]]) -> Assertion:
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
        rows = [row_of(edge, wanted[edge]) for edge in differing if edge[1] == kind]
        if rows:
            run(transaction, merge, rows=rows)
    return written + Counters(relationships_written=len(differing))


def row_of(edge: Edge, assertion: Assertion) -> dict[str, Any]:
    """Return a relationship as a row for its MERGE statement."""
    return {"source": edge[0], "target": edge[2], **asdict(assertion)}


def make_due(chunks: QuerySet[Chunk]) -> None:
    """Make the pages due whose nodes these chunks of Discogs brought.

    In a first load, a rebuild or a rewrite, these are all pages of the type.
    """
    for file in DumpFile.objects.filter(chunks__in=chunks).select_related("run").distinct().order_by("pk"):
        if file.first_load or file.run.rewrite or not file.path:
            make_all_due(file.type)
        else:
            for ids in chunks.filter(file=file).exclude(new_ids=[]).values_list("new_ids", flat=True):
                make_ids_due(file.type, ids)


def make_all_due(discogs_type: str) -> None:
    """Make all pages of a Discogs type due that an entity of MusicBrainz claims."""
    record_type = COUNTERPARTS[discogs_type]
    with connection.cursor() as cursor:
        cursor.execute(statement(ALL_DUE, record_type), {"type": record_type})


def make_ids_due(discogs_type: str, ids: Sequence[int]) -> None:
    """Make those of these Discogs pages due that an entity of MusicBrainz claims."""
    record_type = COUNTERPARTS[discogs_type]
    with connection.cursor() as cursor:
        cursor.execute(statement(SOME_DUE, record_type), {"type": record_type, "ids": list(ids)})


def coverage() -> dict[str, Any]:
    """Return how much of MusicBrainz the graph shows, with the time of counting (docs/contract/data.md#coverage)."""
    counted_at = loader.value(CLOCK)
    with session() as opened:
        types = {record_type: coverage_of(opened, record_type) for record_type in TABLES}
        relations = relation_coverage(opened)
    rows, enriched, outdone = (sum(each[name] for each in types.values()) for name in ("total", "enriched", "outdone"))
    return {
        "counted_at": counted_at.isoformat(),
        "types": {
            record_type: {name: each[name] for name in ("total", "matched", "enriched")}
            for record_type, each in types.items()
        },
        "entities_enriched": enriched,
        "entities_skipped_no_discogs_match": rows - enriched - outdone,
        "entities_skipped_conflict": outdone,
        **relations,
    }


def coverage_of(opened: Session, record_type: str) -> dict[str, int]:
    """Return ``{total, matched, enriched, outdone}`` of a type.

    These are the numbers of rows, of rows with a Discogs page, of nodes that show an entity, and of rows whose node
    shows another entity.
    """
    with connection.cursor() as cursor:
        cursor.execute(statement(COVERAGE, record_type))
        total, matched = cursor.fetchone()
        cursor.execute(statement(OUTDONE, record_type))
        claims = dict(cursor.fetchall())
    outdone = 0
    for batch in batches(claims):
        enriched = opened.run(ENRICHED[record_type], rows=batch).value()
        outdone += sum(claims[each] for each in enriched)
    count = opened.run(COUNT[record_type]).single(strict=True)["count"]
    return {"total": total, "matched": matched, "enriched": count, "outdone": outdone}


def relation_coverage(opened: Session) -> dict[str, int]:
    """Return the numbers of relations and relationships, and of relations between artists that make no relationship."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT_RELATIONS, {"types": list(RELATIONSHIPS)})
        pairs = cursor.fetchall()
    ends = {end for source, target, _ in pairs for end in (source, target) if end is not None}
    linked = {each for batch in batches(sorted(ends)) for each in opened.run(cypher.LINKED_ARTISTS, rows=batch).value()}
    missing = sum(count for source, target, count in pairs if source not in linked or target not in linked)
    return {
        "relations": loader.value(COUNT_ALL_RELATIONS),
        "relationships": opened.run(cypher.COUNT_RELATIONSHIPS).single(strict=True)["count"],
        "relationships_skipped_missing_side": missing,
        "relationships_skipped_same_node": sum(
            count for source, target, count in pairs if source == target and source in linked
        ),
    }
