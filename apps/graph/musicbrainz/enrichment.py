"""Enrich the graph from MusicBrainz: properties of nodes, and relationships between artists.

The tables alone decide what a node shows. Each change of a table makes the Discogs pages that it concerns *due*. Here
the nodes of due pages are compared with the tables, and only differences are written. A page stays due until that is
done, whichever process dies in between. A node that Discogs brings later is made due as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import connection
from neo4j import Session

from apps.catalog.models import REVISION
from apps.catalog.musicbrainz.tables import TABLES, statement
from apps.graph.cypher import musicbrainz as cypher
from apps.graph.musicbrainz.due import SETTLE, read_due
from apps.graph.musicbrainz.relationships import relate
from apps.graph.rows import batches
from apps.graph.session import Counters, session, single_value, write
from apps.ingest import ledger
from apps.ingest.models import Chunk

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

# The columns that become properties. An empty text is a value, not an absent one.
PROPERTIES = {
    "artists": "type, gender, begin_date, end_date, area, begin_area, end_area, disambiguation",
    "labels": "type, label_code, begin_date, end_date, area",
    "release-groups": "type, ARRAY(SELECT jsonb_array_elements_text(secondary_types)) AS secondary_types,"
    " first_release_date, disambiguation",
    "releases": "barcode, status, release_group_mbid::text AS release_group_mbid",
}

# Several entities may claim the same page. The first one wins: links that are not ended come first, then the lowest
# MBID.
CLAIMS = """
SELECT DISTINCT ON ({discogs_id})
    {discogs_id}::text AS id, mbid::text, encode(hash, 'hex') AS sha256, updated_at, {properties}
FROM {table}
WHERE {discogs_id} = ANY(%(ids)s)
ORDER BY {discogs_id}, discogs_link_ended, mbid
"""


def link(chunk: Chunk) -> dict[str, int]:
    """Update the nodes of the pages that a chunk made due, then set its mark. A repeat finds nothing to write."""
    # The chunk says which pages; the tables say what their nodes show. So it does not matter which chunk made a page
    # due last.
    written = settle(chunk.file.type, read_due(chunk.file.type, chunk.pk))
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
    return sum((settle(record_type, read_due(record_type)) for record_type in TABLES), Counters())


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
        cursor.execute(statement(CLAIMS, record_type, properties=PROPERTIES[record_type]), {"ids": list(ids)})
        names = [column.name for column in cursor.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    for row in rows:
        row.update(rev=REVISION, updated_at=row["updated_at"].isoformat())
    # A due page without a claim: its entity is gone or links to another page, and the node must not keep its
    # properties.
    bare = sorted({str(each) for each in ids} - {row["id"] for row in rows})
    changed = write(opened, single_value, ENRICH[record_type], rows) if rows else 0
    changed += write(opened, single_value, STRIP[record_type], bare) if bare else 0
    return Counters(nodes_written=changed)
