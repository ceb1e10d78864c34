"""Extract one chunk of Discogs: find the new and changed records and hand them to the stores' row writers.

This module knows neither PostgreSQL nor Neo4j. What the tables hold comes in as ``Known``, and what a store gets is
shaped by the ``Rows`` that the task passes in.
"""

from __future__ import annotations

import gc
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol
from xml.etree.ElementTree import Element

from apps.ingest import hashing
from apps.ingest.chunks.outcome import MALFORMED, NO_ID, UNKNOWN_ID, Result
from apps.ingest.discogs import normalising, parsing, years
from apps.ingest.discogs.rules import Rules
from apps.ingest.discogs.scanning import UNREADABLE, Raw, is_sound
from apps.ingest.errors import MalformedError
from apps.ingest.sources.discogs import Grammar
from apps.ingest.sources.discogs_ids import LAST_ID, id_number, names_no_record

ID_CHARACTERS = 40


class Rows(Protocol):
    """Collects the rows that one store gets: takes records one by one and returns the blobs at the end."""

    def add(self, record: Extracted) -> None:
        """Add the rows of one record."""

    def blobs(self) -> dict[str, bytes]:
        """Return stage → compressed blob. A stage without rows has no entry."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the table holds in a chunk's range of ids.

    ``hashes``, for the ids that the chunk has: id → (raw hash, content hash). The content hash is None if another
    extraction revision wrote the row. ``others``: the ids of the range that the chunk does not have. There may be
    millions.
    """

    hashes: Mapping[int, tuple[bytes | None, bytes | None]] = field(default_factory=dict)
    others: Sequence[int] = ()


class Extracted(NamedTuple):
    """A record that is written to a store.

    ``data`` is its JSON with the derived year. ``is_same``: the table has this content already; only the raw hash has
    to be updated, or only the graph needs the record. ``is_new``: the table does not have the id.
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


@dataclass(frozen=True, slots=True)
class Job:
    """The input of a chunk's extraction, apart from its records.

    ``debts`` are ascending ranges of ids that the graph may lack. ``later_ids`` are the ids in this chunk that a later
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


