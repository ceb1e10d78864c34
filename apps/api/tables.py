"""Rows as CSV, for programs and spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

# Texts come from outside. A cell that begins with one of these would be run by Excel as a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def escape_formula(value: Any) -> Any:
    """Return a value that a spreadsheet does not take for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in FORMULA_STARTS else value


def stream_csv(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield rows, which all have the keys of the first one, as CSV with a header; nothing for no rows."""
    for number, row in enumerate(rows):
        line = io.StringIO()
        writer = csv.DictWriter(line, list(row))
        if not number:
            writer.writeheader()
        writer.writerow({key: escape_formula(value) for key, value in row.items()})
        yield line.getvalue()
