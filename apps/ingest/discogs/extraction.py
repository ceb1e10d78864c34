"""Extracting one chunk: which of its records are new or changed, and what both stores are to get of those.

Bytes in, a batch out. What must be known of the stores comes in as ``Known``, and what they get is shaped by the
projections that the task hands in: this module knows neither of them.
"""

from __future__ import annotations

import gc
import hashlib
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol
from xml.etree.ElementTree import Element

from apps.ingest import hashing
from apps.ingest.discogs import normalising, parsing, years
from apps.ingest.discogs.rules import Finding, Rules
from apps.ingest.discogs.splitting import UNREADABLE, is_sound, records
from apps.ingest.errors import MalformedError
from apps.ingest.sources.discogs import Grammar
from apps.ingest.sources.discogs_ids import LAST_ID, id_number, names_no_record

EXCERPT_BYTES = 64 * 1024
# What a finding says in the place of the id of a record of which nobody can say which one it is.
UNKNOWN_ID = "unknown"
ID_CHARACTERS = 40
# Rules of findings of records that cannot be read.
MALFORMED, NO_ID = "malformed", "no-id"


class Rows(Protocol):
    """What a store makes of records: takes them one by one, is asked for its blobs in the end."""

    def add(self, record: Extracted) -> None:
        """Take one record."""

    def blobs(self) -> dict[str, bytes]:
        """Return blob stage → compressed content; none where there is nothing to write."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the table holds, as far as it concerns a chunk.

    ``hashes``: id → (raw hash, content hash or None if another revision wrote it), of the chunk's own ids. ``others``:
    the further ids of its range, of which there may be millions.
    """

    hashes: Mapping[int, tuple[bytes | None, bytes | None]] = field(default_factory=dict)
    others: Sequence[int] = ()


class Raw(NamedTuple):
    """A record as it stands in the chunk. ``data_id`` is None if nobody can say which one it is.

    ``raw_hash`` is None if the record has to be read in each run.
    """

    data_id: int | None
    content: bytes
    raw_hash: bytes | None


class Extracted(NamedTuple):
    """A record that goes to a store.

    ``data`` is its JSON with the derived year. ``is_same`` says that the table has just this content already, and only
    the raw hash is new, or the graph alone needs the record; ``is_new`` that the table has no such id.
    """

    data_id: int
    record: dict[str, Any]
    hash: bytes
    raw_hash: bytes | None
    data: bytes
    year: int | None
    is_same: bool
    is_new: bool
    for_graph: bool


@dataclass(slots=True)
class Result:
    """What came out of a chunk, apart from its blobs.

    ``repeated`` are the records in whose place another one of the file counts, since it has the same id.
    """

    records: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    skipped: int = 0
    dropped: int = 0
    malformed: int = 0
    repeated: int = 0
    for_graph: int = 0
    removed_ids: list[int] = field(default_factory=list)
    stray_ids: list[int] = field(default_factory=list)
    new_ids: list[int] = field(default_factory=list)
    findings: list[tuple[str, Finding, bytes]] = field(default_factory=list)
    strange: set[str] = field(default_factory=set)

    def drop(self, record_id: str, rule: str, reason: str, content: bytes | memoryview) -> None:
        """Count a record that is left out, and keep its bytes; ``record_id`` is empty if nobody can say which it is."""
        self.dropped += 1
        self.malformed += rule in (MALFORMED, NO_ID)
        finding = Finding(rule, "error", "", None, reason)
        self.findings.append((record_id or UNKNOWN_ID, finding, bytes(content[:EXCERPT_BYTES])))


@dataclass(frozen=True, slots=True)
class Job:
    """What extraction of a chunk goes by.

    ``debts`` are ids that the graph may lack, as ascending ranges; ``later_ids`` those of the chunk's ids that a later
    chunk has a sound record of.
    """

    record_type: str
    grammar: Grammar
    rules: Rules
    low_id: int
    high_id: int
    known: Known
    debts: Sequence[tuple[int, int]]
    rewrite: bool
    current_year: int
    piece_bytes: int
    later_ids: Set[int] = frozenset()


