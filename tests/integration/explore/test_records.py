"""The whole record of an entity, or why there is none."""

import pytest
from rest_framework.exceptions import NotFound

from apps.explore.answers import records
from apps.explore.answers.records import Gone
from apps.ingest.runs import starting
from tests.loading import add_chunks, load_tables, start
from tests.records import release

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("spooled")]


def load(ids):
    """Load releases of some ids into their table alone."""
    run = start("releases", stores=["tables"])
    add_chunks(run, "releases", [release(each, f"No. {each}", labels=[7]) for each in ids])
    load_tables(run)
    starting.complete(run)


def test_a_record_is_as_its_dump_had_it():
    load([1])

    found = records.find_record("release", "1")

    assert found["title"] == "No. 1"
    assert found["labels"] == [{"name": "n", "catno": "c", "id": "7"}]


def test_a_record_that_a_later_dump_lacks_is_gone(settings):
    settings.PURGE_MAX_DELETE_FRACTION = 0.9
    load(range(1, 11))
    load(range(2, 11))

    with pytest.raises(Gone):
        records.find_record("release", "1")


def test_a_record_that_came_back_is_there(settings):
    settings.PURGE_MAX_DELETE_FRACTION = 0.9
    load(range(1, 11))
    load(range(2, 11))
    load(range(1, 11))

    assert records.find_record("release", "1")["title"] == "No. 1"


@pytest.mark.parametrize("id_", ["2", "0", "-1", "01", "1.5", "nonsense", "", "9" * 40, "1\0", "١"])
def test_there_is_no_record_of_another_id(id_):
    load([1])

    with pytest.raises(NotFound) as raised:
        records.find_record("release", id_)

    assert not isinstance(raised.value, Gone)
