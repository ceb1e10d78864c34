"""Read back what a chunk of Discogs wrote to its table, for the feed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from apps.catalog.loader import server_cursor, statement
from apps.ingest.models import Chunk

FETCH_ROWS = 500

# A record that a later chunk wrote again is left out: it is published with that chunk.
WRITTEN = """
SELECT data_id, encode(hash, 'hex'), data::text
FROM {table}
WHERE data_id BETWEEN %(low)s AND %(high)s AND chunk_id = %(chunk)s
UNION ALL
SELECT data_id, encode(hash, 'hex'), data::text
FROM {table}
WHERE data_id = ANY(%(strays)s) AND chunk_id = %(chunk)s
"""


def read_written(chunk: Chunk) -> Iterator[tuple[str, str, str]]:
    """Yield (id, content hash in hex, JSON) of each record that a chunk wrote and no later chunk overwrote."""
    parameters = {"low": chunk.low_id, "high": chunk.high_id, "chunk": chunk.pk, "strays": chunk.stray_ids}
    return fetch_records(statement(WRITTEN, chunk.file.type), parameters)


def fetch_records(query: str, parameters: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield the records of a query, through a server-side cursor, so that memory does not grow with the chunk."""
    with server_cursor() as cursor:
        cursor.itersize = FETCH_ROWS
        cursor.execute(query, parameters)
        for key, content_hash, data in cursor:
            yield str(key), content_hash, data
