"""Questions in plain words that are wanted where nothing answers them."""

import pytest

from apps.nlq import checks


@pytest.mark.parametrize(
    ("enabled", "key", "missing"),
    [(False, "", None), (False, "key", None), (True, "", "NLQ_API_KEY"), (True, "key", "language model")],
)
def test_what_is_wanted_and_not_there_is_found(settings, enabled, key, missing):
    settings.NLQ_ENABLED = enabled
    settings.NLQ_API_KEY = key

    found = checks.check_questions()

    assert len(found) == (missing is not None)
    assert all(missing in each.msg for each in found)
