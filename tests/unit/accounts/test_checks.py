"""The key that secrets are encrypted with: it must be one where something needs it."""

import pytest

from apps.accounts import checks

SOUND = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


@pytest.mark.parametrize(
    ("key", "two_factor", "found"),
    [
        (SOUND, True, 0), (SOUND, False, 0), ("", False, 0),
        ("", True, 1), ("short", False, 1), ("AAECAw==", True, 1), (SOUND[:-1], True, 1), (f"{SOUND[:-2]}!=", True, 1),
    ],
)  # fmt: skip
def test_a_key_that_cannot_be_used_is_found(settings, key, two_factor, found):
    settings.ENCRYPTION_MASTER_KEY = key
    settings.STAFF_TWO_FACTOR = two_factor

    assert len(checks.check_master_key()) == found
