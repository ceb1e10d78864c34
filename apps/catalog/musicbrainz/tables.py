"""The tables of MusicBrainz, one for each type, and what extraction and the purge ask of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import connection

from apps.catalog import loader
from apps.catalog.models import REVISION

TABLES = {
    "artists": "musicbrainz.artists",
    "labels": "musicbrainz.labels",
    "release-groups": "musicbrainz.release_groups",
    "releases": "musicbrainz.releases",
}

DISCOGS_ID = {
    "artists": "discogs_artist_id",
    "labels": "discogs_label_id",
    "release-groups": "discogs_master_id",
    "releases": "discogs_release_id",
}

# Column → its value, as an expression over the columns of TAKEN_APART.
COLUMNS = {
    "artists": {
        "name": "name",
        "sort_name": "sort_name",
        "type": "mb_type",
        "gender": "gender",
        "begin_date": "life_span->>'begin'",
        "end_date": "life_span->>'end'",
        "ended": "(life_span->>'ended')::boolean",
        "area": "area",
        "begin_area": "begin_area",
        "end_area": "end_area",
        "disambiguation": "disambiguation",
        "discogs_artist_id": "discogs_artist_id",
        "discogs_link_ended": "discogs_link_ended",
        "aliases": "aliases",
        "tags": "tags",
    },
    "labels": {
        "name": "name",
        "type": "mb_type",
        "label_code": "label_code",
        "begin_date": "life_span->>'begin'",
        "end_date": "life_span->>'end'",
        "ended": "(life_span->>'ended')::boolean",
        "area": "area",
        "disambiguation": "disambiguation",
        "discogs_label_id": "discogs_label_id",
        "discogs_link_ended": "discogs_link_ended",
    },
    "release-groups": {
        "name": "name",
        "type": "mb_type",
        "secondary_types": "secondary_types",
        "first_release_date": "first_release_date",
        "disambiguation": "disambiguation",
        "discogs_master_id": "discogs_master_id",
        "discogs_link_ended": "discogs_link_ended",
    },
    "releases": {
        "name": "name",
        "barcode": "barcode",
        "status": "status",
        "release_group_mbid": "release_group_mbid",
        "discogs_release_id": "discogs_release_id",
        "discogs_link_ended": "discogs_link_ended",
    },
}

TAKEN_APART = """
jsonb_to_record(batch.data) AS record(
    name text, sort_name text, mb_type text, gender text, life_span jsonb, area text, begin_area text, end_area text,
    disambiguation text, label_code integer, secondary_types jsonb, first_release_date text, barcode text, status text,
    release_group_mbid uuid, aliases jsonb, tags jsonb, discogs_link_ended boolean, discogs_artist_id bigint,
    discogs_label_id bigint, discogs_master_id bigint, discogs_release_id bigint
)
"""

KNOWN = """
SELECT mbid, CASE WHEN rev = %(revision)s THEN hash END
FROM {table}
WHERE mbid = ANY(%(mbids)s)
"""


def statement(template: str, record_type: str, **parts: str) -> str:
    """Fill in a template for the table of a type."""
    columns = COLUMNS[record_type]
    return template.format(
        table=TABLES[record_type],
        discogs_id=DISCOGS_ID[record_type],
        columns=", ".join(columns),
        values=", ".join(columns.values()),
        assignments=", ".join(f"{name} = excluded.{name}" for name in columns),
        taken_apart=TAKEN_APART,
        **parts,
    )


def is_empty(record_type: str) -> bool:
    """Tell whether a type's table is empty."""
    return bool(loader.fetch_value(statement(loader.EMPTY, record_type)))


def count(record_type: str) -> int:
    """Return the exact number of rows of a type's table; this reads the whole table."""
    return int(loader.fetch_value(statement(loader.COUNT, record_type)))


def read_known(record_type: str, mbids: Sequence[UUID]) -> Mapping[UUID, bytes | None]:
    """Return id → content hash for the ids that a table has; the hash is None if another revision wrote the row."""
    with connection.cursor() as cursor:
        cursor.execute(statement(KNOWN, record_type), {"revision": REVISION, "mbids": list(mbids)})
        return {mbid: bytes(content) if content is not None else None for mbid, content in cursor.fetchall()}
