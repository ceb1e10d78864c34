"""The secondary indexes of the record tables. They are created after a first load, which they would slow down.

Texts are indexed by a prefix (decision 12): an index entry has at most some 2,700 bytes, and the format does not limit
texts. A single longer text would make CREATE INDEX fail, and its file would never complete. ``words`` is a generated
column.

Contract: docs/contract/data.md#record-tables.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from django.db import DEFAULT_DB_ALIAS, connection, connections

from apps.catalog.models import TABLES

NAMED = {
    "idx_{table}_name": "btree (left(data->>'name', 200))",
    "idx_{table}_fts": "gin (words)",
    # For names as users type them (apps.catalog.search).
    "idx_{table}_look": "gin (plain_name(data->>'name') gin_trgm_ops)",
}
TITLED = {
    "idx_{table}_title": "btree (left(data->>'title', 200))",
    "idx_{table}_year": "btree (((data->>'year')::int))",
    "idx_{table}_fts": "gin (words)",
}
INDEXES = {
    "artists": NAMED,
    "labels": NAMED,
    "masters": TITLED,
    "releases": {
        "idx_{table}_labels": "gin ((data->'labels') jsonb_path_ops)",
        **TITLED,
        "idx_{table}_country": "btree (left(data->>'country', 200))",
        "idx_{table}_genres": "gin ((data->'genres') jsonb_path_ops)",
        # The function barcodes() keeps only the digits.
        "idx_{table}_barcodes": "gin (barcodes(data))",
    },
}

# Indexes of the MusicBrainz tables, by the type after whose first load they are created. All types fill the tables of
# relations and links, so each type names those; the first one to complete creates them.
OF_RELATIONS = {
    "musicbrainz.relationships": {
        "idx_mb_rels_source": "btree (source_mbid)",
        "idx_mb_rels_target": "btree (target_mbid)",
        "idx_mb_rels_type": "btree (left(relationship_type, 200))",
    },
    "musicbrainz.external_links": {
        "idx_mb_links_mbid": "btree (mbid)",
        "idx_mb_links_service": "btree (left(service_name, 200))",
    },
}
MUSICBRAINZ: dict[str, dict[str, dict[str, str]]] = {
    "artists": {
        "musicbrainz.artists": {
            "idx_mb_artists_discogs_id": "btree (discogs_artist_id) WHERE discogs_artist_id IS NOT NULL",
            "idx_mb_artists_name": "btree (left(name, 200))",
            "idx_mb_artists_chunk": "brin (chunk_id)",
        },
        **OF_RELATIONS,
    },
    "labels": {
        "musicbrainz.labels": {
            "idx_mb_labels_discogs_id": "btree (discogs_label_id) WHERE discogs_label_id IS NOT NULL",
            "idx_mb_labels_name": "btree (left(name, 200))",
            "idx_mb_labels_chunk": "brin (chunk_id)",
        },
        **OF_RELATIONS,
    },
    "release-groups": {
        "musicbrainz.release_groups": {
            "idx_mb_release_groups_discogs_id": "btree (discogs_master_id) WHERE discogs_master_id IS NOT NULL",
            "idx_mb_release_groups_chunk": "brin (chunk_id)",
        },
        **OF_RELATIONS,
    },
    "releases": {
        "musicbrainz.releases": {
            "idx_mb_releases_discogs_id": "btree (discogs_release_id) WHERE discogs_release_id IS NOT NULL",
            "idx_mb_releases_release_group": "btree (release_group_mbid) WHERE release_group_mbid IS NOT NULL",
            "idx_mb_releases_chunk": "brin (chunk_id)",
        },
        **OF_RELATIONS,
    },
}

BUILDERS = 2
# The statistics target of the first ANALYZE, which reads 300 times as many rows. It is low because a sampled row costs
# as much as all of its index entries; autovacuum analyzes with the usual target later.
FIRST_LOOK = 30

EXISTS = "SELECT to_regclass(%s) IS NOT NULL"


def create(types: Collection[str] = tuple(TABLES)) -> None:
    """Create the missing indexes of the Discogs tables, and analyze each table that got one. The call is idempotent.

    Two indexes of a table are created at a time, each in a transaction of its own.
    """
    for record_type in types:
        named = INDEXES[record_type].items()
        create_missing(record_type, {template.format(table=record_type): each for template, each in named})


def create_musicbrainz(record_type: str) -> None:
    """Create the missing indexes of the tables that a type of MusicBrainz fills."""
    for table, wanted in MUSICBRAINZ[record_type].items():
        create_missing(table, wanted)


def create_missing(table: str, wanted: Mapping[str, str]) -> None:
    """Create the indexes that a table lacks. ``wanted``: name → definition."""
    if missing := list(list_missing(table, wanted)):
        # Not CONCURRENTLY: these builds stop writers of the table for a while, but no readers, and one that fails
        # leaves no invalid index behind.
        with ThreadPoolExecutor(BUILDERS) as builders:
            for _ in builders.map(execute, missing):
                pass
        execute(f"SET default_statistics_target = {FIRST_LOOK}", f"ANALYZE {table}")


def list_missing(table: str, wanted: Mapping[str, str]) -> Iterator[str]:
    """Yield the CREATE INDEX statement for each index that a table lacks."""
    schema = table.rpartition(".")[0] or "public"
    with connection.cursor() as cursor:
        for name, definition in wanted.items():
            cursor.execute(EXISTS, [f"{schema}.{name}"])
            if not cursor.fetchone()[0]:
                yield f"CREATE INDEX IF NOT EXISTS {name} ON {table} USING {definition}"


def execute(*statements: str) -> None:
    """Run statements, in autocommit, over a connection that is opened for them."""
    # Outside of the caller's transaction, which holds a lock on the file's row: a finished index stays, although the
    # file may have to be completed again.
    with closing(connections.create_connection(DEFAULT_DB_ALIAS)) as own, own.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
