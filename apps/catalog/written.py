"""What a chunk wrote into its table, for the feed: by its range of ids, or, of MusicBrainz, by its own number."""

from __future__ import annotations

from collections.abc import Iterator

from apps.catalog import musicbrainz
from apps.catalog.loader import server_cursor, statement
from apps.ingest.models import Chunk, Source

FETCH_ROWS = 500

# A later chunk that wrote a record again tells of it.
WRITTEN = """
SELECT data_id, encode(hash, 'hex'), data::text
FROM {table}
WHERE data_id BETWEEN %(low)s AND %(high)s AND chunk_id = %(chunk)s
UNION ALL
SELECT data_id, encode(hash, 'hex'), data::text
FROM {table}
WHERE data_id = ANY(%(strays)s) AND chunk_id = %(chunk)s
"""


def written_by(chunk: Chunk) -> Iterator[tuple[str, str, str]]:
    """Yield (id, content hash in hex, JSON) of each record that a chunk wrote and that no later one overwrote.

    Rows are left on the server until they are asked for, so memory does not grow with the chunk.
    """
    is_musicbrainz = chunk.file.run.source == Source.MUSICBRAINZ
    record_type = chunk.file.type
    query = (
        musicbrainz.statement(musicbrainz.WRITTEN, record_type) if is_musicbrainz else statement(WRITTEN, record_type)
    )
    parameters = {"low": chunk.low_id, "high": chunk.high_id, "chunk": chunk.pk, "strays": chunk.stray_ids}
    with server_cursor() as cursor:
        cursor.itersize = FETCH_ROWS
        cursor.execute(query, parameters)
        for key, content_hash, data in cursor:
            yield str(key), content_hash, data
