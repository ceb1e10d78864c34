"""The two stages before the stores, with their writes to ledger and spool: split a file, extract a chunk."""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from apps.ingest import ledger
from apps.ingest.chunks import spool
from apps.ingest.chunks.outcome import Finding, Result
from apps.ingest.chunks.reading import HashingReader, RawChunk
from apps.ingest.errors import DumpError, WaitError
from apps.ingest.models import Chunk, DumpFile, QualityFinding, RemovedEntity

COUNTS = ("records", "new", "changed", "unchanged", "skipped", "dropped", "for_graph")
LEDGER_ROWS = 50
VALUE_CHARACTERS = 500
# The most unknown names that a file has findings about. A grown format adds a few; garbage would add any number.
UNKNOWN_NAMES = 100
UNKNOWN = "an element or attribute that we do not know; it is kept"
# Cuts a dump file, read through the hashing reader, into chunks.
Cut = Callable[[DumpFile, HashingReader], Iterator[RawChunk]]


class Batch(Protocol):
    """The rows of a chunk that one store is to get."""

    def blobs(self) -> dict[str, bytes]:
        """Return stage → compressed blob. A stage without rows has no entry."""


def split(file: DumpFile, cut: Cut) -> None:
    """Cut a dump file into chunks in one pass: blobs into the spool, rows into the ledger.

    The call is idempotent: chunks that the ledger has already are skipped. No chunk is dispatched before this call
    has returned, so a file that is damaged anywhere loads nothing (decision 14).

    Raises:
        DumpError: The file is missing, damaged, empty, another file than in the first attempt, or does not have its
            published checksum.
        SpoolError: The spool has no room for the chunks.
    """
    path = Path(file.path)
    # After a crash the file is read from its beginning, since a gzip stream cannot be entered in the middle. Chunks
    # that the ledger has are cut again and compared by hash, but neither compressed nor written.
    known = {seq: bytes(sha256) for seq, sha256 in file.chunks.values_list("seq", "sha256")}
    # Asked before the first byte: a disk that fills up in the middle would stop PostgreSQL too, if both are on it.
    spool.require_space(int(file.bytes * settings.INGEST_SPOOL_FACTOR))
    try:
        raw = path.open("rb")
    except OSError as error:
        raise DumpError(f"{path} cannot be read: {error.strerror}") from error
    with raw:
        reader = HashingReader(raw)
        rows: list[Chunk] = []
        try:
            for found in cut(file, reader):
                rows += spool_chunk(file, found, known)
                # Also by time: the heartbeat and the shown progress must move while a slow file has few chunks.
                # The blobs of these chunks are in the spool already. If the process dies before their rows are written,
                # the blobs stay until the next split writes the same bytes under the same names.
                if len(rows) >= LEDGER_ROWS or time.monotonic() % 5 < 1:
                    write_chunks(file, rows, reader.bytes_read)
                    rows = []
        except DumpError as error:
            text = str(error)
            raise DumpError(text if text.startswith(path.name) else f"{path.name} {text}") from error
        # Decompressing may end before the file does; the checksum is that of all bytes.
        # The checksum is compared before ``split_at`` is set, and no chunk is dispatched before that. So a file whose
        # bytes were changed on the way loads nothing, although all of its chunks are in the ledger.
        reader.drain()
        if file.checksum and reader.sha256.hexdigest() != file.checksum:
            raise DumpError(f"{path.name} does not have its published SHA-256 ({file.checksum}): fetch it again")
    write_chunks(file, rows, reader.bytes_read)
    # After the last chunk: a file whose split_at is set has all of its chunks in the ledger.
    # Kept with the file, since each chunk asks for it: in a sorted dump no id repeats, and no query is needed.
    may_repeat = file.chunks.exclude(shared_ids=[]).exists()
    DumpFile.objects.filter(pk=file.pk).update(split_at=Now(), may_repeat=may_repeat)


def spool_chunk(file: DumpFile, found: RawChunk, known: dict[int, bytes]) -> list[Chunk]:
    """Write a chunk's blob to the spool and return its row in a list; the list is empty if the ledger has the chunk."""
    sha256 = hashlib.sha256(found.content).digest()
    if found.seq in known:
        # Somebody replaced the file between two attempts. Its first chunks would be of one dump and the others of
        # another.
        if known[found.seq] != sha256:
            raise DumpError("is another file than the run began with: cancel the run and start a new one")
        return []
    blob = f"{file.run_id}/{file.type}/{found.seq:06d}.xml.zst"
    # Written before its row: a row whose blob is missing would end as a dead letter, and a blob without a row is
    # harmless.
    spool.write(blob, spool.compress(found.content))
    return [
        Chunk(
            file=file,
            seq=found.seq,
            low_id=found.low_id,
            high_id=found.high_id,
            shared_ids=found.shared_ids,
            sha256=sha256,
            xml_blob=blob,
        )
    ]


def write_chunks(file: DumpFile, rows: Sequence[Chunk], bytes_read: int) -> None:
    """Enter chunks and the progress of the split into the ledger."""
    with transaction.atomic():
        # A duplicate delivery of the same task may have entered these chunks; both cut the file the same way.
        Chunk.objects.bulk_create(rows, ignore_conflicts=True)
        DumpFile.objects.filter(pk=file.pk).update(bytes_read=bytes_read)
        ledger.touch_heartbeat(file.run)


