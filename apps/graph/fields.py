"""Fields and rows of CSV, as PostgreSQL and the import of Neo4j read them."""

from __future__ import annotations

from collections.abc import Sequence


def join(rows: Sequence[str]) -> bytes:
    """Return the content of a CSV file."""
    return "\n".join([*rows, ""]).encode()


def quote(text: str | None) -> str:
    """Return a text as a CSV field: an empty text differs from an absent one."""
    return "" if text is None else '"' + text.replace('"', '""') + '"'


def write_number(value: int | None) -> str:
    """Return a number as a CSV field."""
    return "" if value is None else str(value)