def extract(job: Job, raws: Sequence[Raw], stores: Sequence[Rows]) -> Result:
    """Extract one chunk and add its rows to each of ``stores``."""
    result = Result(records=len(raws))
    gc.disable()  # The code below makes no reference cycles, and the collector would walk every record several times.
    try:
        seen = Extraction(job, stores, result).run(raws)
    finally:
        gc.enable()
    # Removed: the table has the id in this chunk's range, and the chunk does not.
    # The ranges of a file's chunks partition all numbers, so exactly one chunk can name a record as removed (decision
    # 4). Ids of the chunk outside of its range are looked up too, but another chunk answers for them.
    in_range = (each for each in job.known.hashes if job.low_id <= each <= job.high_id)
    result.removed_ids = [each for each in (*job.known.others, *in_range) if each not in seen]
    # Kept in the ledger: the chunk whose range contains these ids takes them for removed, and the purge must know
    # better.
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
        """Extract the records, piece by piece; return the ids that the dump has."""
        for piece in self.cut_pieces(raws):
            for raw, element in zip(
                piece, parsing.elements([raw.content for raw in piece], self.job.grammar), strict=True
            ):
                try:
                    self.take(raw, element)
                except UNREADABLE as error:
                    self.drop(raw, MALFORMED, f"cannot be read: {error}")
        return self.seen

    def cut_pieces(self, raws: Sequence[Raw]) -> Iterator[list[Raw]]:
        """Yield the records that must be parsed, in pieces of about ``piece_bytes``; count the unchanged ones."""
        replaced = self.find_replaced(raws)
        self.result.repeated = len(replaced)
        piece: list[Raw] = []
        size = 0
        for index, raw in enumerate(raws):
            # Unchanged records leave here without being parsed, which is where an update gets its speed.
            if index in replaced or self.is_unchanged(raw):
                continue
            piece.append(raw)
            size += len(raw.content)
            if size >= self.job.piece_bytes:
                yield piece
                piece, size = [], 0
        if piece:
            yield piece

    def find_replaced(self, raws: Sequence[Raw]) -> set[int]:
        """Return the indexes of records that a later sound record of the same id replaces, in any chunk of the file."""
        count = Counter(raw.data_id for raw in raws if raw.data_id is not None)
        if not self.job.later_ids and len(count) == count.total():
            return set()
        found: set[int] = set()
        sound = set(self.job.later_ids)
        # Backwards, because the last sound record of an id wins. A damaged one does not count: it must not hide a sound
        # one before it.
        for index, raw in reversed([*enumerate(raws)]):
            if raw.data_id in sound:
                found.add(index)
            elif raw.data_id is not None and count[raw.data_id] > 1 and is_sound(raw.content, self.job.grammar):
                sound.add(raw.data_id)
        return found

    def is_unchanged(self, raw: Raw) -> bool:
        """Tell whether both stores have these very bytes of the record. If so, count it."""
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
        """Tell whether the id is in a debt: the graph may lack the record's last change."""
        # The ranges neither overlap nor touch, so only the last one that begins at or before the id can contain it.
        place = bisect_right(self.job.debts, data_id, key=lambda owed: owed[0])
        return place > 0 and data_id <= self.job.debts[place - 1][1]

    def take(self, raw: Raw, element: Element | MalformedError) -> None:
        """Apply rules and normalising to one parsed record, then keep, skip or drop it."""
        if isinstance(element, MalformedError):
            self.drop(raw, MALFORMED, str(element))
            return
        if element.tail:
            # Without a raw hash the next run parses the record again, and so reports the text behind it again.
            raw = raw._replace(raw_hash=None)
            self.result.records += 1
            self.result.drop("", MALFORMED, "stands behind a record and is none: left out", element.tail.encode())
        # Rules come before normalising, since they name fields as the dump writes them. They change the element, so
        # what they removed is not in the content hash either.
        outcome = self.job.rules.apply(self.job.record_type, element)
        record = normalising.normalise(self.job.record_type, element, self.result.strange)
        identity = record.get("id")
        data_id = id_number(identity)
        if data_id != raw.data_id:
            # Splitting did not find this record, so its id was not among those that the table was asked about.
            self.drop(raw, MALFORMED, "stands in a comment or CDATA that began in another record")
            return
        self.result.findings += [(str(identity or UNKNOWN_ID), finding, b"") for finding in outcome.findings]
        # A skipped record counts as absent: it is not added to ``seen``, so a row that an earlier run wrote of it is
        # removed.
        if outcome.skipped:
            self.result.skipped += 1
        elif data_id is None:
            # Some ids, such as 0, name no record at all. No stored record can be meant, so the purge need not be
            # vetoed; the finding says the id.
            name = str(identity)[:ID_CHARACTERS] if names_no_record(identity) else ""
            self.result.drop(name, NO_ID, f"its id is {identity!r}, not a number from 1 to {LAST_ID}", raw.content)
        else:
            self.keep(raw, data_id, record, depends_on_today=outcome.depends_on_today)

    def keep(self, raw: Raw, data_id: int, record: dict[str, Any], *, depends_on_today: bool) -> None:
        """Hash one sound record, count it, and add it to the stores if one of them needs it."""
        job = self.job
        canonical = hashing.dump_canonical(record)
        # Over the record before the year is added: a derived year depends on the day, and must not make a record look
        # changed.
        content_hash = hashing.content_hash(canonical)
        data, year, moves = add_year(job.record_type, record, canonical, job.current_year)
        known = job.known.hashes.get(data_id)
        is_same = known is not None and known[1] == content_hash and not job.rewrite
        is_owed = self.is_owed(data_id)
        for_graph = not is_same or is_owed
        # These ids may be new to the graph, although an owed record has its row already. Maintenance asks for them, as
        # for old credits of a new artist.
        if known is None or is_owed:
            self.result.new_ids.append(data_id)
        self.seen.add(data_id)
        self.result.unchanged += is_same
        self.result.changed += known is not None and not is_same
        self.result.new += known is None
        self.result.for_graph += for_graph
        # A result that depends on the current year must be computed again in each run, so that an update equals a
        # fresh load. Without a raw hash the record is never taken as unchanged.
        raw_hash = None if depends_on_today or moves else raw.raw_hash
        if is_same and known is not None and known[0] == raw_hash and not for_graph:
            return
        extracted = Extracted(data_id, record, content_hash, raw_hash, data, year, is_same, known is None, for_graph)
        for store in self.stores:
            store.add(extracted)

    def drop(self, raw: Raw, rule: str, reason: str) -> None:
        """Drop one record. What the stores have of it stays: an unreadable record is not a removed one."""
        if raw.data_id is not None:
            self.seen.add(raw.data_id)
        self.result.drop(str(raw.data_id or ""), rule, reason, raw.content)


def add_year(
    record_type: str, record: dict[str, Any], canonical: bytes, current_year: int
) -> tuple[bytes, int | None, bool]:
    """Return (JSON with the derived year, the year, whether a later day may derive another year).

    The derived year is not part of the content hash (decision 6). A master's derived year replaces the source's
    string. If that string is not exactly the year's digits, it is kept as ``year_source``; so the hash can always be
    recomputed.
    """
    if record_type == "releases":
        source = record.get("released")
        year = years.year(source, current_year) if isinstance(source, str) else None
        if "year" in record:
            # No dump has had a year of its own in a release so far. The derived one must not double the key.
            canonical = hashing.dump_canonical(
                {**{key: record[key] for key in record if key != "year"}, "year_source": record["year"]}
            )
        # The JSON is extended as bytes: serialising a release a second time would cost more.
        data = b'{"year":%s,' % (b"null" if year is None else b"%d" % year) + canonical[1:]
    elif record_type == "masters" and "year" in record:
        source = record["year"]
        year = years.year(source, current_year) if isinstance(source, str) else None
        derived = {**record, "year": year}
        if source is not None and source != str(year):
            derived["year_source"] = source
        data = hashing.dump_canonical(derived)
    else:
        return canonical, None, False
    moves = year is None and isinstance(source, str) and years.year(source, 9999) is not None
    return data, year, moves
