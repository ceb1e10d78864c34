"""Loading the small dump of two months: first time, again, and a month later."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.acceptance import snapshots
from tests.acceptance.brokers import Broker
from tests.acceptance.conftest import installed
from tests.acceptance.installation import Installation
from tests.dumps import FIRST_MONTH, SECOND_MONTH, pack

NO_CHANGE = {"new": 0, "changed": 0, "removed": 0, "dead": 0}
FINDINGS = "SELECT rule, record_id, field, value FROM ingest_qualityfinding"


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pack(FIRST_MONTH, "20260101", tmp_path_factory.mktemp("first"))


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pack(SECOND_MONTH, "20260201", tmp_path_factory.mktemp("second"))


@pytest.fixture(scope="module")
def after_first_month(
    build: Callable[[Path, Broker], Installation],
    tmp_path_factory: pytest.TempPathFactory,
    broker: Broker,
    first: Path,
) -> Iterator[Installation]:
    with installed(build, tmp_path_factory.mktemp("installation"), broker) as installation:
        installation.load(first)
        yield installation


def test_a_first_load_is_what_the_independent_check_reads(after_first_month: Installation, first: Path) -> None:
    after_first_month.require(first)
    after_first_month.require_leaves(first)
    assert after_first_month.run[1] == "completed"


def test_a_first_load_says_what_it_found(after_first_month: Installation) -> None:
    found = after_first_month.ask(FINDINGS)

    assert found
