"""Update a table of figures to newly counted rows. Only differences are written: a month changes few of its rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction

# A merge join would sort both sides by their texts, which takes seven times as long.
HASH_JOINS_ONLY = "SET LOCAL enable_mergejoin = off"
# A row that is gone or has another count is deleted; one that is new or has another count is inserted. A stale row is
# found by its physical place, ctid. That is safe because only maintenance writes, in one process at a time.
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
    """Make ``table`` equal to the temporary table ``counted``, in one transaction.

    Both have the columns ``keys``, which identify a row and are never null, and ``values``.
    """
    # Table and columns are names of our own code; no value from outside comes into the statement.
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
