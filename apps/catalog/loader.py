"""Load the record tables by COPY, and tell extraction and the graph what they hold.

A chunk's rows and its mark are one transaction, so a duplicate delivery, later or at the same time, loads nothing. The
commit waits for the disk, since the batch is deleted after it: a crash must not lose the rows when nothing has them.
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

# The blob is decompressed block by block while PostgreSQL reads, so a chunk's rows are never in memory as a whole.
COPY_BLOCK_BYTES = 256 * 1024
FETCH_ROWS = 5000
EXCERPT_CHARACTERS = 2000

EMPTY = "SELECT NOT EXISTS (SELECT FROM {table})"

COUNT = "SELECT count(*) FROM {table}"

# The chunk's range, and its ids outside of the range. A row of another revision has no comparable hash.
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

# The size is the stored one: PostgreSQL knows it without reading a long record.
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

# Keys of chunks ascend with the file and the run, and a row of a later chunk is not overwritten. So the later record
# wins, in whatever order the chunks are loaded. Equal rows are left alone, since an UPDATE would write them anew.
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

# For records whose bytes changed and whose content did not. With the new raw hash, the next run need not parse them.
REFRESH = """
UPDATE {table} AS stored
SET raw_hash = batch.raw_hash
FROM batch
WHERE stored.data_id = batch.data_id AND stored.hash = batch.hash AND stored.raw_hash IS DISTINCT FROM batch.raw_hash
"""

BEYOND_LIMITS = (psycopg.errors.ProgramLimitExceeded, psycopg.errors.StatementTooComplex)


def is_empty(record_type: str) -> bool:
    """Tell whether a type's table is empty."""
    return bool(fetch_value(statement(EMPTY, record_type)))


def count(record_type: str) -> int:
    """Return the exact number of rows of a type's table; this reads the whole table."""
    return int(fetch_value(statement(COUNT, record_type)))


def fetch_value(query: str) -> Any:
    """Return the single value that a query returns."""
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


def statement(template: str, record_type: str) -> str:
    """Fill in a template for the table of a type. The table has the type's name, so other names are refused."""
    if record_type not in TABLES:
        raise KeyError(record_type)
    return template.format(table=record_type, columns=COLUMNS)


@contextmanager
def server_cursor(*, binary: bool = False) -> Iterator[Any]:
    """Open a server-side cursor, which sends its rows in blocks, so that memory does not grow with the result."""
    connection.ensure_connection()
    # Django translates psycopg's errors into its own only for its own cursors, so this one is wrapped by hand.
    with (
        transaction.atomic(),
        connection.wrap_database_errors,
        connection.connection.cursor(name="rows", binary=binary) as cursor,
    ):
        yield cursor


def read_known(record_type: str, low_id: int, high_id: int, ids: Sequence[int]) -> Known:
    """Return what a table holds in a chunk's range of ids, and of the chunk's ids outside of it."""
    own = set(ids)
    # A small dump over a full table has ranges of millions of ids: hence the server-side cursor, and an array for the
    # ids, which needs a fraction of a list's memory.
    # A chunk's ids outside of its range are few, so an index lookup for each is cheaper than a wider range.
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


def read_hashes(record_type: str, ids: Sequence[int]) -> dict[int, bytes]:
    """Return id → content hash for the ids that a table has."""
    with connection.cursor() as cursor:
        cursor.execute(statement(HASHES, record_type), [list(ids)])
        return {data_id: bytes(content_hash) for data_id, content_hash in cursor}


def read_hash_pages(record_type: str, low_id: int, high_id: int, limit: int) -> Iterator[list[tuple[int, str, int]]]:
    """Yield pages of (id, content hash in hex, stored bytes of the JSON) for the records of a range.

    No cursor is open between two pages, so a slow caller holds no snapshot of PostgreSQL.
    """
    with connection.cursor() as cursor:
        while low_id <= high_id:
            cursor.execute(statement(HASH_PAGE, record_type), {"low": low_id, "high": high_id, "limit": limit})
            if not (page := cursor.fetchall()):
                return
            yield page
            # The next page begins behind the last id. With OFFSET, PostgreSQL would read all rows before it again.
            low_id = page[-1][0] + 1


def find_existing(record_type: str, ids: Iterable[int]) -> set[int]:
    """Return the ids that a table has."""
    with connection.cursor() as cursor:
        cursor.execute(statement(EXISTING, record_type), [list(ids)])
        return {data_id for (data_id,) in cursor}


@dataclass(frozen=True, slots=True)
class Merging:
    """How the batches of a source are merged into its tables, by way of temporary tables.

    ``stage`` copies a stream into the temporary tables: it takes a cursor and the stream's blocks. ``merge`` upserts
    from there: it takes a cursor and the chunk. ``staged`` names the temporary tables. ``key`` returns the id in the
    bytes of a row.
    """

    stage: Callable[[Any, Iterable[bytes]], None]
    merge: Callable[[Any, Chunk], None]
    staged: str
    key: Callable[[bytes], str]


def load(chunk: Chunk) -> dict[str, int]:
    """Write a chunk's new and changed records into their table: by a plain COPY if it was empty, else by a merge.

    Idempotent, as ``merge`` is.
    """
    # A plain COPY fails where an id is in two chunks, or where PostgreSQL refuses a value. Both are rare, and the merge
    # handles both.
    if chunk.file.first_load:
        try:
            # Without a temporary table and without a comparison: the first load writes most of the rows that a system
            # ever gets.
            write(chunk, copy_rows)
        except Error as error:
            # The transaction is rolled back as a whole, with the mark. So the merge below begins as if nothing had
            # happened.
            if not isinstance(error, IntegrityError) and not is_refusal(error):
                raise
        else:
            return finish_batch(chunk)
    return merge(chunk, MERGING)


