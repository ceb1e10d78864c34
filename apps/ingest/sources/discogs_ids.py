"""Ids of Discogs: whole numbers from 1 that fit into the key of a table."""

from __future__ import annotations

from typing import Any

LAST_ID = 2**63 - 1
LONGEST = len(str(LAST_ID))


def id_number(value: Any) -> int | None:
    """Return an id as a number, or None if it is none: a text of digits without a leading zero, up to ``LAST_ID``."""
    # Its length first: from some thousand digits on, int() refuses.
    if not isinstance(value, str) or len(value) > LONGEST or not value.isascii() or not value.isdigit():
        return None
    found = int(value)
    return found if value[0] != "0" and found <= LAST_ID else None


def names_no_record(value: Any) -> bool:
    """Tell whether an id is a number that no record can have: zero, or one beyond ``LAST_ID``."""
    if not isinstance(value, str) or not value.isascii() or not value.isdigit():
        return False
    significant = value.lstrip("0")
    return not significant or len(significant) > LONGEST or int(significant) > LAST_ID
