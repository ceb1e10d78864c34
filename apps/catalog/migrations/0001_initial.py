"""The tables of records and of what maintenance counts, the tables of MusicBrainz, and two functions for indexes.

Indexes of search are made after a first load (``apps.catalog.indexes``).
"""

from typing import Any

import django.contrib.postgres.fields
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.contrib.postgres.operations import TrigramExtension, UnaccentExtension
from django.db import migrations, models

# What search looks at of every record that matches stands beside the JSON, so that the JSON is not unpacked for each.
# The words of a text have at most a megabyte: those of 10,000 characters fit.
WORDS = (
    "ADD words tsvector GENERATED ALWAYS AS"
    " (to_tsvector('english', left(coalesce(data->>'{text}', ''), 10000))) STORED"
)
YEAR = "ADD year int GENERATED ALWAYS AS ((data->>'year')::int) STORED"
GENRES = "ADD genres jsonb GENERATED ALWAYS AS (data->'genres') STORED"
SEARCHED = {
    'artists': WORDS.format(text='name'),
    'labels': WORDS.format(text='name'),
    'masters': f"{WORDS.format(text='title')}, {YEAR}",
    'releases': f"{WORDS.format(text='title')}, {YEAR}, {GENRES}",
}

# The tables of MusicBrainz (docs/contract/data.md#musicbrainz-tables) have no Django models: rows are written by
# apps.catalog.musicbrainz.loading in whole chunks, out of their JSON. A text of any length may be in a key, so keys have its MD5.
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

