"""Count how much of MusicBrainz the graph shows (docs/contract/data.md#coverage)."""

from __future__ import annotations

from typing import Any

from django.db import connection
from neo4j import Session

from apps.catalog import loader
from apps.catalog.musicbrainz.tables import TABLES, statement
from apps.graph.cypher import musicbrainz as cypher
from apps.graph.musicbrainz.relationships import RELATIONSHIPS
from apps.graph.rows import batches
from apps.graph.session import session

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


def measure_coverage() -> dict[str, Any]:
    """Return how much of MusicBrainz the graph shows, with the time of counting (docs/contract/data.md#coverage)."""
    counted_at = loader.fetch_value(CLOCK)
    with session() as opened:
        types = {record_type: measure_type(opened, record_type) for record_type in TABLES}
        relations = measure_relations(opened)
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


def measure_type(opened: Session, record_type: str) -> dict[str, int]:
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


def measure_relations(opened: Session) -> dict[str, int]:
    """Return the numbers of relations and relationships, and of relations between artists that make no relationship."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT_RELATIONS, {"types": list(RELATIONSHIPS)})
        pairs = cursor.fetchall()
    ends = {end for source, target, _ in pairs for end in (source, target) if end is not None}
    linked = {each for batch in batches(sorted(ends)) for each in opened.run(cypher.LINKED_ARTISTS, rows=batch).value()}
    missing = sum(count for source, target, count in pairs if source not in linked or target not in linked)
    return {
        "relations": loader.fetch_value(COUNT_ALL_RELATIONS),
        "relationships": opened.run(cypher.COUNT_RELATIONSHIPS).single(strict=True)["count"],
        "relationships_skipped_missing_side": missing,
        "relationships_skipped_same_node": sum(
            count for source, target, count in pairs if source == target and source in linked
        ),
    }
