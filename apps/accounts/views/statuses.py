"""Endpoint of a user's collection status of releases."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request

from apps.accounts import serializers
from apps.api.responses import NotEnough
from apps.api.views import ApiView

MOST_IDS = 100


class UserStatusView(ApiView):
    """``GET /api/user/status``: which of some releases are in the collection or wantlist of who asks.

    A login is not asked for: who has none, or one that does not hold, has nothing. Nobody can have one so far.
    """

    operation = "getUserStatus"
    query_parameters = serializers.UserStatusQuery
    output = serializers.UserStatusSerializer
    errors = (422,)
    example = {"status": {"249504": {"in_collection": False, "in_wantlist": False}}}

    def get(self, request: Request) -> HttpResponse:
        ids = self.query["ids"]
        if len(ids) > MOST_IDS:
            raise NotEnough(f"Too many IDs: {len(ids)}, maximum is {MOST_IDS}")
        return self.reply({"status": {id_: {"in_collection": False, "in_wantlist": False} for id_ in ids}})
