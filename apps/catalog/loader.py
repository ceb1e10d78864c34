"""Loading the record tables: batches in by COPY, and what they hold for whoever decides what has changed.

A chunk's rows and its mark are one transaction, so a message that comes twice, one after the other or at the same
time, loads once. A lost tail of the log is a chunk without its mark, so the commit need not wait for the disk.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import DataError, Error, IntegrityError, connection, transaction

from apps.catalog.models import REVISION, TABLES
from apps.catalog.rows import COLUMNS, HEADER, TRAILER
from apps.ingest import ledger
from apps.ingest.chunks import spool
from apps.ingest.discogs.extraction import Known
from apps.ingest.models import Chunk

COPY_BLOCK_BYTES = 256 * 1024
FETCH_ROWS = 5000
EXCERPT_CHARACTERS = 2000

EMPTY = "SELECT NOT EXISTS (SELECT FROM {table})"

COUNT = "SELECT count(*) FROM {table}"

KNOWN = """
SELECT data_id, raw_hash, CASE WHEN rev = %(revision)s THEN hash END
FROM {table}
WHERE data_id BETWEEN %(low)s AND %(high)s
UNION ALL
SELECT data_id, raw_hash, CASE WHEN rev = %(revision)s THEN hash END
FROM {table}
WHERE data_id = ANY(%(strays)s)
"""

HASHES = "SELECT data_id, hash FROM {table} WHERE data_id = ANY(%s)"

# Sizes as they are stored: that of a long record is known without reading it.
HASH_PAGE = """
SELECT data_id, encode(hash, 'hex'), pg_column_size(data)
FROM {table}
WHERE data_id BETWEEN %(low)s AND %(high)s
ORDER BY data_id
LIMIT %(limit)s
"""

EXISTING = "SELECT data_id FROM {table} WHERE data_id = ANY(%s)"

COPY_IN = "COPY {table} ({columns}) FROM STDIN (FORMAT BINARY)"

MAKE_BATCH = """
CREATE TEMPORARY TABLE batch (
    data_id bigint, hash bytea, rev smallint, chunk_id bigint, raw_hash bytea, data jsonb
) ON COMMIT DROP
"""

# A row of a later chunk stays: ids of chunks ascend with the file and the run. So the later record wins in every order.
MERGE = """
INSERT INTO {table} AS stored (data_id, hash, rev, chunk_id, raw_hash, data)
SELECT data_id, hash, rev, chunk_id, raw_hash, data
FROM batch
WHERE data IS NOT NULL
ON CONFLICT (data_id) DO UPDATE
SET hash = excluded.hash, rev = excluded.rev, chunk_id = excluded.chunk_id, raw_hash = excluded.raw_hash,
    data = excluded.data, updated_at = now()
WHERE stored.chunk_id <= excluded.chunk_id
    AND (%(rewrite)s OR stored.hash <> excluded.hash OR stored.rev <> excluded.rev)
"""

# The content is the same and only the bytes in the dump are not: the next run need not parse the record again.
REFRESH = """
UPDATE {table} AS stored
SET raw_hash = batch.raw_hash
FROM batch
WHERE stored.data_id = batch.data_id AND stored.hash = batch.hash AND stored.raw_hash IS DISTINCT FROM batch.raw_hash
"""

BEYOND_LIMITS = (psycopg.errors.ProgramLimitExceeded, psycopg.errors.StatementTooComplex)


def is_empty(record_type: str) -> bool:
    """Tell whether a type's table has no row."""
    return bool(value(statement(EMPTY, record_type)))


def count(record_type: str) -> int:
    """Return how many rows a type's table has; reads all of it."""
    return int(value(statement(COUNT, record_type)))


def value(query: str) -> Any:
    """Return the one value that a query finds."""
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


def statement(template: str, record_type: str) -> str:
    """Write a statement for the table of a type, which has its name."""
    if record_type not in TABLES:
        raise KeyError(record_type)
    return template.format(table=record_type, columns=COLUMNS)


