"""Ids of Discogs: whole numbers from 1 to the largest BIGINT, the key of the tables."""

from __future__ import annotations

from typing import Any

LAST_ID = 2**63 - 1
LONGEST = len(str(LAST_ID))


def id_number(value: Any) -> int | None:
    """Return an id as a number; None unless it is a text of digits without a leading zero, up to ``LAST_ID``."""
    # The length is checked first, since int() raises for some thousand digits.
    if not isinstance(value, str) or len(value) > LONGEST or not value.isascii() or not value.isdigit():
        return None
    found = int(value)
    return found if value[0] != "0" and found <= LAST_ID else None


def names_no_record(value: Any) -> bool:
    """Tell whether an id is a number that no record can have: zero, or beyond ``LAST_ID``."""
    if not isinstance(value, str) or not value.isascii() or not value.isdigit():
        return False
    significant = value.lstrip("0")
    return not significant or len(significant) > LONGEST or int(significant) > LAST_ID
