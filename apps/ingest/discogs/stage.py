"""The two stages before the stores for Discogs: cut a file into chunks, extract a chunk of records."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from xml.etree.ElementTree import Element

import orjson
from django.conf import settings

from apps.ingest import hashing, ledger
from apps.ingest.chunks import flagged, reading, spool, stages
from apps.ingest.discogs import extraction, normalising, parsing, rules, scanning, splitting
from apps.ingest.models import Chunk, DumpFile
from apps.ingest.sources import discogs

# Asks a table about a chunk: (type, low id, high id, the chunk's ids) → which of these ids the table has.
AskTable = Callable[[str, int, int, Sequence[int]], extraction.Known]


def cut(file: DumpFile, reader: reading.HashingReader) -> Iterator[reading.RawChunk]:
    """Yield the chunks of a Discogs file."""
    # A chunk is cut at the last record start of a block, so a chunk cannot be smaller than a block.
    content = reading.blocks(reader, Path(file.path), min(reading.READ_BYTES, settings.INGEST_CHUNK_BYTES))
    grammar = discogs.grammar(file.type)
    return splitting.cut_chunks(content, grammar, settings.INGEST_CHUNK_BYTES, settings.INGEST_RECORD_BYTES)


@lru_cache(maxsize=4)
def load_rules(path: str, year: int) -> rules.Rules:
    """Return the rules of a file. The year is part of the cache key, since ``current_year`` is part of the rules."""
    return rules.load(path or None, year)


def extract(chunk: Chunk, ask_table: AskTable, stores: Sequence[extraction.Rows]) -> dict[str, int]:
    """Extract a chunk of Discogs: write its batch to the spool and its counts and findings to the ledger.

    Each attempt writes its batch under a name of its own, and the ledger takes the first. So a slow duplicate changes
    nothing, and its blobs are deleted.

    Raises:
        SpoolError: The chunk's blob is missing, or the spool is full.
    """
    file, run = chunk.file, chunk.file.run
    # Read once for the whole chunk, so that the turn of a year in the middle cannot give two records two rules.
    now = datetime.now(UTC)
    active = load_rules(run.rules_path, now.year)
    grammar = discogs.grammar(file.type)
    # All records of the chunk are hashed before any is parsed. A record whose hash the table has is not parsed at all.
    raws = scanning.hash_records(spool.read(chunk.xml_blob), grammar, hashing.raw_salt(active.digest))
    ids = [raw.data_id for raw in raws if raw.data_id is not None]
    job = extraction.Job(
        record_type=file.type,
        grammar=grammar,
        rules=active,
        low_id=chunk.low_id,
        high_id=chunk.high_id,
        # The table may change while this chunk is extracted, by another chunk that has one of its ids. That is why the
        # merge compares the chunks' numbers once more.
        known=extraction.Known() if file.first_load else ask_table(file.type, chunk.low_id, chunk.high_id, ids),
        debts=ledger.list_debts(file) if run.has_graph else (),
        rewrite=run.rewrite,
        current_year=now.year,
        piece_bytes=settings.INGEST_PIECE_BYTES,
        later_ids=ledger.find_later_ids(chunk, ids),
    )
    result = extraction.extract(job, raws, stores)
    # The chunk's own blob is deleted last: until the mark is committed, another attempt needs it.
    stages.hand_over(chunk, result, stores)
    # After the mark, and outside of its transaction: these files are a courtesy for readers. If the process dies here,
    # they are missing, and the findings are in the table.
    contents = ((str(raw.data_id), raw.content) for raw in raws)
    flagged.write_records(chunk, result.findings, contents, lambda each: format_record(each, file.type, active))
    spool.delete(chunk.xml_blob)
    return {name: getattr(result, name) for name in stages.COUNTS} | {"removed": len(result.removed_ids)}


def format_record(content: flagged.Content, record_type: str, active: rules.Rules) -> bytes | None:
    """Return a Discogs record as indented JSON after rules and normalising, or None if it is unreadable."""
    try:
        element = next(parsing.elements([bytes(content)], discogs.grammar(record_type)))
        if not isinstance(element, Element):
            return None
        active.apply(record_type, element)
        return orjson.dumps(normalising.normalise(record_type, element, set()), option=orjson.OPT_INDENT_2)
    except (RecursionError, ValueError, TypeError):
        return None
