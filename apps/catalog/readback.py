"""Read the tables back in place of a dump, to rebuild the graph from PostgreSQL alone (decision 11).

The records come out as they went in, so everything after extraction is the same as in every other run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import orjson
from django.db import connection, transaction
from django.db.models.functions import Now

from apps.catalog.loader import server_cursor, statement
from apps.ingest.chunks import stages
from apps.ingest.chunks.outcome import Result
from apps.ingest.discogs.extraction import Extracted, Rows
from apps.ingest.models import Chunk, DumpFile
from apps.ingest.sources.discogs_ids import LAST_ID

CHUNK_RECORDS = 4000

# The id of every n-th record, at which a range begins.
STARTS = """
SELECT data_id
FROM (SELECT data_id, row_number() OVER (ORDER BY data_id) - 1 AS number FROM {table}) AS numbered
WHERE number %% %(records)s = 0
ORDER BY data_id
"""

RECORDS = """
SELECT data_id, hash, data::text
FROM {table}
WHERE data_id BETWEEN %(low)s AND %(high)s
ORDER BY data_id
"""

SOME_RECORDS = """
SELECT data_id, hash, data::text
FROM {table}
WHERE data_id = ANY(%(ids)s)
ORDER BY data_id
"""


def split(file: DumpFile) -> None:
    """Enter the ranges of a table into the ledger as chunks. The call is idempotent: existing chunks are skipped."""
    with connection.cursor() as cursor:
        cursor.execute(statement(STARTS, file.type), {"records": CHUNK_RECORDS})
        # The first range begins at 1 and the last one is open upwards, so that the ranges partition all ids as those of
        # a dump do. An empty table gives one range without a record.
        lows = [1, *(data_id for (data_id,) in cursor.fetchall()[1:])]
    highs = [*(low - 1 for low in lows[1:]), LAST_ID]
    with transaction.atomic():
        Chunk.objects.bulk_create(
            (
                Chunk(file=file, seq=seq, low_id=low, high_id=high, sha256=b"", xml_blob="")
                for seq, (low, high) in enumerate(zip(lows, highs, strict=True))
            ),
            ignore_conflicts=True,
        )
        DumpFile.objects.filter(pk=file.pk).update(split_at=Now())


def extract(chunk: Chunk, stores: Sequence[Rows]) -> dict[str, int]:
    """Write the batch of a range of a table: the same that a chunk of a dump with these records would give."""
    result = Result()
    with server_cursor() as cursor:
        cursor.execute(statement(RECORDS, chunk.file.type), {"low": chunk.low_id, "high": chunk.high_id})
        for data_id, content_hash, data in cursor:
            extracted = read_back(chunk.file.type, data_id, bytes(content_hash), orjson.loads(data))
            for store in stores:
                store.add(extracted)
            result.records += 1
    result.unchanged = result.for_graph = result.records
    stages.hand_over(chunk, result, stores)
    return {"records": result.records}


def read_records(record_type: str, ids: Sequence[int]) -> Iterator[Extracted]:
    """Yield records of a table by id, in the form in which extraction passes them to the stores."""
    with connection.cursor() as cursor:
        cursor.execute(statement(SOME_RECORDS, record_type), {"ids": list(ids)})
        for data_id, content_hash, data in cursor:
            yield read_back(record_type, data_id, bytes(content_hash), orjson.loads(data))


def read_back(record_type: str, data_id: int, content_hash: bytes, data: dict[str, Any]) -> Extracted:
    """Return a record of a table in the form in which extraction passes it to the stores."""
    year = data.get("year") if record_type in ("masters", "releases") else None
    return Extracted(data_id, data, content_hash, None, b"", year, is_same=True, is_new=True, for_graph=True)
