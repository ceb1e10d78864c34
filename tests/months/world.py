"""What a publisher has from month to month, and in which order and how often its records stand in the files."""

from __future__ import annotations

from collections.abc import Collection
from random import Random
from typing import Protocol

from tests.months.entries import Entry, Id, Kind

Month = dict[str, list[Entry]]


class Maker(Protocol):
    """Makes the records of one source."""

    @property
    def types(self) -> tuple[str, ...]: ...

    ids: dict[str, int]

    def make(self, record_type: str, number: int) -> Entry: ...

    def reprint(self, record_type: str, entry: Entry) -> Entry: ...

    def spoil(self, record_type: str, entry: Entry) -> Entry: ...


class World:
    """The records that are, and those that were and may come back, by type and number."""

    def __init__(self, chance: Random, maker: Maker, troubles: Collection[str]) -> None:
        self.chance = chance
        self.troubles = troubles
        self.maker = maker
        self.alive: dict[str, dict[int, Entry]] = {each: {} for each in maker.types}
        self.gone: dict[str, dict[int, Entry]] = {each: {} for each in maker.types}
        for record_type, most in maker.ids.items():
            for number in range(1, most + 1):
                if chance.random() < 0.8:
                    self.alive[record_type][number] = maker.make(record_type, number)
        self.need_some()

    def need_some(self) -> None:
        """Let no type be without a sound record: an empty file is another matter."""
        for record_type, alive in self.alive.items():
            if not any(entry.kind is Kind.SOUND for entry in alive.values()):
                number = self.chance.randint(1, self.maker.ids[record_type])
                while (made := self.maker.make(record_type, number)).kind is not Kind.SOUND:
                    pass
                alive[number] = made
                self.gone[record_type].pop(number, None)

    def move_on(self) -> None:
        """Let a month pass: records change, go and come."""
        pace = self.chance.choice((0.1, 0.3, 0.7))
        leaving = self.chance.choice((0.0, 0.1, 0.1, 0.5))
        for record_type, most in self.maker.ids.items():
            alive, gone = self.alive[record_type], self.gone[record_type]
            for number in range(1, most + 1):
                if number in alive:
                    if self.chance.random() < leaving:
                        gone[number] = alive.pop(number)
                    elif self.chance.random() < pace:
                        alive[number] = self.change(record_type, number)
                elif self.chance.random() < pace:
                    old = gone.pop(number, None)
                    alive[number] = old if old and self.chance.random() < 0.5 else self.maker.make(record_type, number)
        self.need_some()

    def change(self, record_type: str, number: int) -> Entry:
        if self.chance.random() < 0.2:
            return self.maker.reprint(record_type, self.alive[record_type][number])
        return self.maker.make(record_type, number)

    def month(self, *, faults: float) -> Month:
        """Return the entries of every file; ``faults`` is the share of records that have something wrong."""
        return {each: self.file(each, faults) for each in self.maker.types}

    def file(self, record_type: str, faults: float) -> list[Entry]:
        """Return the entries of a file in its order."""
        found = [entry for _, entry in sorted(self.alive[record_type].items())]
        orders = ("ascending", "descending", "shuffled", "swapped") if "order" in self.troubles else ("ascending",)
        match self.chance.choice(orders):
            case "descending":
                found.reverse()
            case "shuffled":
                self.chance.shuffle(found)
            case "swapped":
                one, other = (self.chance.randrange(len(found)) for _ in range(2))
                found[one], found[other] = found[other], found[one]
        faulty = [entry for entry in found if self.chance.random() < faults]
        for entry in faulty:
            self.make_faulty(record_type, found, entry)
        return found

    def make_faulty(self, record_type: str, found: list[Entry], entry: Entry) -> None:
        """Spoil a record, or print another one of its id beside it, sound or not."""
        can_spoil = "unreadable" in self.troubles
        if can_spoil and ("twins" not in self.troubles or self.chance.random() < 0.6):
            found[found.index(entry)] = self.maker.spoil(record_type, entry)
            return
        if "twins" not in self.troubles:
            return
        twin = self.maker.make(record_type, number_of(self.alive[record_type], entry.id))
        if can_spoil and self.chance.random() < 0.4:
            twin = self.maker.spoil(record_type, twin)
        if Kind.RETIRED in (twin.kind, entry.kind):
            return  # whether a retired twin counts is nobody's case
        found.insert(self.chance.randint(0, len(found)), twin)


def number_of(alive: dict[int, Entry], entry_id: Id) -> int:
    return next(number for number, entry in alive.items() if entry.id == entry_id)