def merge(chunk: Chunk, merging: Merging) -> dict[str, int]:
    """Merge a chunk's new and changed records into their tables. A duplicate delivery changes nothing.

    A record with a value that PostgreSQL refuses becomes a dead letter; the others are written.
    """
    try:
        write(chunk, lambda cursor, chunk: merge_rows(cursor, chunk, merging))
    except Error as error:
        if not is_refusal(error):
            raise
        merge_without_refused(chunk, merging)
    return finish_batch(chunk)


def finish_batch(chunk: Chunk) -> dict[str, int]:
    """Delete the blob of a committed batch and return its counts."""
    spool.delete(f"{chunk.batch}.rows")
    return {"new": chunk.new, "changed": chunk.changed}


def write(chunk: Chunk, write_rows: Callable[[Any, Chunk], None]) -> None:
    """Write the mark and the rows of a chunk in one transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        # The mark first: it locks the chunk's row, so a duplicate waits here and then finds the mark set.
        if ledger.mark(chunk, "table"):
            write_rows(cursor, chunk)


def copy_rows(cursor: Any, chunk: Chunk) -> None:
    """Copy a batch straight into its table. Fails if the table has one of its ids."""
    copy(cursor, statement(COPY_IN, chunk.file.type), read_blocks(chunk))


def merge_rows(cursor: Any, chunk: Chunk, merging: Merging) -> None:
    """Copy a batch into temporary tables; from there insert new rows and update those that differ."""
    merging.stage(cursor, read_blocks(chunk))
    merging.merge(cursor, chunk)


def stage_rows(cursor: Any, blocks: Iterable[bytes]) -> None:
    """Create the temporary table and copy rows into it."""
    cursor.execute(MAKE_BATCH)
    copy(cursor, COPY_IN.format(table="batch", columns=COLUMNS), blocks)


def merge_staged(cursor: Any, chunk: Chunk) -> None:
    """Upsert the rows of the temporary table, then refresh the raw hashes."""
    cursor.execute(statement(MERGE, chunk.file.type), {"rewrite": chunk.file.run.rewrite})
    cursor.execute(statement(REFRESH, chunk.file.type))


MERGING = Merging(
    stage=stage_rows,
    merge=merge_staged,
    staged="batch",
    key=lambda row: str(int.from_bytes(row[6:14], "big")),
)


def copy(cursor: Any, copy_in: str, blocks: Iterable[bytes]) -> None:
    """Send a COPY stream to PostgreSQL, block by block."""
    # Django does not translate psycopg's errors for copy(), so it is wrapped by hand.
    with connection.wrap_database_errors, cursor.copy(copy_in) as stream:
        for block in blocks:
            stream.write(block)


def read_blocks(chunk: Chunk) -> Iterator[bytes]:
    """Yield the COPY stream of a chunk's batch in blocks."""
    with spool.open_blob(f"{chunk.batch}.rows") as rows:
        while block := rows.read(COPY_BLOCK_BYTES):
            yield block


def merge_without_refused(chunk: Chunk, merging: Merging) -> None:
    """Merge a batch without the records that PostgreSQL refuses; those become dead letters in the same transaction."""
    # Only here is a batch in memory as a whole, because it has to be taken apart.
    rows = list(cut_rows(spool.read(f"{chunk.batch}.rows")))
    with transaction.atomic(), connection.cursor() as cursor:
        if ledger.mark(chunk, "table"):
            # Halving finds one bad row among two thousand in some eleven steps. A savepoint for each row would make
            # every sound row pay for it.
            refused = list(merge_halves(cursor, chunk, rows, merging))
            ledger.record_dead_records(chunk, "table", "tableinator", refused)
            Chunk.objects.filter(pk=chunk.pk).update(dead=len(refused))


def merge_halves(cursor: Any, chunk: Chunk, rows: Sequence[bytes], merging: Merging) -> Iterator[tuple[str, str, str]]:
    """Merge rows; bisect them if they are refused. Yield (id, error, excerpt) of each row that is refused alone."""
    try:
        with transaction.atomic():
            merging.stage(cursor, [HEADER, *rows, TRAILER])
            merging.merge(cursor, chunk)
            # The next half creates the tables again; ON COMMIT DROP comes too late, as all halves are one transaction.
            cursor.execute(f"DROP TABLE {merging.staged}")
    except Error as error:
        if not is_refusal(error):
            raise
        if len(rows) == 1:
            (row,) = rows
            excerpt = row[-EXCERPT_CHARACTERS:].decode(errors="replace").replace("\0", "")
            # The excerpt is the end of the row: a row begins with ids and hashes and ends with the JSON that was
            # refused.
            yield merging.key(row), str(error).splitlines()[0], excerpt
            return
        half = len(rows) // 2
        yield from merge_halves(cursor, chunk, rows[:half], merging)
        yield from merge_halves(cursor, chunk, rows[half:], merging)


def is_refusal(error: Error) -> bool:
    """Tell whether an error comes from a value that does not fit its column or is beyond a limit of the server."""
    return isinstance(error, DataError) or isinstance(error.__cause__, BEYOND_LIMITS)


def cut_rows(stream: bytes) -> Iterator[bytes]:
    """Yield the bytes of each row of a binary COPY stream."""
    start = len(HEADER)
    while stream[start : start + 2] != TRAILER:
        end = start + 2
        for _ in range(int.from_bytes(stream[start : start + 2], "big")):
            length = int.from_bytes(stream[end : end + 4], "big", signed=True)
            end += 4 + max(length, 0)
        yield stream[start:end]
        start = end
