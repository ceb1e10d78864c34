import pytest

from apps.ingest.sources.discogs_ids import LAST_ID, id_number


@pytest.mark.parametrize("value", ["1", "108713", str(LAST_ID)])
def test_digits_are_an_id(value):
    assert id_number(value) == int(value)


@pytest.mark.parametrize(
    "value", ["", "0", "007", "-1", "+1", " 1", "1.5", "x", "٤", "²", str(LAST_ID + 1), "9" * 5000, 1, None]
)
def test_everything_else_is_none(value):
    assert id_number(value) is None
