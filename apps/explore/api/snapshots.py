"""Snapshots of an exploration."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request

from apps.accounts.authentication import NOT_AUTHENTICATED, PersonalView
from apps.api.limits import Limit
from apps.api.responses import reply
from apps.api.views import ApiView
from apps.explore.answers import snapshots
from apps.explore.serializers import snapshots as serializers


class SaveSnapshotView(PersonalView):
    """``POST /api/snapshot``: keep what is on the map under a token, which opens it for 28 days."""

    operation = "saveSnapshot"
    refusal = NOT_AUTHENTICATED
    body_parameters = serializers.SnapshotBody
    limits = (Limit(20, by_token=True),)
    output = serializers.SavedSnapshotSerializer
    status = 201
    errors = (401, 403, 404, 413, 422, 429, 503)
    example = {
        "token": "Zk3_a-9Qw1Xy7LmN",
        "url": "/snapshot/Zk3_a-9Qw1Xy7LmN",
        "expires_at": "2026-06-29T12:00:00+00:00",
    }

    def post(self, request: Request) -> HttpResponse:
        saved = snapshots.save_snapshot(self.caller.load_user(), self.body)
        place = f"/snapshot/{saved.token}"
        return reply({"token": saved.token, "url": place, "expires_at": saved.expires_at.isoformat()}, 201)


class SnapshotView(ApiView):
    """``GET /api/snapshot/{token}``: what was explored when the snapshot was taken."""

    operation = "getSnapshot"
    query_parameters = serializers.SnapshotQuery
    is_shaped = True
    limits = (Limit(30),)
    output = serializers.SnapshotSerializer
    errors = (404, 503)
    example = {
        "nodes": [{"id": "108713", "type": "artist"}],
        "center": {"id": "108713", "type": "artist"},
        "created_at": "2026-06-01T12:00:00.000000+00:00",
    }

    def get(self, request: Request, token: str) -> HttpResponse:
        found = snapshots.get_snapshot(token)
        as_picture = self.query.get("schema") == serializers.PICTURE
        return self.reply(snapshots.add_names(found) if as_picture else snapshots.simplify(found))