def hand_over(
    chunk: Chunk,
    result: Result,
    stores: Sequence[Batch],
    also: Callable[[], None] | None = None,
    *,
    links: bool = False,
) -> None:
    """Write a chunk's batch to the spool, then its result to the ledger. A late duplicate's blobs are deleted.

    ``also`` is called in the transaction that sets the chunk's mark. ``links`` says that the chunk has to be linked
    although it has no blob of links.
    """
    # The random part belongs to this attempt. Two attempts may find different records unchanged, if the table changed
    # in between; with one name, the rows of one attempt could meet the links of the other.
    batch = f"{chunk.file.run_id}/{chunk.file.type}/{chunk.seq:06d}.{uuid.uuid4().hex[:8]}"
    blobs = {stage: content for store in stores for stage, content in store.blobs().items()}
    # Blobs first, mark second: if the process dies in between, the chunk is extracted again under another name.
    for stage, content in blobs.items():
        spool.write(f"{batch}.{stage}", content)
    names = [f"{batch}.{stage}" for stage in blobs]
    try:
        entered = enter_result(chunk, result, batch, {*blobs, *(("links",) if links else ())}, also)
    except WaitError:
        spool.delete(*names)
        raise
    if not entered:
        spool.delete(*names)


def enter_result(
    chunk: Chunk,
    result: Result,
    batch: str,
    stages: Collection[str],
    also: Callable[[], None] | None = None,
) -> bool:
    """Enter a chunk's result into the ledger, in one transaction; return False if another attempt was first.

    ``stages`` are the stages that have work to do. The others get their marks here.
    """
    done = {
        f"{mark}_at": Now()
        for mark, stage in (("tabled", "rows"), ("graphed", "nodes"), ("linked", "links"))
        # A stage without a blob has nothing to do. Its mark is set here, so no task is needed for it: in a month with
        # few changes these are most stages. Without the graph among the run's stores, its marks stay unset, and the
        # chunk is a debt that a later run pays.
        if stage not in stages and (mark == "tabled" or chunk.file.run.has_graph)
    }
    counts = {name: getattr(result, name) for name in COUNTS}
    fields = {
        "batch": batch,
        "stray_ids": result.stray_ids,
        # In a first load every record is new, so the list would only cost space.
        "new_ids": [] if chunk.file.first_load else result.new_ids,
        "removed": len(result.removed_ids),
    }
    with transaction.atomic():
        # The mark comes first: it locks the row, so a duplicate waits here and then finds the mark set.
        # All of a chunk's outcome hangs on this mark: the counts, the candidates for removal and the findings. A reader
        # of the ledger never sees some of them without the others.
        if not ledger.mark(chunk, "extract", **fields, **counts, **done):
            return False
        if also is not None:
            also()
        # Only candidates. They are deleted when the whole file is complete and no guard vetoes it, since the record may
        # be in a chunk of another range.
        RemovedEntity.objects.bulk_create(
            (
                RemovedEntity(run=chunk.file.run, chunk=chunk, record_type=chunk.file.type, data_id=data_id)
                for data_id in result.removed_ids
            ),
            batch_size=10_000,
        )
        write_findings(chunk, result)
        if result.malformed:
            count_malformed(chunk.file, result.malformed)
    return True


def find_new_names(chunk: Chunk, strange: set[str]) -> list[str]:
    """Return the unknown names that the file has no finding about yet, up to ``UNKNOWN_NAMES`` for the whole file."""
    if not strange:
        return []
    # Two chunks at the same time may note the same name twice, which is harmless; a unique index would make them wait
    # for each other.
    noted = set(chunk.file.findings.filter(rule="unknown-name").values_list("field", flat=True))
    return sorted(strange - noted)[: max(0, UNKNOWN_NAMES - len(noted))]


def write_findings(chunk: Chunk, result: Result) -> None:
    """Write the chunk's findings as rows. An unknown name is one finding for the whole file."""
    strange = [
        ("", Finding("unknown-name", "info", name, None, UNKNOWN), b"")
        for name in find_new_names(chunk, result.strange)
    ]
    QualityFinding.objects.bulk_create(
        (
            QualityFinding(
                run=chunk.file.run,
                file=chunk.file,
                chunk=chunk,
                record_id=record_id[:40],
                rule=finding.rule[:100],
                severity=finding.severity,
                field=finding.field[:200],
                # PostgreSQL refuses the character U+0000 in a text.
                value=(finding.value or "")[:VALUE_CHARACTERS].replace("\0", ""),
                reason=finding.reason,
                excerpt=excerpt,
            )
            for record_id, finding, excerpt in (*result.findings, *strange)
        ),
        batch_size=1000,
    )


def count_malformed(file: DumpFile, malformed: int) -> None:
    """Add to a file's count of malformed records; fail the file if it has more than ``INGEST_MALFORMED_LIMIT``.

    Called in the transaction of the chunk's mark. Otherwise another task could see that every chunk is extracted and
    complete the file before it fails.
    """
    # The row of the file stays locked until this transaction ends, so chunks with malformed records are entered one
    # after the other and none of them reads an old count.
    DumpFile.objects.filter(pk=file.pk).update(malformed=F("malformed") + malformed)
    file.refresh_from_db(fields=("malformed",))
    if file.malformed > settings.INGEST_MALFORMED_LIMIT:
        ledger.fail_file(
            file,
            f"{Path(file.path).name} has {file.malformed} malformed records, more than INGEST_MALFORMED_LIMIT"
            f" ({settings.INGEST_MALFORMED_LIMIT}): see its findings, fetch it again or raise the limit",
        )
