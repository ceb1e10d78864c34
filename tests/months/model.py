"""What the tables must hold after each run, by the rulings alone.

- Of the readable records of one id the last in the file counts; one that cannot be read changes nothing of its id.
- What a whole file does not have goes, unless the purge is vetoed: by a record of unknown id, by a stage that gave up,
  since the version is older than one that was loaded, since nearly all of the table would go, or since the file is
  much shorter than the last one that was not vetoed. The last two yield to ``confirm_purge``, the first one too.
- A run that ends early leaves the chunks that it wrote.

Where the rulings leave a choice, both outcomes are allowed, and the one that was found is where the next run begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tests.months.entries import Entry, Id, Kind

MOST_DELETED, LEAST_SEEN = 0.90, 0.80
Rows = dict[Id, Entry]
# Id → what may be stored of it; None: nothing.
Allowed = dict[Id, frozenset[Entry | None]]


@dataclass(frozen=True)
class FileOutcome:
    """What became of a file in a run: which of its entries came to the table, and whether the file was completed."""

    entries: list[Entry]
    written: frozenset[int]  # positions in ``entries``
    is_completed: bool
    has_dead_letters: bool
    has_unread_chunks: bool = False


@dataclass(frozen=True)
class RunFacts:
    """What a run was asked for, as far as the purge asks."""

    version: str
    is_for_tables: bool
    confirm_purge: bool
    is_complete: bool


@dataclass
class Table:
    """The rows of one type, and what its guards remember.

    ``seen``: how many records the last file may have had whose purge was not vetoed; None: there may be no such file.
    ``maybe_newest``: the version of a file that was completed in a run that failed.
    """

    rows: Rows = field(default_factory=dict)
    seen: set[int | None] = field(default_factory=lambda: {None})
    newest: str = ""
    maybe_newest: str = ""

    def outcomes(self, file: FileOutcome, run: RunFacts) -> list[Outcome]:
        """Return the contents that the table may have after a run."""
        if not run.is_for_tables:
            return [Outcome({each: frozenset({entry}) for each, entry in self.rows.items()}, is_vetoed=None)]
        merged = self.merge(file)
        kept = {entry.id for entry in file.entries if entry.kind is not Kind.UNKNOWN and entry.kind is not Kind.RETIRED}
        candidates = {each for each, allowed in merged.items() if each not in kept and allowed != {None}}
        maybe = self.find_doubtful(file) & merged.keys() if run.confirm_purge else set()
        if not file.is_completed or not candidates | maybe:
            return [Outcome(merged, is_vetoed=None)]
        without = {each: allowed for each, allowed in merged.items() if each not in candidates}
        without |= {each: without[each] | {None} for each in maybe}
        vetoes = self.vetoes(file, run, len(candidates), len(merged))
        # What a chunk that was not read lacks is not known: its file may seem to lack nothing.
        is_known = candidates and not file.has_unread_chunks
        return [
            Outcome(merged if is_vetoed else without, is_vetoed=is_vetoed if is_known else None) for is_vetoed in vetoes
        ]

    @staticmethod
    def find_doubtful(file: FileOutcome) -> set[Id]:
        """Return the ids that only a careful reader makes out: to another one they look removed."""
        plain = {entry.id for entry in file.entries if entry.kind in (Kind.SOUND, Kind.BROKEN)}
        return {entry.id for entry in file.entries if entry.kind is Kind.DOUBTFUL} - plain

    def merge(self, file: FileOutcome) -> Allowed:
        """Return what the table may have before the purge."""
        found: Allowed = {each: frozenset({entry}) for each, entry in self.rows.items()}
        twins: dict[Id, list[int]] = {}
        for place, entry in enumerate(file.entries):
            if entry.kind is Kind.SOUND:
                twins.setdefault(entry.id, []).append(place)
        for each, places in twins.items():
            written = [file.entries[place] for place in places if place in file.written]
            if places[-1] in file.written:
                found[each] = frozenset({file.entries[places[-1]]})
            elif written:
                found[each] = found.get(each, frozenset({None})) | frozenset(written)
        return found

    def vetoes(self, file: FileOutcome, run: RunFacts, candidates: int, total: int) -> set[bool]:
        """Return whether the purge is vetoed; both, where that is open."""
        kinds = {entry.kind for entry in file.entries}
        if file.has_dead_letters or self.newest > run.version:
            return {True}
        certain = {self.maybe_newest > run.version, False}
        if not run.confirm_purge:
            certain |= {Kind.DOUBTFUL in kinds}
            if Kind.UNKNOWN in kinds or candidates / total >= MOST_DELETED:
                return {True}
            readable = [entry.id for entry in file.entries if entry.kind in (Kind.SOUND, Kind.RETIRED)]
            # Where there is no such file, the table says how many records to expect.
            measures = {len(self.rows) if seen is None else seen for seen in self.seen}
            short = {seen < before * LEAST_SEEN for seen in (len(set(readable)), len(readable)) for before in measures}
            if short == {True}:
                return {True}
            certain |= short
        return certain

    def settle(self, file: FileOutcome, run: RunFacts, outcome: Outcome, rows: Rows) -> None:
        """Take over what was found, which is one of the outcomes."""
        self.rows = rows
        if not file.is_completed or not run.is_for_tables:
            return
        readable = [entry.id for entry in file.entries if entry.kind in (Kind.SOUND, Kind.RETIRED)]
        counts = {len(set(readable)), len(readable)}
        if run.is_complete:
            self.newest = max(self.newest, run.version)
            # Whether a file without anything to purge is one that was vetoed, had there been something, is open.
            self.seen = self.seen if outcome.is_vetoed else counts if outcome.is_vetoed is False else self.seen | counts
        else:
            self.maybe_newest = max(self.maybe_newest, run.version)
            self.seen |= counts


@dataclass(frozen=True)
class Outcome:
    """A content that a table may have. ``is_vetoed`` is None if there was nothing to purge."""

    allowed: Allowed
    is_vetoed: bool | None

    def matches(self, found: Mapping[Id, Iterable[Entry]]) -> bool:
        """Tell whether a table has this content; ``found`` are the entries that each row may have been made of."""
        wanted = {each: entries for each, entries in self.allowed.items() if entries != {None}}
        if not found.keys() <= wanted.keys():
            return False
        return all(
            bool(entries & set(found[each])) if each in found else None in entries for each, entries in wanted.items()
        )

    def choose(self, found: Mapping[Id, Iterable[Entry]]) -> Rows:
        """Return the entry that each row was made of."""
        return {
            each: next(entry for entry in entries if entry in self.allowed[each]) for each, entries in found.items()
        }

    def difference(self, found: Mapping[Id, Iterable[Entry]]) -> list[str]:
        """Say what a table has that it should not have, and what it lacks."""
        lines = []
        for each in sorted(self.allowed.keys() | found.keys(), key=str):
            wanted = self.allowed.get(each, frozenset({None}))
            there = set(found.get(each, ())) or {None}
            if not wanted & there:
                lines.append(f"{each}: {describe_entries(there)} is stored, right is {describe_entries(wanted)}")
        return lines


def describe_entries(entries: Iterable[Entry | None]) -> str:
    return " or ".join(sorted(str(entry) if entry else "nothing" for entry in entries))
