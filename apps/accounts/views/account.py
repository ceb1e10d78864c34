"""Endpoints of one's own account: where one is logged in, all that one has, and its end."""

from __future__ import annotations

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from apps.accounts import audit, logins, own_account, serializers
from apps.accounts.models import Login
from apps.accounts.views.auth import AccountOwnerView, set_cookies
from apps.api.limits import Limit
from apps.api.responses import reply
from apps.api.views import SharedAddress


class ListSessionsView(AccountOwnerView):
    """``GET /api/user/sessions``: where the caller is logged in."""

    operation = "listSessions"
    output = serializers.SessionsSerializer
    example = {
        "sessions": [
            {
                "id": "0c8e5a1b2d3f4a5b6c7d8e9f0a1b2c3d",
                "kind": "browser",
                "begun_at": "2026-11-30T12:00:00+00:00",
                "expires_at": "2026-12-14T12:00:00+00:00",
                "device": "Mozilla/5.0",
                "address": "192.0.2.7",
                "is_current": True,
            }
        ]
    }

    def get(self, request: Request) -> HttpResponse:
        current = get_own_login(self, request)
        found = [
            {
                "id": each.pk,
                "kind": each.kind,
                "begun_at": each.begun_at.isoformat(),
                "expires_at": each.expires_at.isoformat(),
                "device": each.device,
                "address": each.address,
                "is_current": each.pk == current,
            }
            for each in logins.list_current(self.caller.id)
        ]
        return reply({"sessions": found})


class EndSessionsView(AccountOwnerView):
    """``DELETE /api/user/sessions``: sign out everywhere, here too."""

    operation = "endSessions"
    output = serializers.EndedSerializer
    errors = (401, 403, 404)
    example = {"ended": 3}

    def delete(self, request: Request) -> HttpResponse:
        user, bare = self.caller.load_user(), request._request  # noqa: SLF001
        response = reply({"ended": own_account.sign_out_everywhere(user, bare)})
        # Also where the token has no row.
        logins.end_token(user.pk, self.caller.claims.get("jti"), self.caller.claims.get("exp"))
        if self.caller.is_browser:
            bare.session.flush()
            response = set_cookies(bare, response)
        return response


class SessionsView(SharedAddress):
    """``/api/user/sessions``."""

    by_method = {"GET": ListSessionsView, "DELETE": EndSessionsView}


class EndSessionView(AccountOwnerView):
    """``DELETE /api/user/sessions/{session_id}``: sign out in one place."""

    operation = "endSession"
    output = None
    status = 204
    errors = (401, 403, 404)

    def delete(self, request: Request, session_id: str) -> HttpResponse:
        own = Login.objects.filter(user=self.caller.id, pk=session_id)
        # PostgreSQL refuses a text with NUL.
        if "\0" in session_id or not logins.end_logins(own, Login.End.REVOKED):
            raise NotFound("Session not found")
        audit.record("logout", actor=self.caller.id, target=session_id, request=request._request)  # noqa: SLF001
        return HttpResponse(status=204)


def get_own_login(view: AccountOwnerView, request: Request) -> str | None:
    """Return the id of the login with which the caller asks."""
    if view.caller.is_browser:
        found: str | None = request._request.session.get(logins.LOGIN_KEY)  # noqa: SLF001
        return found
    return view.caller.claims.get("jti")


class ExportView(AccountOwnerView):
    """``GET /api/user/export``: all that belongs to the caller, a zip of JSON and CSV."""

    operation = "exportAccount"
    limits = (Limit(5),)
    output = OpenApiTypes.BINARY
    media_type = "application/zip"
    example = "PK…"
    errors = (401, 403, 404)

    def get(self, request: Request) -> HttpResponseBase:
        with own_account.export(self.caller.load_user(), request._request) as packed:  # noqa: SLF001
            content = packed.read()
        disposition = 'attachment; filename="linernotes.zip"'
        return HttpResponse(content, content_type=self.media_type, headers={"Content-Disposition": disposition})


class DeleteAccountView(AccountOwnerView):
    """``POST /api/user/delete``: delete the account of the caller with all that belongs to it, by its password."""

    operation = "deleteAccount"
    body_parameters = serializers.DeleteAccountBody
    limits = (Limit(5),)
    output = serializers.DeletedSerializer
    errors = (400, 401, 403, 404, 429, 503)
    example = {"deleted": True}

    def post(self, request: Request) -> HttpResponse:
        user, bare = self.caller.load_user(), request._request  # noqa: SLF001
        own_account.delete(user, self.body["password"], self.body.get("code", ""), bare)
        response = self.reply(self.example)
        if self.caller.is_browser:
            bare.session.flush()
            response = set_cookies(bare, response)
        return response
