"""Bringing a table to what was counted: only what differs is written, for a month changes few of some million rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction

# A merge would sort both sides by their texts, for seven times the time.
HASH_JOINS_ONLY = "SET LOCAL enable_mergejoin = off"
# What is gone or counts differently goes, what is new or counts differently comes. A stale row is found by its place,
# which holds: maintenance alone writes, one at a time.
MAKE_DIFFERENT = """
CREATE TEMPORARY TABLE different ON COMMIT DROP AS
SELECT stored.ctid AS stale, {counted_columns}
FROM {table} AS stored
FULL JOIN pg_temp.{counted} AS counted ON {same_key}
WHERE ({counted_values}) IS DISTINCT FROM ({stored_values})
"""
DELETE_STALE = "DELETE FROM {table} USING pg_temp.different WHERE {table}.ctid = different.stale"
INSERT_NEW = """
INSERT INTO {table} ({columns})
SELECT {columns}
FROM pg_temp.different
WHERE {key} IS NOT NULL
ORDER BY {keys}
"""


def write(cursor: Any, table: str, counted: str, *, keys: Sequence[str], values: Sequence[str]) -> None:
    """Bring ``table`` to the rows of the temporary table ``counted``; a reader finds all of the differences or none.

    Both have the columns ``keys``, which name a row and are never null, and ``values``.
    """
    columns = [*keys, *values]
    names = {
        "table": table,
        "counted": counted,
        "key": keys[0],
        "keys": ", ".join(keys),
        "columns": ", ".join(columns),
        "counted_columns": ", ".join(f"counted.{name}" for name in columns),
        "counted_values": ", ".join(f"counted.{name}" for name in values),
        "stored_values": ", ".join(f"stored.{name}" for name in values),
        "same_key": " AND ".join(f"counted.{name} = stored.{name}" for name in keys),
    }
    with transaction.atomic():
        for statement in (HASH_JOINS_ONLY, MAKE_DIFFERENT, DELETE_STALE, INSERT_NEW):
            cursor.execute(statement.format(**names))
