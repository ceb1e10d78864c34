"""The secondary indexes of the record tables (data.md 6.1): made after a first load, since they would slow it down.

Text columns are indexed by a prefix: an entry has at most some 2,700 bytes, and titles have no such bound.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from django.db import connection

from apps.catalog.models import TABLES

NAMED = {
    "idx_{table}_name": "btree (left(data->>'name', 200))",
    "idx_{table}_fts": "gin (to_tsvector('english', coalesce(data->>'name', '')))",
}
TITLED = {
    "idx_{table}_title": "btree (left(data->>'title', 200))",
    "idx_{table}_year": "btree (((data->>'year')::int))",
    "idx_{table}_fts": "gin (to_tsvector('english', coalesce(data->>'title', '')))",
}
INDEXES = {
    "artists": NAMED,
    "labels": NAMED,
    "masters": TITLED,
    "releases": {
        **TITLED,
        "idx_{table}_country": "btree ((data->>'country'))",
        "idx_{table}_genres": "gin ((data->'genres') jsonb_path_ops)",
        "idx_{table}_labels": "gin ((data->'labels') jsonb_path_ops)",
    },
}


def statements(types: Collection[str] = tuple(TABLES)) -> Iterator[str]:
    """Yield what makes each index that is not there yet."""
    for record_type in types:
        for name, definition in INDEXES[record_type].items():
            yield f"CREATE INDEX IF NOT EXISTS {name.format(table=record_type)} ON {record_type} USING {definition}"


def create(types: Collection[str] = tuple(TABLES)) -> None:
    """Make what is missing; an index that exists is left alone."""
    with connection.cursor() as cursor:
        for statement in statements(types):
            cursor.execute(statement)
