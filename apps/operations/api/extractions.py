"""Endpoints of extractions, which are runs, and of dead letters."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from apps.accounts import audit
from apps.accounts.authentication import AdminView
from apps.api.parameters import Invalid, parse_json, read_values
from apps.api.responses import BadGateway, Conflict, NotAvailable, reply
from apps.http.clock import ImpatientClock
from apps.http.errors import SiteError
from apps.ingest.discogs.rules import RulesError
from apps.ingest.errors import IngestError, RunError
from apps.ingest.runs import dead_letters, starting
from apps.ingest.runs.starting import Options
from apps.operations import runs, serializers
from apps.operations.answers import extractions as answers

# How long the publisher's site is waited for.
PATIENCE_SECONDS = 40
MOST_ON_A_PAGE = 100
EXAMPLE = {
    "id": "00000000-0000-0000-0000-000000000012",
    "triggered_by": "schedule",
    "status": "completed",
    "started_at": "2026-11-02T03:00:00Z",
    "completed_at": "2026-11-02T05:10:00Z",
    "duration_seconds": 7800.0,
    "record_counts": {"artists": 9800000, "labels": 2300000, "masters": 2600000, "releases": 19100000},
    "error_message": None,
    "extractor_version": None,
    "created_at": "2026-11-02T03:00:00Z",
    "source": "discogs",
    "version": "20261101",
    "duration": "2 h 10 min",
    "records": 33800000,
    "error": None,
}


class ExtractionsView(AdminView):
    """``GET /api/admin/extractions``: runs, the newest first."""

    operation = "listExtractions"
    query_parameters = serializers.ExtractionsQuery
    output = serializers.ExtractionsSerializer
    errors = (401, 403, 503)
    example = {"extractions": [EXAMPLE], "total": 1, "offset": 0, "limit": 20}

    def get(self, request: Request) -> HttpResponse:
        # The contract clamps them instead of refusing.
        offset, limit = max(self.query["offset"], 0), min(max(self.query["limit"], 1), MOST_ON_A_PAGE)
        return self.reply(answers.list_extractions(offset, limit))


class ExtractionView(AdminView):
    """``GET /api/admin/extractions/{extraction_id}``: one run."""

    operation = "getExtraction"
    path_parameters = serializers.ExtractionPath
    output = serializers.ExtractionSerializer
    errors = (401, 403, 404, 503)
    example = EXAMPLE

    def get(self, request: Request, extraction_id: UUID) -> HttpResponse:
        return self.reply(answers.get_extraction(extraction_id))


class TriggerView(AdminView):
    """``POST /api/admin/extractions/trigger``: load the newest published version, again if it is loaded."""

    operation = "startExtraction"
    body_parameters = serializers.TriggerBody
    output = serializers.TriggeredSerializer
    status = 202
    errors = (401, 403, 409, 502, 503)
    example = {"id": EXAMPLE["id"], "status": "running"}

    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponse:
        """Refuse the word as the id of an extraction."""
        read_values(serializers.ExtractionPath, "path", {"extraction_id": "trigger"})
        raise AssertionError

    def read_parameters(self, request: Request) -> None:
        """Read the body; it may be missing, and whatever is no JSON object counts as missing."""
        try:
            given = parse_json(request._request.body) if request.method == "POST" else {}  # noqa: SLF001
        except Invalid:
            given = {}
        self.body = read_values(serializers.TriggerBody, "body", given if isinstance(given, dict) else {})

    def post(self, request: Request) -> HttpResponse:
        source, user = self.body["source"], self.caller.load_user()
        if starting.find_unfinished(source) is not None:
            raise Conflict(f"An extraction of {source} is already in progress")
        try:
            run = runs.start(
                Options(source=source, force=True),
                folder=None,
                by=user.email,
                clock=ImpatientClock(PATIENCE_SECONDS),
            )
        except runs.DispatchError as error:
            raise NotAvailable(str(error)) from error
        except RunError as error:
            # Another one may have begun since.
            raise Conflict(f"{error} (already in progress, or nothing to load)") from error
        except (IngestError, SiteError, RulesError, OSError) as error:
            raise BadGateway(str(error)) from error
        found = answers.make_extraction_id(run)
        audit.record(
            "extraction.trigger",
            actor=user.pk,
            details={"extraction_id": found},
            request=request._request,  # noqa: SLF001
        )
        return reply({"id": found, "status": "running"}, 202)


class PurgeDeadLettersView(AdminView):
    """``POST /api/admin/dlq/purge/{queue}``: delete the dead letters of a stage and a record type."""

    operation = "deleteDeadLetters"
    output = serializers.PurgedSerializer
    errors = (401, 403, 404, 409, 503)
    example = {"queue": "linernotes-discogs-tableinator-artists.dlq", "messages_purged": 3, "purged": 3}

    def post(self, request: Request, queue: str) -> HttpResponse:
        letters, user = answers.find_dead_letters(queue), self.caller.load_user()
        try:
            purged = dead_letters.purge(letters, by=user.email)
        except RunError as error:
            raise Conflict(str(error)) from error
        details: dict[str, Any] = {"purged_count": purged}
        audit.record("dlq.purge", actor=user.pk, target=queue, details=details, request=request._request)  # noqa: SLF001
        return self.reply({"queue": queue, "messages_purged": purged, "purged": purged})
