"""Endpoints that give a user all of a list as a file."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from rest_framework.request import Request

from apps.accounts.authentication import LIBRARY_READ, PersonalView
from apps.api.tables import stream_csv
from apps.collections import exporting

CSV, JSON = "text/csv", "application/json"
# List, ending of its address, and what differs.
ADDRESSES = (
    ("collection", "csv", {"media_type": CSV, "operation": "exportCollectionAsCsv"}),
    ("collection", "json", {"media_type": JSON, "operation": "exportCollectionAsJson"}),
    ("wantlist", "csv", {"media_type": CSV, "operation": "exportWantlistAsCsv"}),
    ("wantlist", "json", {"media_type": JSON, "operation": "exportWantlistAsJson"}),
)


class FileView(PersonalView):
    """An answer that is stored as a file. Each list and form of a file has a route."""

    scope = LIBRARY_READ
    media_type = CSV
    output = OpenApiTypes.STR

    def send(self, rows: Iterator[exporting.Row], name: str) -> StreamingHttpResponse:
        """Return rows as a file of a name, while they are read."""
        is_csv = self.media_type == CSV
        content: Iterator[str] | Iterator[bytes] = stream_csv(rows) if is_csv else exporting.stream_json(rows)
        response = StreamingHttpResponse(content, content_type=f"{self.media_type}; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{name}.{"csv" if is_csv else "json"}"'
        return response


class ExportView(FileView):
    """``GET /api/user/{list}/export.{csv,json}``: all of a list as a file, with the columns of Discogs' export."""

    operation = "exportCollectionAsCsv"
    name = "collection"
    errors = (401, 403, 503)
    example = "Catalog#,Artist,Title,…"

    def get(self, request: Request) -> StreamingHttpResponse:
        return self.send(exporting.LISTS[self.name](self.caller.id), self.name)
