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


class ExportView(PersonalView):
    """``GET /api/user/{list}/export.{csv,json}``: all of a list as a file, with the columns of Discogs' export."""

    scope = LIBRARY_READ
    operation = "exportCollectionAsCsv"
    # Each list and form has a route.
    name = "collection"
    media_type = CSV
    output = OpenApiTypes.STR
    errors = (401, 403, 503)
    example = "Catalog#,Artist,Title,…"

    def get(self, request: Request) -> StreamingHttpResponse:
        rows = exporting.LISTS[self.name](self.caller.id)
        if self.media_type == CSV:
            return self.send(stream_csv(rows), "csv")
        return self.send(exporting.stream_json(rows), "json")

    def send(self, content: Iterator[str] | Iterator[bytes], ending: str) -> StreamingHttpResponse:
        """Return an answer that is stored as a file."""
        response = StreamingHttpResponse(content, content_type=f"{self.media_type}; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{self.name}.{ending}"'
        return response
