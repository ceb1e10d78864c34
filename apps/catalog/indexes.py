"""The secondary indexes of the record tables (data.md 6.1): made after a first load, since they would slow it down.

Texts are indexed by a prefix: an entry has at most some 2,700 bytes, the words of a text at most a megabyte, and the
format bounds neither. One text beyond that would keep the index from being made, and its file from completing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from django.db import DEFAULT_DB_ALIAS, connection, connections

from apps.catalog.models import TABLES

NAMED = {
    "idx_{table}_name": "btree (left(data->>'name', 200))",
    "idx_{table}_fts": "gin (to_tsvector('english', left(coalesce(data->>'name', ''), 10000)))",
}
TITLED = {
    "idx_{table}_title": "btree (left(data->>'title', 200))",
    "idx_{table}_year": "btree (((data->>'year')::int))",
    "idx_{table}_fts": "gin (to_tsvector('english', left(coalesce(data->>'title', ''), 10000)))",
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
    },
}

BUILDERS = 2
# Rows to look at, over 300: autovacuum looks thoroughly in its own time, and each row costs as much as all its indexes.
FIRST_LOOK = 30

EXISTS = "SELECT to_regclass(%s) IS NOT NULL"


def create(types: Collection[str] = tuple(TABLES)) -> None:
    """Make what is missing, and let the planner look at a table that got its indexes; what exists is left alone.

    Indexes of a table are made side by side, each in a transaction of its own.
    """
    for record_type in types:
        if missing := list(missing_in(record_type)):
            with ThreadPoolExecutor(BUILDERS) as builders:
                for _ in builders.map(execute, missing):
                    pass
            execute(f"SET default_statistics_target = {FIRST_LOOK}", f"ANALYZE {record_type}")


def missing_in(record_type: str) -> Iterator[str]:
    """Yield what makes each index that a table lacks."""
    with connection.cursor() as cursor:
        for template, definition in INDEXES[record_type].items():
            name = template.format(table=record_type)
            cursor.execute(EXISTS, [name])
            if not cursor.fetchone()[0]:
                yield f"CREATE INDEX IF NOT EXISTS {name} ON {record_type} USING {definition}"


def execute(*statements: str) -> None:
    """Run statements over a connection of their own."""
    with closing(connections.create_connection(DEFAULT_DB_ALIAS)) as own, own.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
