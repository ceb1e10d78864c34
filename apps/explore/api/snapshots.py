"""Snapshots of an exploration."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request

from apps.api.limits import Limit
from apps.api.views import ApiView
from apps.explore.answers import snapshots
from apps.explore.serializers import snapshots as serializers


class SnapshotView(ApiView):
    """``GET /api/snapshot/{token}``: what was explored when the snapshot was taken."""

    operation = "getSnapshot"
    limits = (Limit(30),)
    output = serializers.SnapshotSerializer
    errors = (404, 503)
    example = {
        "nodes": [{"id": "108713", "type": "artist"}],
        "center": {"id": "108713", "type": "artist"},
        "created_at": "2026-06-01T12:00:00.000000+00:00",
    }

    def get(self, request: Request, token: str) -> HttpResponse:
        return self.reply(snapshots.get_snapshot(token))
