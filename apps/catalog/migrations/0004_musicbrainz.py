"""The tables of MusicBrainz (docs/contract/data.md#musicbrainz-tables), in a schema of their own, and what of them the graph has still to be told.

They have no Django models: rows are written by ``apps.catalog.musicbrainz`` in whole chunks, out of their JSON. A text of
any length may be in a key, so keys have its MD5.
"""

from typing import Any

from django.db import migrations

HAS_LZ4 = "SELECT 'lz4' = ANY(enumvals) FROM pg_settings WHERE name = 'default_toast_compression'"

# What every entity has. hash: SHA-256 of the canonical record; rev: revision of the code that wrote the row; chunk_id:
# which chunk wrote it, a lower one never overwrites it; updated_at: when the content last changed.
COMMON = """
    hash bytea NOT NULL,
    rev smallint NOT NULL,
    chunk_id bigint NOT NULL,
    data jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
"""

CREATE = f"""
CREATE SCHEMA IF NOT EXISTS musicbrainz;

CREATE TABLE musicbrainz.artists (
    mbid uuid PRIMARY KEY,
    name text NOT NULL,
    sort_name text,
    type text,
    gender text,
    begin_date text,
    end_date text,
    ended boolean NOT NULL DEFAULT false,
    area text,
    begin_area text,
    end_area text,
    disambiguation text,
    discogs_artist_id bigint,
    discogs_link_ended boolean,
    aliases jsonb NOT NULL,
    tags jsonb NOT NULL,
    {COMMON}
);

CREATE TABLE musicbrainz.labels (
    mbid uuid PRIMARY KEY,
    name text NOT NULL,
    type text,
    label_code integer,
    begin_date text,
    end_date text,
    ended boolean NOT NULL DEFAULT false,
    area text,
    disambiguation text,
    discogs_label_id bigint,
    discogs_link_ended boolean,
    {COMMON}
);

CREATE TABLE musicbrainz.release_groups (
    mbid uuid PRIMARY KEY,
    name text NOT NULL,
    type text,
    secondary_types jsonb NOT NULL,
    first_release_date text,
    disambiguation text,
    discogs_master_id bigint,
    discogs_link_ended boolean,
    {COMMON}
);

CREATE TABLE musicbrainz.releases (
    mbid uuid PRIMARY KEY,
    name text NOT NULL,
    barcode text,
    status text,
    release_group_mbid uuid,
    discogs_release_id bigint,
    discogs_link_ended boolean,
    {COMMON}
);

-- A relation is printed on both of its ends and is one row, as long as one of them prints it. source_ended and
-- target_ended: what the one and the other say, null if they do not print it.
CREATE TABLE musicbrainz.relationships (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source_mbid uuid NOT NULL,
    target_mbid uuid NOT NULL,
    source_entity_type text NOT NULL,
    target_entity_type text NOT NULL,
    relationship_type text NOT NULL,
    begin_date text,
    end_date text,
    attributes jsonb NOT NULL,
    source_ended boolean,
    target_ended boolean,
    ended boolean GENERATED ALWAYS AS (coalesce(source_ended, true) AND coalesce(target_ended, true)) STORED,
    said uuid GENERATED ALWAYS AS (
        md5(
            quote_literal(source_entity_type) || quote_literal(target_entity_type) || quote_literal(relationship_type)
            || quote_nullable(begin_date) || quote_nullable(end_date) || attributes::text
        )::uuid
    ) STORED,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT relationships_natural_key UNIQUE (source_mbid, target_mbid, said)
);
CREATE INDEX relationships_unprinted ON musicbrainz.relationships (id)
    WHERE source_ended IS NULL AND target_ended IS NULL;

CREATE TABLE musicbrainz.external_links (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    mbid uuid NOT NULL,
    entity_type text NOT NULL,
    service_name text NOT NULL,
    url text NOT NULL,
    said uuid GENERATED ALWAYS AS (
        md5(quote_literal(entity_type) || quote_literal(service_name) || quote_literal(url))::uuid
    ) STORED,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT external_links_natural_key UNIQUE (mbid, said)
);

-- Discogs ids whose nodes the graph may show otherwise than these tables say, and the chunk that made them due.
CREATE TABLE musicbrainz.due (
    record_type text NOT NULL,
    discogs_id bigint NOT NULL,
    chunk_id bigint,
    PRIMARY KEY (record_type, discogs_id)
);
CREATE INDEX due_of_chunk ON musicbrainz.due (chunk_id);
"""

DROP = "DROP SCHEMA musicbrainz CASCADE"


def set_storage(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(HAS_LZ4)
        (has_lz4,) = cursor.fetchone()
        data = "SET COMPRESSION lz4" if has_lz4 else "SET STORAGE EXTERNAL"
        for table in ("artists", "labels", "release_groups", "releases"):
            cursor.execute(
                f"ALTER TABLE musicbrainz.{table} ALTER COLUMN data {data}, SET (toast_tuple_target = 512),"
                " ALTER COLUMN hash SET STORAGE PLAIN"
            )


class Migration(migrations.Migration):
    dependencies = (("catalog", "0003_tally"),)

    operations = (
        migrations.RunSQL(CREATE, DROP),
        migrations.RunPython(set_storage, migrations.RunPython.noop),
    )
