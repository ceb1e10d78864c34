"""The two stages before the stores, with ledger and spool around them: splitting a file, extracting a chunk."""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from apps.ingest import hashing, ledger
from apps.ingest.chunks import flagged, spool
from apps.ingest.discogs import extraction, rules, splitting
from apps.ingest.errors import DumpError, WaitError
from apps.ingest.models import Chunk, DumpFile, QualityFinding, RemovedEntity
from apps.ingest.sources import discogs

COUNTS = ("records", "new", "changed", "unchanged", "skipped", "dropped", "for_graph")
LEDGER_ROWS = 50
VALUE_CHARACTERS = 500
# Names that we do not know, of which a file has findings: a format that grew has a few, nonsense has no end of them.
UNKNOWN_NAMES = 100
UNKNOWN = "an element or attribute that we do not know; it is kept"
# Asks a table about a chunk: (type, low id, high id, the chunk's ids) → what it holds of them.
AskTable = Callable[[str, int, int, Sequence[int]], extraction.Known]
# Cuts a file that is read through a reader into chunks.
Cut = Callable[[DumpFile, splitting.HashingReader], Iterator[splitting.RawChunk]]


class Batch(Protocol):
    """What a store wrote down of a chunk."""

    def blobs(self) -> dict[str, bytes]:
        """Return blob stage → compressed content; none where there is nothing to write."""


def cut_discogs(file: DumpFile, reader: splitting.HashingReader) -> Iterator[splitting.RawChunk]:
    """Yield the chunks of a file of Discogs."""
    # A chunk is cut at the last record of a block, so it could not be smaller than one.
    content = splitting.blocks(reader, Path(file.path), min(splitting.READ_BYTES, settings.INGEST_CHUNK_BYTES))
    grammar = discogs.grammar(file.type)
    return splitting.chunks(content, grammar, settings.INGEST_CHUNK_BYTES, settings.INGEST_RECORD_BYTES)


def split(file: DumpFile, cut: Cut = cut_discogs) -> None:
    """Cut a dump file into the chunks of the ledger, in one pass; those that are there already are skipped.

    Nothing of the file is dispatched before this has returned, so a file that is damaged anywhere loads nothing.

    Raises:
        DumpError: The file is missing, damaged, empty, another than the ledger knows, or not what was published.
        SpoolError: There is no room for its chunks.
    """
    path = Path(file.path)
    known = {seq: bytes(sha256) for seq, sha256 in file.chunks.values_list("seq", "sha256")}
    spool.require_space(int(file.bytes * settings.INGEST_SPOOL_FACTOR))
    try:
        raw = path.open("rb")
    except OSError as error:
        raise DumpError(f"{path} cannot be read: {error.strerror}") from error
    with raw:
        reader = splitting.HashingReader(raw)
        rows: list[Chunk] = []
        try:
            for found in cut(file, reader):
                rows += keep(file, found, known)
                if len(rows) >= LEDGER_ROWS or time.monotonic() % 5 < 1:
                    write_chunks(file, rows, reader.bytes_read)
                    rows = []
        except DumpError as error:
            text = str(error)
            raise DumpError(text if text.startswith(path.name) else f"{path.name} {text}") from error
        reader.drain()
        if file.checksum and reader.sha256.hexdigest() != file.checksum:
            raise DumpError(f"{path.name} does not have its published SHA-256 ({file.checksum}): fetch it again")
    write_chunks(file, rows, reader.bytes_read)
    may_repeat = file.chunks.exclude(shared_ids=[]).exists()
    DumpFile.objects.filter(pk=file.pk).update(split_at=Now(), may_repeat=may_repeat)


def keep(file: DumpFile, found: splitting.RawChunk, known: dict[int, bytes]) -> list[Chunk]:
    """Put a chunk into the spool and return its row; nothing if the ledger has it."""
    sha256 = hashlib.sha256(found.content).digest()
    if found.seq in known:
        if known[found.seq] != sha256:
            raise DumpError("is another file than the run began with: cancel the run and start a new one")
        return []
    blob = f"{file.run_id}/{file.type}/{found.seq:06d}.xml.zst"
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
    """Enter chunks into the ledger; those of a twin stay."""
    with transaction.atomic():
        Chunk.objects.bulk_create(rows, ignore_conflicts=True)
        DumpFile.objects.filter(pk=file.pk).update(bytes_read=bytes_read)
        ledger.beat(file.run)


@lru_cache(maxsize=4)
def loaded_rules(path: str, year: int) -> rules.Rules:
    """Return the rules of a file, read once a process and year."""
    return rules.load(path or None, year)


