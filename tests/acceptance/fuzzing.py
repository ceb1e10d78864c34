"""A process that takes broken dump files through splitting and extraction.

It prints a line of JSON for each: ``complete``, ``refused``, or what is wrong. It limits its own memory, and ends, with
a traceback, over a file that takes too long.
"""

import faulthandler
import json
import re
import resource
import sys
from collections.abc import Iterator
from functools import cache

import orjson

from apps.catalog.loader import MERGING, cut_rows
from apps.catalog.rows import TableRows
from apps.graph.rows import GraphRows
from apps.ingest.chunks import spool
from apps.ingest.discogs import extraction, rules, scanning, splitting
from apps.ingest.errors import DumpError
from apps.ingest.sources import discogs
from tests.acceptance.broken_files import Case, case

MEMORY_BYTES = 2 * 1024**3
SECONDS_PER_FILE = 60
CHUNK_BYTES = 20_000
RECORD_BYTES = 8 * 1024**2
YEAR = 2026
ENDS = {b"<!--": b"-->", b"<![CDATA[": b"]]>"}
OPENING = re.compile(rb"<!--|<!\[CDATA\[")


def pass_through(given: Case) -> str:
    """Split and extract a file; return ``complete``, ``refused: …`` or ``wrong: …``."""

    grammar, kept, lost_with_count = discogs.grammar(given.record_type), set[int](), 0
    try:
        for chunk in splitting.cut_chunks(blocks(given.content), grammar, CHUNK_BYTES, RECORD_BYTES):
            raws = scanning.hash_records(bytes(chunk.content), grammar, b"salt")
            table, graph = TableRows(1), GraphRows(given.record_type)
            job = extraction.Job(
                given.record_type,
                grammar,
                load_rules(),
                chunk.low_id,
                chunk.high_id,
                extraction.Known(),
                debts=(),
                rewrite=False,
                current_year=YEAR,
                piece_bytes=128 * 1024,
            )
            result = extraction.extract(job, raws, [table, graph])
            rows = list(cut_rows(unpack(table.blobs()["rows"]))) if table.count else []
            found = (result.new, result.changed, result.unchanged, result.skipped, result.dropped, result.repeated)
            counted = sum(found)
            if result.records != counted or len(rows) != result.new:
                return f"wrong: {result.records} records, {counted} counted, {len(rows)} rows of {result.new} new"
            if any(b"\\u0000" in row for row in rows):
                return "wrong: a NUL in the JSON"
            for blob in graph.blobs().values():
                for line in unpack(blob).splitlines():
                    orjson.loads(line)
            kept |= {int(MERGING.key(row)) for row in rows}
            lost_with_count += result.skipped + result.dropped
    except DumpError as error:
        return f"refused: {error}"
    lost = find_untouched(given) - kept
    return f"wrong: lost without a count: {sorted(lost)}" if len(lost) > lost_with_count else "complete"


def blocks(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), CHUNK_BYTES):
        yield content[start : start + CHUNK_BYTES]


def unpack(blob: bytes) -> bytes:
    content: bytes = spool.zstd.decompress(blob)
    return content


def find_untouched(given: Case) -> set[int]:
    """Return the records that stand in a file as they were, and not in a comment or in CDATA that ends."""
    shown = drop_sections(given.content)
    return {data_id for data_id, record in given.records.items() if record in shown}


def drop_sections(content: bytes) -> bytes:
    parts, place, endless = [], 0, set[bytes]()
    for match in OPENING.finditer(content):
        if match.start() < place or match[0] in endless:
            continue
        if (end := content.find(ENDS[match[0]], match.end())) < 0:
            endless.add(match[0])
            continue
        parts.append(content[place : match.start()])
        place = end + len(ENDS[match[0]])
    return b"\n".join([*parts, content[place:]])


@cache
def load_rules() -> rules.Rules:
    return rules.load(None, YEAR)


def main(first: int, count: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    for number in range(first, first + count):
        given = case(number)
        faulthandler.dump_traceback_later(SECONDS_PER_FILE, exit=True)
        sys.stdout.write(json.dumps({"number": number, "outcome": pass_through(given)}) + "\n")
        sys.stdout.flush()
    faulthandler.cancel_dump_traceback_later()
