"""The account that the random months keep of the tables says what the rulings say, and its stories repeat."""

from random import Random

import pytest

from tests.months.entries import FAULTS, Discogs, Entry, Kind
from tests.months.model import FileOutcome, Outcome, RunFacts, Table
from tests.months.world import World

TEN = [Entry(number, Kind.SOUND, number, f"<{number}>") for number in range(1, 11)]
IDS = {"artists": 5, "labels": 5, "masters": 5, "releases": 5}


def make_whole(*entries: Entry) -> FileOutcome:
    return FileOutcome(list(entries), frozenset(range(len(entries))), is_completed=True, has_dead_letters=False)


def run(version: str = "2", *, confirm_purge: bool = False) -> RunFacts:
    return RunFacts(version, is_for_tables=True, confirm_purge=confirm_purge, is_complete=True)


@pytest.fixture
def table() -> Table:
    """Ten rows, loaded by version 1."""
    return Table({entry.id: entry for entry in TEN}, seen={10}, newest="1")


def make_unreadable(kind: Kind) -> Entry:
    return Entry(1, kind, 99, "?")


def ids(outcome: Outcome) -> set[int | str]:
    return set(outcome.allowed)


def test_what_a_file_lacks_goes(table: Table) -> None:
    (outcome,) = table.outcomes(make_whole(*TEN[1:]), run())

    assert ids(outcome) == set(range(2, 11))
    assert outcome.is_vetoed is False


@pytest.mark.parametrize(
    ("entries", "facts"),
    [
        ((make_unreadable(Kind.UNKNOWN), *TEN[1:]), run()),
        (TEN[:7], run()),
        (TEN[:1], run()),
        (TEN[1:], run("0")),
    ],
    ids=["a record of unknown id", "much shorter", "nearly all would go", "older"],
)
def test_nothing_goes_where_the_purge_is_vetoed(table: Table, entries: tuple[Entry, ...], facts: RunFacts) -> None:
    (outcome,) = table.outcomes(make_whole(*entries), facts)

    assert ids(outcome) == set(range(1, 11))
    assert outcome.is_vetoed


def test_a_confirmed_purge_yields_to_no_size(table: Table) -> None:
    (outcome,) = table.outcomes(make_whole(*TEN[:1]), run(confirm_purge=True))

    assert ids(outcome) == {1}


def test_a_vetoed_file_is_no_measure_for_the_next_one(table: Table) -> None:
    short = make_whole(*TEN[:5])
    (vetoed,) = table.outcomes(short, run())
    table.settle(short, run(), vetoed, table.rows)

    assert [outcome.is_vetoed for outcome in table.outcomes(short, run())] == [True]


def test_a_record_that_cannot_be_read_stays_as_it_is(table: Table) -> None:
    (outcome,) = table.outcomes(make_whole(make_unreadable(Kind.BROKEN), *TEN[2:]), run())

    assert outcome.allowed[1] == {TEN[0]}
    assert 2 not in outcome.allowed


def test_a_confirmed_purge_may_take_a_record_whose_id_is_damaged(table: Table) -> None:
    file = make_whole(make_unreadable(Kind.DOUBTFUL), *TEN[2:])
    (confirmed,) = table.outcomes(file, run(confirm_purge=True))
    cautious = table.outcomes(file, run())

    assert confirmed.allowed[1] == {TEN[0], None}
    assert [outcome.allowed[1] for outcome in cautious] == [{TEN[0]}, {TEN[0]}]


def test_so_it_may_where_nothing_else_is_gone(table: Table) -> None:
    (outcome,) = table.outcomes(make_whole(make_unreadable(Kind.DOUBTFUL), *TEN[1:]), run(confirm_purge=True))

    assert outcome.allowed[1] == {TEN[0], None}


def test_the_later_sound_twin_counts(table: Table) -> None:
    twin = Entry(1, Kind.SOUND, 50, "<1 again>")
    (outcome,) = table.outcomes(make_whole(twin, *TEN, make_unreadable(Kind.BROKEN)), run())

    assert outcome.allowed[1] == {TEN[0]}


def test_the_same_seed_makes_the_same_months() -> None:
    def months() -> list[object]:
        chance = Random(7)
        world = World(chance, Discogs(chance, IDS, {"padded ids", "retired"}), {"twins", "order", "unreadable"})
        found: list[object] = []
        for _ in range(3):
            found.append(world.month(faults=0.3))
            world.move_on()
        return found

    assert months() == months()


@pytest.mark.parametrize("record_type", FAULTS)
def test_every_fault_changes_a_record(record_type: str) -> None:
    maker = Discogs(Random(1), IDS, ())
    entry = maker.make(record_type, 3)

    for _, change in FAULTS[record_type]:
        assert change(entry.raw, "3") != entry.raw
