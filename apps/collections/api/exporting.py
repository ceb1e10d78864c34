"""Endpoints that give a user all of a list as a file."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from rest_framework.request import Request

from apps.accounts.authentication import LIBRARY_READ, PersonalView
from apps.api.tables import stream_csv
from apps.collections import exporting
from apps.collections.answers.gaps import FIRST_ROWS

# The first rows of gaps, and the names of columns.
FIRST_LINES = FIRST_ROWS + 1
CSV, JSON = "text/csv", "application/json"
EXAMPLES = {
    "csv": "Catalog#,Artist,Title,…",
    "json": [{"Catalog#": "PB 41447", "Artist": "Rick Astley", "Title": "Never Gonna Give You Up"}],
}
# Rows of a file as JSON, for the schema: their keys are the columns.
ROWS = {"type": "array", "items": {"type": "object", "additionalProperties": True}}
# Ending of an address → what differs.
FORMS: dict[str, dict[str, Any]] = {
    "csv": {"media_type": CSV, "output": OpenApiTypes.STR},
    "json": {"media_type": JSON, "output": ROWS},
}
# List, ending of its address, and what differs.
ADDRESSES = tuple(
    (name, ending, {**form, "operation": f"export{name.title()}As{ending.title()}", "example": EXAMPLES[ending]})
    for name in exporting.LISTS
    for ending, form in FORMS.items()
)


def join_lines(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Yield lines in pieces. Each piece is sent on its own, and thousands of small ones cost more than all the rest."""
    # A small one first, so that the file begins soon.
    yield b"".join(islice(lines, FIRST_LINES))
    while piece := b"".join(islice(lines, exporting.FETCH_ROWS)):
        yield piece


class FileView(PersonalView):
    """An answer that is stored as a file. Each list and form of a file has a route."""

    scope = LIBRARY_READ
    media_type = CSV
    output: Any = OpenApiTypes.STR

    def send(self, rows: Iterator[exporting.Row], name: str) -> StreamingHttpResponse:
        """Return rows as a file of a name, while they are read."""
        is_csv = self.media_type == CSV
        lines = map(str.encode, stream_csv(rows)) if is_csv else exporting.stream_json(rows)
        response = StreamingHttpResponse(join_lines(lines), content_type=f"{self.media_type}; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{name}.{"csv" if is_csv else "json"}"'
        return response


class ExportView(FileView):
    """``GET /api/user/{list}/export.{csv,json}``: all of a list as a file, with the columns of Discogs' export."""

    operation = "exportCollectionAsCsv"
    name = "collection"
    errors = (401, 403, 503)
    example = EXAMPLES["csv"]

    def get(self, request: Request) -> StreamingHttpResponse:
        return self.send(exporting.LISTS[self.name](self.caller.id), self.name)
