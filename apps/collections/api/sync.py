"""Endpoints of the synchronisation with Discogs."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from rest_framework.request import Request

from apps.accounts.authentication import PersonalView
from apps.api.events import MEDIA_TYPE, respond
from apps.api.limits import Limit
from apps.api.responses import reply
from apps.api.views import SharedAddress
from apps.collections.answers import syncing as answers
from apps.collections.serializers import sync as serializers

ID = "8f14e45f-ceea-467f-a0d6-1b6c2f4c9a31"
SYNC = {
    "sync_id": ID,
    "sync_type": "full",
    "status": "completed",
    "items_synced": 1240,
    "error": None,
    "started_at": "2026-11-30T20:15:34.104208+00:00",
    "completed_at": "2026-11-30T20:15:49.662513+00:00",
}
PROGRESS = {
    **SYNC,
    "phase": "done",
    "page": 0,
    "pages": None,
    "added": 12,
    "changed": 1,
    "removed": 3,
    "seconds_left": None,
}


class AnySyncView(PersonalView):
    """An endpoint of synchronisations."""

    is_about_login = True
    family = "detail"
    errors: ClassVar[tuple[int, ...]] = (401, 503)


class StartSyncView(AnySyncView):
    """``POST /api/sync``: synchronise the collection and the wantlist with Discogs."""

    operation = "startSync"
    limits = (Limit(10),)
    status = 202
    output = serializers.StartedSerializer
    errors = (401, 404, 503)
    other_errors: ClassVar = {429: serializers.CooldownSerializer}
    example = {"sync_id": ID, "status": "started"}

    def post(self, request: Request) -> HttpResponse:
        try:
            found = answers.start(self.caller.load_user())
        except answers.CoolingDown:
            return reply({"status": "cooldown", "message": "Wait a minute between two synchronisations"}, 429)
        return HttpResponse(self.encode(found), content_type="application/json", status=202)


class SyncsView(AnySyncView):
    """``GET /api/sync/status``: the last synchronisations."""

    operation = "listSyncs"
    output = serializers.SyncsSerializer
    example = {"syncs": [SYNC]}

    def get(self, request: Request) -> HttpResponse:
        return self.reply(answers.list_syncs(self.caller.id))


class GetScheduleView(AnySyncView):
    """``GET /api/sync/schedule``: how often the collection is synchronised without being asked."""

    operation = "getSyncSchedule"
    output = serializers.ScheduleSerializer
    errors = (401, 404, 503)
    example: ClassVar = {"schedule": "daily"}

    def get(self, request: Request) -> HttpResponse:
        return self.reply(answers.get_schedule(self.caller.id))


class SetScheduleView(AnySyncView):
    """``PUT /api/sync/schedule``: say how often the collection is synchronised without being asked."""

    operation = "setSyncSchedule"
    body_parameters = serializers.ScheduleBody
    output = serializers.ScheduleSerializer
    errors = (401, 404, 503)
    example: ClassVar = {"schedule": "daily"}

    def put(self, request: Request) -> HttpResponse:
        return self.reply(answers.set_schedule(self.caller.id, self.body["schedule"]))


class ScheduleAddress(SharedAddress):
    """How often a user's collection is synchronised."""

    by_method: ClassVar = {"GET": GetScheduleView, "PUT": SetScheduleView}


class SyncView(AnySyncView):
    """``GET /api/sync/{sync_id}``: how far a synchronisation is, and what it has changed."""

    operation = "getSync"
    path_parameters = serializers.SyncPath
    output = serializers.ProgressSerializer
    errors = (401, 404, 503)
    example = PROGRESS

    def get(self, request: Request, sync_id: UUID) -> HttpResponse:
        return self.reply(answers.get_progress(self.caller.id, sync_id))


class CancelSyncView(AnySyncView):
    """``DELETE /api/sync/{sync_id}``: cancel a synchronisation; what it stored stays."""

    operation = "stopSync"
    path_parameters = serializers.SyncPath
    output = serializers.ProgressSerializer
    errors = (401, 404, 503)
    example = {**PROGRESS, "status": "cancelled"}

    def delete(self, request: Request, sync_id: UUID) -> HttpResponse:
        return self.reply(answers.cancel(self.caller.id, sync_id))


class SyncAddress(SharedAddress):
    """One synchronisation."""

    by_method: ClassVar = {"GET": SyncView, "DELETE": CancelSyncView}


class SyncEventsView(AnySyncView):
    """``GET /api/sync/{sync_id}/events``: the same as Server-Sent Events: ``progress``, at last ``end``."""

    operation = "getSyncEvents"
    path_parameters = serializers.SyncPath
    output = OpenApiTypes.STR
    media_type = MEDIA_TYPE
    errors = (401, 404, 503)
    example = "event: progress\ndata: {…}\n\n"

    def get(self, request: Request, sync_id: UUID) -> StreamingHttpResponse:
        answers.get_progress(self.caller.id, sync_id)

        def encode(found: object) -> bytes:
            return SyncView().encode(found)

        return respond(answers.stream_progress(self.caller.id, sync_id, encode))
