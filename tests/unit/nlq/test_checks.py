"""Questions in plain words that are wanted where nothing answers them."""

import pytest

from apps.nlq import checks


@pytest.mark.parametrize(
    ("enabled", "key", "count"), [(False, "", 0), (False, "key", 0), (True, "", 1), (True, "key", 0)]
)
def test_what_is_wanted_and_has_no_key_is_found(settings, enabled, key, count):
    settings.NLQ_ENABLED = enabled
    settings.NLQ_API_KEY = key

    found = checks.check_questions()

    assert len(found) == count
    assert all("NLQ_API_KEY" in each.msg for each in found)