def extract(chunk: Chunk, ask_table: AskTable, stores: Sequence[extraction.Rows]) -> dict[str, int]:
    """Extract a chunk: write its batch into the spool and what is to know of it into the ledger.

    The batch has a name of this attempt, and the ledger takes the first: a slow twin changes nothing and its blobs go.

    Raises:
        SpoolError: The chunk's bytes are lost, or there is no room for the batch.
    """
    file, run = chunk.file, chunk.file.run
    now = datetime.now(UTC)
    active = loaded_rules(run.rules_path, now.year)
    grammar = discogs.grammar(file.type)
    raws = extraction.raw_records(spool.read(chunk.xml_blob), grammar, hashing.raw_salt(active.digest))
    ids = [raw.data_id for raw in raws if raw.data_id is not None]
    job = extraction.Job(
        record_type=file.type,
        grammar=grammar,
        rules=active,
        low_id=chunk.low_id,
        high_id=chunk.high_id,
        known=extraction.Known() if file.first_load else ask_table(file.type, chunk.low_id, chunk.high_id, ids),
        debts=ledger.debts(file) if run.has_graph else (),
        rewrite=run.rewrite,
        current_year=now.year,
        piece_bytes=settings.INGEST_PIECE_BYTES,
        later_ids=ledger.later_ids(chunk, ids),
    )
    result = extraction.extract(job, raws, stores)
    hand_over(chunk, result, stores)
    contents = ((str(raw.data_id), raw.content) for raw in raws)
    flagged.keep(chunk, result.findings, contents, lambda each: flagged.normalised(each, file.type, active))
    spool.delete(chunk.xml_blob)
    return {name: getattr(result, name) for name in COUNTS} | {"removed": len(result.removed_ids)}


def hand_over(
    chunk: Chunk,
    result: extraction.Result,
    stores: Sequence[Batch],
    also: Callable[[], None] | None = None,
    *,
    links: bool = False,
) -> None:
    """Put a chunk's batch into the spool and its outcome into the ledger; the blobs of a late twin go again.

    ``also`` is called in the transaction that enters it. ``links`` says that it is to be linked without such a blob.
    """
    batch = f"{chunk.file.run_id}/{chunk.file.type}/{chunk.seq:06d}.{uuid.uuid4().hex[:8]}"
    blobs = {stage: content for store in stores for stage, content in store.blobs().items()}
    for stage, content in blobs.items():
        spool.write(f"{batch}.{stage}", content)
    names = [f"{batch}.{stage}" for stage in blobs]
    try:
        entered = enter(chunk, result, batch, {*blobs, *(("links",) if links else ())}, also)
    except WaitError:
        spool.delete(*names)
        raise
    if not entered:
        spool.delete(*names)


def enter(
    chunk: Chunk,
    result: extraction.Result,
    batch: str,
    stages: Collection[str],
    also: Callable[[], None] | None = None,
) -> bool:
    """Enter what came out of a chunk into the ledger; return False if a twin was first.

    A stage that has nothing to do is done.
    """
    done = {
        f"{mark}_at": Now()
        for mark, stage in (("tabled", "rows"), ("graphed", "nodes"), ("linked", "links"))
        if stage not in stages and (mark == "tabled" or chunk.file.run.has_graph)
    }
    counts = {name: getattr(result, name) for name in COUNTS}
    fields = {
        "batch": batch,
        "stray_ids": result.stray_ids,
        # In a first load everything is new.
        "new_ids": [] if chunk.file.first_load else result.new_ids,
        "removed": len(result.removed_ids),
    }
    with transaction.atomic():
        if not ledger.mark(chunk, "extract", **fields, **counts, **done):
            return False
        if also is not None:
            also()
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


def news(chunk: Chunk, strange: set[str]) -> list[str]:
    """Return those names that no chunk of the file has noted yet, as far as the file may have findings of them."""
    if not strange:
        return []
    noted = set(chunk.file.findings.filter(rule="unknown-name").values_list("field", flat=True))
    return sorted(strange - noted)[: max(0, UNKNOWN_NAMES - len(noted))]


def write_findings(chunk: Chunk, result: extraction.Result) -> None:
    """Write findings as rows; a name that we do not know is one finding a file."""
    strange = [
        ("", rules.Finding("unknown-name", "info", name, None, UNKNOWN), b"") for name in news(chunk, result.strange)
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
                value=(finding.value or "")[:VALUE_CHARACTERS].replace("\0", ""),
                reason=finding.reason,
                excerpt=excerpt,
            )
            for record_id, finding, excerpt in (*result.findings, *strange)
        ),
        batch_size=1000,
    )


def count_malformed(file: DumpFile, malformed: int) -> None:
    """Count records of a file that cannot be read; fail it if it has more than ``INGEST_MALFORMED_LIMIT``.

    In the transaction of the chunk's mark: no one may find every chunk of the file extracted and the file sound.
    """
    DumpFile.objects.filter(pk=file.pk).update(malformed=F("malformed") + malformed)
    file.refresh_from_db(fields=("malformed",))
    if file.malformed > settings.INGEST_MALFORMED_LIMIT:
        ledger.fail_file(
            file,
            f"{Path(file.path).name} has {file.malformed} malformed records, more than INGEST_MALFORMED_LIMIT"
            f" ({settings.INGEST_MALFORMED_LIMIT}): see its findings, fetch it again or raise the limit",
        )