MUSICBRAINZ = f"""
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
-- target_ended: what the one and the other say, null if they do not print it. When the second end is read, the row
-- changes in place: there is room, and no index has what changes.
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
) WITH (fillfactor = 70);

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

# unaccent is only stable, because its dictionary may be changed; who names the dictionary may promise not to.
PLAIN_NAME = """
CREATE OR REPLACE FUNCTION plain_name(name text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
AS $$ SELECT lower(public.unaccent('public.unaccent'::regdictionary, left(name, 200))) $$
"""

# A barcode has digits with blanks, hyphens or dots between them: eight, twelve or thirteen. Whatever else an entry of
# this kind says, of any length, is none. Null without one.
# Not STRICT, or PostgreSQL would call it for each row rather than put its one expression in its place.
BARCODES = r"""
CREATE FUNCTION barcodes(release jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT string_to_array(
        nullif(
            translate(
                jsonb_path_query_array(
                    release,
                    '$.identifiers[*] ? (@.type == "Barcode").value
                        ? (@.type() == "string" && @ like_regex "^([0-9][ .-]{0,4}){7,13}[0-9]$")'
                )::text,
                ' .-"[]',
                ''
            ),
            ''
        ),
        ','
    )
$$
"""

HAS_LZ4 = "SELECT 'lz4' = ANY(enumvals) FROM pg_settings WHERE name = 'default_toast_compression'"
DISCOGS_TABLES = ('artists', 'labels', 'masters', 'releases')
MUSICBRAINZ_TABLES = tuple(f'musicbrainz.{name}' for name in ('artists', 'labels', 'release_groups', 'releases'))


def set_storage(apps: Any, schema_editor: Any) -> None:
    """Keep JSON out of the row early, and compressed by lz4 where the server has it.

    A row with its JSON beside it would make every scan for hashes read all of the data. The other method that PostgreSQL
    has, pglz, takes as long as all the rest of a first load's COPY (decision 3): without lz4 the JSON is kept as it is.
    """
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(HAS_LZ4)
        (has_lz4,) = cursor.fetchone()
        data = 'SET COMPRESSION lz4' if has_lz4 else 'SET STORAGE EXTERNAL'
        for table in (*DISCOGS_TABLES, *MUSICBRAINZ_TABLES):
            cursor.execute(
                f'ALTER TABLE {table} ALTER COLUMN data {data}, SET (toast_tuple_target = 512),'
                ' ALTER COLUMN hash SET STORAGE PLAIN'
            )
        for table in DISCOGS_TABLES:
            cursor.execute(f'ALTER TABLE {table} ALTER COLUMN raw_hash SET STORAGE PLAIN')


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Artist',
            fields=[
                ('data_id', models.BigIntegerField(help_text='Discogs id', primary_key=True, serialize=False)),
                ('hash', models.BinaryField(help_text='SHA-256 of the canonical record')),
                ('raw_hash', models.BinaryField(help_text='SHA-256 of rules, revision and bytes; null: extract every time', null=True)),
                ('rev', models.SmallIntegerField(help_text='revision of the code that wrote it')),
                ('chunk_id', models.BigIntegerField(help_text='which chunk wrote it; a lower one never overwrites it')),
                ('data', models.JSONField()),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), help_text='when the content last changed')),
            ],
            options={
                'db_table': 'artists',
            },
        ),
        migrations.CreateModel(
            name='Collaboration',
            fields=[
                ('pk', models.CompositePrimaryKey('artist', 'other', blank=True, editable=False, primary_key=True, serialize=False)),
                ('artist', models.BigIntegerField(help_text='id of an artist that has a node')),
                ('other', models.BigIntegerField(help_text='likewise; each pair has a row in both directions')),
                ('releases', models.IntegerField()),
                ('years', django.contrib.postgres.fields.ArrayField(base_field=models.SmallIntegerField(), help_text='of those that have one, ascending', size=None)),
            ],
            options={
                'db_table': 'collaboration',
            },
        ),
        migrations.CreateModel(
            name='Label',
            fields=[
                ('data_id', models.BigIntegerField(help_text='Discogs id', primary_key=True, serialize=False)),
                ('hash', models.BinaryField(help_text='SHA-256 of the canonical record')),
                ('raw_hash', models.BinaryField(help_text='SHA-256 of rules, revision and bytes; null: extract every time', null=True)),
                ('rev', models.SmallIntegerField(help_text='revision of the code that wrote it')),
                ('chunk_id', models.BigIntegerField(help_text='which chunk wrote it; a lower one never overwrites it')),
                ('data', models.JSONField()),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), help_text='when the content last changed')),
            ],
            options={
                'db_table': 'labels',
            },
        ),
        migrations.CreateModel(
            name='Master',
            fields=[
                ('data_id', models.BigIntegerField(help_text='Discogs id', primary_key=True, serialize=False)),
                ('hash', models.BinaryField(help_text='SHA-256 of the canonical record')),
                ('raw_hash', models.BinaryField(help_text='SHA-256 of rules, revision and bytes; null: extract every time', null=True)),
                ('rev', models.SmallIntegerField(help_text='revision of the code that wrote it')),
                ('chunk_id', models.BigIntegerField(help_text='which chunk wrote it; a lower one never overwrites it')),
                ('data', models.JSONField()),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), help_text='when the content last changed')),
            ],
            options={
                'db_table': 'masters',
            },
        ),
        migrations.CreateModel(
            name='Profile',
            fields=[
                ('artist', models.BigIntegerField(help_text='id of an artist that has a node', primary_key=True, serialize=False)),
                ('names', models.JSONField(help_text='genre, style, label, collaborator → name, empty if it has none → releases')),
            ],
            options={
                'db_table': 'profile',
            },
        ),
        migrations.CreateModel(
            name='Release',
            fields=[
                ('data_id', models.BigIntegerField(help_text='Discogs id', primary_key=True, serialize=False)),
                ('hash', models.BinaryField(help_text='SHA-256 of the canonical record')),
                ('raw_hash', models.BinaryField(help_text='SHA-256 of rules, revision and bytes; null: extract every time', null=True)),
                ('rev', models.SmallIntegerField(help_text='revision of the code that wrote it')),
                ('chunk_id', models.BigIntegerField(help_text='which chunk wrote it; a lower one never overwrites it')),
                ('data', models.JSONField()),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), help_text='when the content last changed')),
            ],
            options={
                'db_table': 'releases',
            },
        ),
        migrations.CreateModel(
            name='LeadingName',
            fields=[
                ('pk', models.CompositePrimaryKey('kind', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(help_text='artist or label', max_length=6)),
                ('id', models.BigIntegerField()),
                ('name', models.TextField(db_collation='C', help_text='in lower case, its first 200 characters')),
                ('releases', models.IntegerField()),
            ],
            options={
                'db_table': 'leading_name',
                'indexes': [models.Index(models.F('kind'), models.F('name'), models.F('releases'), models.F('id'), name='leading_name_beginning')],
            },
        ),
        migrations.CreateModel(
            name='Tally',
            fields=[
                ('pk', models.CompositePrimaryKey('kind', 'parent', 'child', blank=True, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(help_text='of parent and child, such as genre artist', max_length=12)),
                ('parent', models.TextField(db_collation='C', help_text='name of a genre or style, id of a label')),
                ('child', models.TextField(db_collation='C', help_text='name of a genre or style, id of an artist or label, a year')),
                ('releases', models.IntegerField()),
                ('years', django.contrib.postgres.fields.ArrayField(base_field=models.SmallIntegerField(), db_default=[], help_text='of those that have one, ascending; of genres and styles with artists, labels and each other', size=None)),
            ],
            options={
                'db_table': 'tally',
                'indexes': [models.Index(models.F('kind'), django.db.models.functions.text.Left('parent', 200), models.OrderBy(models.F('releases'), descending=True), django.db.models.functions.text.Left('child', 200), name='idx_tally_pages')],
            },
        ),
        migrations.RunSQL('ALTER TABLE tally DROP CONSTRAINT tally_pkey', migrations.RunSQL.noop),
        *(migrations.RunSQL(f'ALTER TABLE {table} {columns}', migrations.RunSQL.noop) for table, columns in SEARCHED.items()),
        migrations.RunSQL(MUSICBRAINZ, 'DROP SCHEMA musicbrainz CASCADE'),
        migrations.RunPython(set_storage, migrations.RunPython.noop),
        TrigramExtension(),
        UnaccentExtension(),
        migrations.RunSQL(PLAIN_NAME, 'DROP FUNCTION plain_name(text)'),
        migrations.RunSQL(BARCODES, 'DROP FUNCTION barcodes(jsonb)'),
    ]
