"""Endpoints of what a user lacks."""

from __future__ import annotations

from django.http import HttpResponse, StreamingHttpResponse
from rest_framework.request import Request

from apps.accounts.authentication import LIBRARY_READ
from apps.collections.answers import gaps as answers
from apps.collections.api.exporting import FORMS, FileView
from apps.collections.api.kept import KeptView
from apps.collections.serializers import gaps as serializers

# Kind of an entity → the name of its operation. Each kind has a route.
OPERATIONS = {"label": "listGapsOfLabel", "artist": "listGapsOfArtist", "master": "listGapsOfMaster"}
# Kind, ending of the address of its file, and what differs.
EXAMPLES = {
    "csv": "id,title,year,formats,artist,label,genres,on_wantlist",
    "json": [{"id": "249504", "title": "Never Gonna Give You Up", "year": 1987, "on_wantlist": False}],
}
FILES = tuple(
    (
        kind,
        ending,
        {
            **form,
            "kind": kind,
            "operation": f"exportGapsOf{kind.title()}As{ending.title()}",
            "example": EXAMPLES[ending],
        },
    )
    for kind in OPERATIONS
    for ending, form in FORMS.items()
)


class GapsView(KeptView):
    """``GET /api/collection/gaps/{kind}/{entity_id}``: releases of a label, artist or master that a user lacks."""

    operation = OPERATIONS["label"]
    scope = LIBRARY_READ
    kind = "label"
    query_parameters = serializers.GapsQuery
    output = serializers.GapsSerializer
    # An entry has no artist in an artist's gaps, and null where an artist has no name.
    is_shaped = True
    errors = (401, 403, 404, 503, 504)
    example = {
        "entity": {"id": "895", "name": "RCA", "type": "label"},
        "summary": {"total": 9120, "owned": 4, "missing": 9116},
        "filters": {"formats": ["Vinyl"]},
        "results": [
            {
                "id": "249504",
                "title": "Never Gonna Give You Up",
                "year": 1987,
                "formats": ["Vinyl"],
                "artist": "Rick Astley",
                "genres": ["Electronic", "Pop"],
                "on_wantlist": False,
            }
        ],
        "pagination": {"total": 7240, "offset": 0, "limit": 1, "has_more": True},
    }

    def get(self, request: Request, entity_id: str) -> HttpResponse:
        user, kind, query = str(self.caller.id), self.kind, self.query
        filters = answers.make_filters(query)
        return self.reply_kept(
            lambda: answers.find_gaps(user, kind, entity_id, filters, query["limit"], query["offset"])
        )


class GapsFileView(FileView):
    """``GET /api/collection/gaps/{kind}/{entity_id}/export.{csv,json}``: the same as a file, 100,000 rows at most."""

    operation = "exportGapsOfLabelAsCsv"
    kind = "label"
    query_parameters = serializers.GapsFilters
    errors = (401, 403, 404, 503, 504)
    example = EXAMPLES["csv"]

    def get(self, request: Request, entity_id: str) -> StreamingHttpResponse:
        rows = answers.list_rows(str(self.caller.id), self.kind, entity_id, answers.make_filters(self.query))
        return self.send(rows, f"missing-{self.kind}")
