"""Loading the small dump of two months: first time, again, and a month later."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance import snapshots
from tests.acceptance.brokers import Broker
from tests.acceptance.conftest import Build, open_installation
from tests.acceptance.installation import Installation
from tests.dumps import FIRST_MONTH, SECOND_MONTH, TYPES, pack

FINDINGS = "SELECT rule, record_id, field, value FROM ingest_qualityfinding"
# What each kind of finding is about in the first month.
FOUND = {
    ("unknown-name", "", "future", ""),
    ("skip", "16", "profile", "[b]Do not use.[/b] See [a11]."),
    ("filter", "105", "year", "1492"),
    ("filter", "1003", "genres.genre", "7"),
    ("empty-label-name", "56", "name", ""),
    ("no-id", "0", "", ""),
}
CHANGES = ("new", "changed", "removed", "dead")


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pack(FIRST_MONTH, "20260101", tmp_path_factory.mktemp("first"))


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pack(SECOND_MONTH, "20260201", tmp_path_factory.mktemp("second"))


@pytest.fixture(scope="module")
def fresh_second(
    build: Build,
    tmp_path_factory: pytest.TempPathFactory,
    broker: Broker,
    second: Path,
) -> snapshots.Snapshot:
    """Return what the second month looks like in stores that were empty."""
    with open_installation(build, tmp_path_factory.mktemp("fresh"), broker) as installation:
        installation.load(second)
        installation.require(second)
        return installation.snapshot()


@pytest.fixture(scope="module")
def months(
    build: Build,
    tmp_path_factory: pytest.TempPathFactory,
    fresh_second: snapshots.Snapshot,
    broker: Broker,
    first: Path,
) -> Iterator[Installation]:
    """Return an installation with the first month loaded; the tests go on from there in their order."""
    with open_installation(build, tmp_path_factory.mktemp("installation"), broker) as installation:
        installation.load(first)
        yield installation


def test_a_first_load_is_what_the_independent_check_reads(months: Installation, first: Path) -> None:
    months.require(first)
    months.require_leaves(first)
    assert months.run[1] == "completed"


def test_a_first_load_leaves_nothing_in_the_spool(months: Installation) -> None:
    assert not [path for path in (months.folder / "spool").rglob("*") if path.is_file()]


def test_a_first_load_says_what_it_found(months: Installation) -> None:
    found = set(months.ask(FINDINGS))

    assert found >= FOUND, found
    assert "malformed" not in {rule for rule, *_ in found}


def test_the_same_dump_again_writes_nothing(months: Installation, first: Path) -> None:
    with months.connect() as connection:
        before = snapshots.places(connection), snapshots.last_write_to_graph()
        types = months.load(first)["types"]
        after = snapshots.places(connection), snapshots.last_write_to_graph()

    assert {type_: {types[type_][name] for name in CHANGES} for type_ in TYPES} == {type_: {0} for type_ in TYPES}
    assert after == before


def test_a_month_later_the_stores_are_as_if_they_had_been_empty(
    months: Installation, second: Path, fresh_second: snapshots.Snapshot
) -> None:
    done = months.manage("extract", "discogs", "--from", str(second), "--json")

    differing = snapshots.differences(fresh_second, months.snapshot())
    assert done.code == 0, done.stderr
    assert not differing, "\n".join([*differing, months.report()])
    months.require(second)
    months.require_leaves(second)


def test_what_is_gone_in_the_second_month_is_removed_without_asking(months: Installation) -> None:
    removed = "SELECT record_type, data_id FROM ingest_removedentity WHERE unlinked_at IS NOT NULL"

    assert months.ask("SELECT warnings FROM ingest_run ORDER BY id DESC LIMIT 1") == [([],)]
    assert set(months.ask(removed)) == {("artists", 17), ("labels", 53), ("masters", 104), ("releases", 1010)}


def test_an_older_month_is_refused_unless_forced(months: Installation, first: Path) -> None:
    refused = months.manage("extract", "discogs", "--from", str(first))
    forced = months.manage("extract", "discogs", "--from", str(first), "--force")

    assert refused.code == 1
    assert "Version 20260101 is older than 20260201, which is loaded: use --force to load it" in refused.error
    assert forced.code == 0, months.report()
    # Artists of the second month stay: an older dump does not know them.
    assert months.value("SELECT count(*) FROM artists WHERE data_id IN (30, 31)") == 2
    assert "older than 20260201" in forced.error
