"""The loader that everyone writes first: stream the XML, and one INSERT … ON CONFLICT for each record.

python -m bench.naive DSN DUMP_FILE…

Its JSON is the generic one of ``limits.walk``: no normalisation, no rules, no references, no graph. So it does less
than ours for each record; what it costs is the parser and the statement.
"""

from __future__ import annotations

import gzip
import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

import orjson
import psycopg
from lxml import etree

from bench.limits import walk

TABLE = """
CREATE TABLE {type} (
    id bigint PRIMARY KEY, hash bytea NOT NULL, data jsonb NOT NULL, updated_at timestamptz NOT NULL DEFAULT now()
)
"""
UPSERT = """
INSERT INTO {type} (id, hash, data) VALUES (%s, %s, %s::jsonb)
ON CONFLICT (id) DO UPDATE SET hash = excluded.hash, data = excluded.data WHERE {type}.hash <> excluded.hash
"""


def records(path: Path, tag: str) -> Iterator[dict[str, object]]:
    """Yield the records of a dump file, freeing each one."""
    with gzip.open(path) as content:
        for _, element in etree.iterparse(content, tag=tag, events=("end",)):
            # Labels nest in labels: only children of the root are records.
            if element.getparent().getparent() is None:
                yield walk(element)
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]


def load(connection: psycopg.Connection[tuple[object, ...]], path: Path) -> None:
    """Load one dump file in one transaction, the kindest way for single statements."""
    record_type = path.name.split("_")[2].partition(".")[0]
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(TABLE.format(type=record_type))
        statement = UPSERT.format(type=record_type)
        for record in records(path, record_type[:-1]):
            data = orjson.dumps(record)
            cursor.execute(statement, (int(str(record["id"])), hashlib.sha256(data).digest(), data.decode()))


def main() -> None:
    """Load the files."""
    dsn, *paths = sys.argv[1:]
    with psycopg.connect(dsn) as connection:
        for path in paths:
            load(connection, Path(path))


if __name__ == "__main__":
    main()
