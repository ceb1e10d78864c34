"""Tables for other programs, as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpResponse


def respond(name: str, rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """Answer with rows as a CSV file. Texts from outside must have been through ``apps.api.tables.escape_formula``."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response["Cache-Control"] = "no-cache"
    csv.writer(response).writerows(rows)
    return response