@contextmanager
def server_cursor(*, binary: bool = False) -> Iterator[Any]:
    """Open a cursor that leaves its rows on the server until they are asked for.

    Django makes its own of psycopg's errors, but not for such a cursor.
    """
    connection.ensure_connection()
    with (
        transaction.atomic(),
        connection.wrap_database_errors,
        connection.connection.cursor(name="rows", binary=binary) as cursor,
    ):
        yield cursor


def known(record_type: str, low_id: int, high_id: int, ids: Sequence[int]) -> Known:
    """Return what a table holds of a chunk's ids and of its range.

    Read with a cursor of the server, since a small dump over a full table has ranges of millions.
    """
    own = set(ids)
    strays = [each for each in own if not low_id <= each <= high_id]
    hashes: dict[int, tuple[bytes | None, bytes | None]] = {}
    others = array("q")
    parameters = {"revision": REVISION, "low": low_id, "high": high_id, "strays": strays}
    with server_cursor(binary=True) as cursor:
        cursor.itersize = FETCH_ROWS
        cursor.execute(statement(KNOWN, record_type), parameters)
        for data_id, raw_hash, content_hash in cursor:
            if data_id in own:
                hashes[data_id] = (raw_hash, content_hash)
            else:
                others.append(data_id)
    return Known(hashes, others)


def hashes(record_type: str, ids: Sequence[int]) -> dict[int, bytes]:
    """Return id → content hash of those records that a table has."""
    with connection.cursor() as cursor:
        cursor.execute(statement(HASHES, record_type), [list(ids)])
        return {data_id: bytes(content_hash) for data_id, content_hash in cursor}


def hash_pages(record_type: str, low_id: int, high_id: int, limit: int) -> Iterator[list[tuple[int, str, int]]]:
    """Yield (id, content hash in hex, bytes of its JSON as stored) of the records of a range, some at a time.

    No cursor is open between the pages.
    """
    with connection.cursor() as cursor:
        while low_id <= high_id:
            cursor.execute(statement(HASH_PAGE, record_type), {"low": low_id, "high": high_id, "limit": limit})
            if not (page := cursor.fetchall()):
                return
            yield page
            low_id = page[-1][0] + 1


def existing(record_type: str, ids: Iterable[int]) -> set[int]:
    """Return those of some ids that a table has."""
    with connection.cursor() as cursor:
        cursor.execute(statement(EXISTING, record_type), [list(ids)])
        return {data_id for (data_id,) in cursor}


@dataclass(frozen=True, slots=True)
class Merging:
    """How a source's batches come into its tables: through temporary ones, of which the new and the changed are taken.

    ``stage`` takes a cursor and the blocks of a COPY stream, ``merge`` a cursor and the chunk, ``staged`` are the names
    of the temporary tables, ``key`` finds the id in the bytes of a row.
    """

    stage: Callable[[Any, Iterable[bytes]], None]
    merge: Callable[[Any, Chunk], None]
    staged: str
    key: Callable[[bytes], str]


def load(chunk: Chunk) -> dict[str, int]:
    """Write a chunk's new and changed records into their table in the quickest way that it allows.

    As ``merge``; where the table is empty, an id that stands in two chunks breaks the copy: the later one wins, which a
    merge knows.
    """
    if chunk.file.first_load:
        try:
            write(chunk, copy_rows)
        except Error as error:
            if not isinstance(error, IntegrityError) and not is_refusal(error):
                raise
        else:
            return written(chunk)
    return merge(chunk, MERGING)


def merge(chunk: Chunk, merging: Merging) -> dict[str, int]:
    """Write a chunk's new and changed records into their tables; nothing if a twin did.

    A value that PostgreSQL refuses makes its record a dead letter; the others are written.
    """
    try:
        write(chunk, lambda cursor, chunk: merge_rows(cursor, chunk, merging))
    except Error as error:
        if not is_refusal(error):
            raise
        merge_but_refused(chunk, merging)
    return written(chunk)


def written(chunk: Chunk) -> dict[str, int]:
    """Delete the blob of a batch that is in its table, and say what it was."""
    spool.delete(f"{chunk.batch}.rows")
    return {"new": chunk.new, "changed": chunk.changed}