def raw_records(content: bytes, grammar: Grammar, salt: bytes) -> list[Raw]:
    """Cut a chunk into its records. What stands before the first one is taken for one, which cannot be read."""
    return [Raw(data_id, raw, hashlib.sha256(salt + raw).digest()) for data_id, raw in records(content, grammar)]


def extract(job: Job, raws: Sequence[Raw], stores: Sequence[Rows]) -> Result:
    """Extract one chunk; the stores' rows are in ``stores`` afterwards."""
    result = Result(records=len(raws))
    gc.disable()  # Nothing here makes cycles, and the collector would walk every record several times.
    try:
        seen = Extraction(job, stores, result).run(raws)
    finally:
        gc.enable()
    in_range = (each for each in job.known.hashes if job.low_id <= each <= job.high_id)
    result.removed_ids = [each for each in (*job.known.others, *in_range) if each not in seen]
    result.stray_ids = sorted(each for each in seen if not job.low_id <= each <= job.high_id)
    return result


class Extraction:
    """The state of one chunk's extraction."""

    def __init__(self, job: Job, stores: Sequence[Rows], result: Result) -> None:
        self.job = job
        self.stores = stores
        self.result = result
        self.seen: set[int] = set()

    def run(self, raws: Sequence[Raw]) -> set[int]:
        """Go through the records; return the ids that the dump has."""
        for piece in self.pieces(raws):
            for raw, element in zip(
                piece, parsing.elements([raw.content for raw in piece], self.job.grammar), strict=True
            ):
                try:
                    self.take(raw, element)
                except UNREADABLE as error:
                    self.drop(raw, MALFORMED, f"cannot be read: {error}")
        return self.seen

    def pieces(self, raws: Sequence[Raw]) -> Iterator[list[Raw]]:
        """Yield what must be parsed, a piece at a time; count what need not be."""
        replaced = self.replaced(raws)
        self.result.repeated = len(replaced)
        piece: list[Raw] = []
        size = 0
        for index, raw in enumerate(raws):
            if index in replaced or self.is_unchanged(raw):
                continue
            piece.append(raw)
            size += len(raw.content)
            if size >= self.job.piece_bytes:
                yield piece
                piece, size = [], 0
        if piece:
            yield piece

    def replaced(self, raws: Sequence[Raw]) -> set[int]:
        """Return the indexes of the records of whose id there is a later sound record, here or in a later chunk."""
        count = Counter(raw.data_id for raw in raws if raw.data_id is not None)
        if not self.job.later_ids and len(count) == count.total():
            return set()
        found: set[int] = set()
        sound = set(self.job.later_ids)
        for index, raw in reversed([*enumerate(raws)]):
            if raw.data_id in sound:
                found.add(index)
            elif raw.data_id is not None and count[raw.data_id] > 1 and is_sound(raw.content, self.job.grammar):
                sound.add(raw.data_id)
        return found

    def is_unchanged(self, raw: Raw) -> bool:
        """Tell whether the stores have just this record; if so it is counted and nothing more."""
        job, data_id = self.job, raw.data_id
        if data_id is None or job.rewrite:
            return False
        known = job.known.hashes.get(data_id)
        if known is None or known[0] != raw.raw_hash or known[1] is None or self.is_owed(data_id):
            return False
        self.seen.add(data_id)
        self.result.unchanged += 1
        return True

    def is_owed(self, data_id: int) -> bool:
        """Tell whether the graph may lack this record."""
        place = bisect_right(self.job.debts, data_id, key=lambda owed: owed[0])
        return place > 0 and data_id <= self.job.debts[place - 1][1]

    def take(self, raw: Raw, element: Element | MalformedError) -> None:
        """Bring one parsed record to the stores, or say why not."""
        if isinstance(element, MalformedError):
            self.drop(raw, MALFORMED, str(element))
            return
        if element.tail:
            # Read again in the next run, so that it is counted again.
            raw = raw._replace(raw_hash=None)
            self.result.records += 1
            self.result.drop("", MALFORMED, "stands behind a record and is none: left out", element.tail.encode())
        outcome = self.job.rules.apply(self.job.record_type, element)
        record = normalising.normalise(self.job.record_type, element, self.result.strange)
        identity = record.get("id")
        data_id = id_number(identity)
        if data_id != raw.data_id:
            # Splitting does not take it for a record of its own, so nobody looked up what the table has of it.
            self.drop(raw, MALFORMED, "stands in a comment or CDATA that began in another record")
            return
        self.result.findings += [(str(identity or UNKNOWN_ID), finding, b"") for finding in outcome.findings]
        if outcome.skipped:
            self.result.skipped += 1
        elif data_id is None:
            # Zero is nobody's id, so what is stored cannot be meant: the purge need not hold back for it.
            name = str(identity)[:ID_CHARACTERS] if names_no_record(identity) else ""
            self.result.drop(name, NO_ID, f"its id is {identity!r}, not a number from 1 to {LAST_ID}", raw.content)
        else:
            self.keep(raw, data_id, record, depends_on_today=outcome.depends_on_today)

    def keep(self, raw: Raw, data_id: int, record: dict[str, Any], *, depends_on_today: bool) -> None:
        """Hash one good record and hand it to the stores."""
        job = self.job
        canonical = hashing.canonical(record)
        content_hash = hashing.content_hash(canonical)
        data, year, moves = with_year(job.record_type, record, canonical, job.current_year)
        known = job.known.hashes.get(data_id)
        is_same = known is not None and known[1] == content_hash and not job.rewrite
        is_owed = self.is_owed(data_id)
        for_graph = not is_same or is_owed
        if known is None or is_owed:
            self.result.new_ids.append(data_id)
        self.seen.add(data_id)
        self.result.unchanged += is_same
        self.result.changed += known is not None and not is_same
        self.result.new += known is None
        self.result.for_graph += for_graph
        raw_hash = None if depends_on_today or moves else raw.raw_hash
        if is_same and known is not None and known[0] == raw_hash and not for_graph:
            return
        extracted = Extracted(data_id, record, content_hash, raw_hash, data, year, is_same, known is None, for_graph)
        for store in self.stores:
            store.add(extracted)

    def drop(self, raw: Raw, rule: str, reason: str) -> None:
        """Leave one record out. What the stores have of it stays: a record that cannot be read is not a removed one."""
        if raw.data_id is not None:
            self.seen.add(raw.data_id)
        self.result.drop(str(raw.data_id or ""), rule, reason, raw.content)


def with_year(
    record_type: str, record: dict[str, Any], canonical: bytes, current_year: int
) -> tuple[bytes, int | None, bool]:
    """Return the record's JSON with its derived year, that year, and whether a later day may derive another one.

    The year is not part of the hash. A master's stands in the place of the source's string, which is kept beside it as
    ``year_source`` if it is not just the same digits; so the hash can always be recomputed.
    """
    if record_type == "releases":
        source = record.get("released")
        year = years.year(source, current_year) if isinstance(source, str) else None
        if "year" in record:
            # No dump has had one so far. Ours must not stand beside it in the same object.
            canonical = hashing.canonical(
                {**{key: record[key] for key in record if key != "year"}, "year_source": record["year"]}
            )
        data = b'{"year":%s,' % (b"null" if year is None else b"%d" % year) + canonical[1:]
    elif record_type == "masters" and "year" in record:
        source = record["year"]
        year = years.year(source, current_year) if isinstance(source, str) else None
        derived = {**record, "year": year}
        if source is not None and source != str(year):
            derived["year_source"] = source
        data = hashing.canonical(derived)
    else:
        return canonical, None, False
    moves = year is None and isinstance(source, str) and years.year(source, 9999) is not None
    return data, year, moves
