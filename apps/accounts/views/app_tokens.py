"""Endpoints of the tokens that users make for programs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from apps.accounts import own_account, serializers
from apps.accounts.authentication import COLLECTION_READ, PersonalView
from apps.accounts.models import AppToken
from apps.api.responses import reply
from apps.api.views import SharedAddress

ID = "6f1c1f0e-6a3c-4d0a-9a57-0d6f5b0c5d11"
MADE = {"id": ID, "name": "my script", "scopes": [COLLECTION_READ], "created_at": "2026-11-30T12:00:00+00:00"}


class ListAppTokensView(PersonalView):
    """``GET /api/user/app-tokens``: the tokens that the caller made for programs."""

    operation = "listAppTokens"
    family = "detail"
    output = serializers.AppTokensSerializer
    errors = (401, 403)
    example = {
        "active": [{**MADE, "last_used_at": None}],
        "revoked": [{"id": ID, "name": "old", "revoked_at": "2026-11-30T12:00:00+00:00"}],
    }

    def get(self, request: Request) -> HttpResponse:
        found = AppToken.objects.filter(user=self.caller.id).order_by("-created_at", "pk")
        active = [describe(each) for each in found if each.revoked_at is None]
        revoked = [
            {"id": str(each.pk), "name": each.name, "revoked_at": each.revoked_at.isoformat()}
            for each in found
            if each.revoked_at is not None
        ]
        return reply({"active": active, "revoked": revoked})


class MakeAppTokenView(PersonalView):
    """``POST /api/user/app-tokens``: make a token for a program."""

    operation = "makeAppToken"
    family = "detail"
    body_parameters = serializers.AppTokenBody
    output = serializers.NewAppTokenSerializer
    status = 201
    errors = (400, 401, 403, 404)
    example = {**MADE, "token": "dscg_0NQ2vJ7o0k1ZX2mTn4A…"}

    def post(self, request: Request) -> HttpResponse:
        user, bare = self.caller.load_user(), request._request  # noqa: SLF001
        made, token = own_account.make_app_token(user, self.body["name"], self.body["scopes"], bare)
        found = describe(made)
        del found["last_used_at"]
        return reply({**found, "token": token}, 201)


def describe(token: AppToken) -> dict[str, Any]:
    """Return a token that is valid as it is shown."""
    return {
        "id": str(token.pk),
        "name": token.name,
        "scopes": token.scopes,
        "created_at": token.created_at.isoformat(),
        "last_used_at": token.last_used_at.isoformat() if token.last_used_at else None,
    }


class AppTokensView(SharedAddress):
    """``/api/user/app-tokens``."""

    by_method = {"POST": MakeAppTokenView, "GET": ListAppTokensView}


class RevokeAppTokenView(PersonalView):
    """``DELETE /api/user/app-tokens/{token_id}``: revoke a token."""

    operation = "revokeAppToken"
    family = "detail"
    output = None
    status = 204
    errors = (401, 403, 404)

    def delete(self, request: Request, token_id: str) -> HttpResponse:
        own_account.revoke_app_token(self.caller.id, parse_uuid(token_id), request._request)  # noqa: SLF001
        return HttpResponse(status=204)


def parse_uuid(text: str) -> UUID | None:
    """Return the UUID of a text; None if it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None