def write(chunk: Chunk, write_rows: Callable[[Any, Chunk], None]) -> None:
    """Write rows and mark in one transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        if ledger.mark(chunk, "table"):
            write_rows(cursor, chunk)


def copy_rows(cursor: Any, chunk: Chunk) -> None:
    """Copy a batch straight into its table, where none of its ids may be yet."""
    copy(cursor, statement(COPY_IN, chunk.file.type), blocks_of(chunk))


def merge_rows(cursor: Any, chunk: Chunk, merging: Merging) -> None:
    """Copy a batch into a temporary table; from there insert what is new and update what differs."""
    merging.stage(cursor, blocks_of(chunk))
    merging.merge(cursor, chunk)


def stage_rows(cursor: Any, blocks: Iterable[bytes]) -> None:
    """Copy rows into the temporary table."""
    cursor.execute(MAKE_BATCH)
    copy(cursor, COPY_IN.format(table="batch", columns=COLUMNS), blocks)


def merge_staged(cursor: Any, chunk: Chunk) -> None:
    """Bring the temporary table's rows into theirs."""
    cursor.execute(statement(MERGE, chunk.file.type), {"rewrite": chunk.file.run.rewrite})
    cursor.execute(statement(REFRESH, chunk.file.type))


MERGING = Merging(
    stage=stage_rows,
    merge=merge_staged,
    staged="batch",
    key=lambda row: str(int.from_bytes(row[6:14], "big")),
)


def copy(cursor: Any, copy_in: str, blocks: Iterable[bytes]) -> None:
    """Send a COPY stream, a block at a time."""
    # Django makes its own of psycopg's errors, but not for copy().
    with connection.wrap_database_errors, cursor.copy(copy_in) as stream:
        for block in blocks:
            stream.write(block)


def blocks_of(chunk: Chunk) -> Iterator[bytes]:
    """Yield the stream of a batch's rows."""
    with spool.open_blob(f"{chunk.batch}.rows") as rows:
        while block := rows.read(COPY_BLOCK_BYTES):
            yield block


def merge_but_refused(chunk: Chunk, merging: Merging) -> None:
    """Write a batch but for the records that PostgreSQL refuses, which become dead letters."""
    rows = list(rows_of(spool.read(f"{chunk.batch}.rows")))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        if ledger.mark(chunk, "table"):
            refused = list(merge_halves(cursor, chunk, rows, merging))
            ledger.bury_records(chunk, "table", "tableinator", refused)
            Chunk.objects.filter(pk=chunk.pk).update(dead=len(refused))


def merge_halves(cursor: Any, chunk: Chunk, rows: Sequence[bytes], merging: Merging) -> Iterator[tuple[str, str, str]]:
    """Merge rows, by halves where they are refused together; yield (id, error, excerpt) of each refused alone."""
    try:
        with transaction.atomic():
            merging.stage(cursor, [HEADER, *rows, TRAILER])
            merging.merge(cursor, chunk)
            cursor.execute(f"DROP TABLE {merging.staged}")
    except Error as error:
        if not is_refusal(error):
            raise
        if len(rows) == 1:
            (row,) = rows
            excerpt = row[-EXCERPT_CHARACTERS:].decode(errors="replace").replace("\0", "")
            yield merging.key(row), str(error).splitlines()[0], excerpt
            return
        half = len(rows) // 2
        yield from merge_halves(cursor, chunk, rows[:half], merging)
        yield from merge_halves(cursor, chunk, rows[half:], merging)


def is_refusal(error: Error) -> bool:
    """Tell whether an error is a value's fault: it does not fit its column, or is beyond a limit of the server."""
    return isinstance(error, DataError) or isinstance(error.__cause__, BEYOND_LIMITS)


def rows_of(stream: bytes) -> Iterator[bytes]:
    """Yield the bytes of each row of a binary COPY stream."""
    start = len(HEADER)
    while stream[start : start + 2] != TRAILER:
        end = start + 2
        for _ in range(int.from_bytes(stream[start : start + 2], "big")):
            length = int.from_bytes(stream[end : end + 4], "big", signed=True)
            end += 4 + max(length, 0)
        yield stream[start:end]
        start = end
