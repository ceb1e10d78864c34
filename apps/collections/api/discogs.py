"""Endpoints of a user's link to an account at Discogs."""

from __future__ import annotations

from typing import ClassVar

from django.http import HttpResponse
from rest_framework.request import Request

from apps.accounts.authentication import PersonalView
from apps.collections.discogs import links
from apps.collections.serializers import discogs as serializers

NAME = {"discogs_username": "digger", "discogs_user_id": "1578108"}


class LinkView(PersonalView):
    """An endpoint of the link."""

    is_about_login = True
    family = "detail"
    errors: ClassVar[tuple[int, ...]] = (401, 503)


class AuthorizeView(LinkView):
    """``GET /api/oauth/authorize/discogs``: begin a link to an account at Discogs."""

    operation = "startDiscogsLink"
    output = serializers.AuthorizeSerializer
    errors = (401, 502, 503)
    example = {
        "authorize_url": "https://www.discogs.com/oauth/authorize?oauth_token=sLzpTPCh",
        "state": "sLzpTPCh",
        "expires_in": 600,
        "callback_mode": "oob",
    }

    def get(self, request: Request) -> HttpResponse:
        return self.reply(links.authorize(self.caller.id))


class VerifyView(LinkView):
    """``POST /api/oauth/verify/discogs``: finish a link with the code that Discogs gave."""

    operation = "verifyDiscogsLink"
    body_parameters = serializers.DiscogsCodeBody
    output = serializers.LinkedSerializer
    errors = (400, 401, 403, 404, 500, 502, 503)
    example = {"connected": True, **NAME}

    def post(self, request: Request) -> HttpResponse:
        user = self.caller.load_user()
        return self.reply(links.verify(user, self.body["state"], self.body["oauth_verifier"]))


class LinkStatusView(LinkView):
    """``GET /api/oauth/status/discogs``: whether there is a link, and to which account."""

    operation = "getDiscogsLink"
    output = serializers.DiscogsLinkSerializer
    is_shaped = True
    example = {"connected": True, **NAME, "connected_at": "2026-11-30T20:15:34.104208+00:00"}

    def get(self, request: Request) -> HttpResponse:
        return self.reply(links.describe_link(self.caller.id))


class RevokeView(LinkView):
    """``DELETE /api/oauth/revoke/discogs``: forget the link; the collection stays."""

    operation = "revokeDiscogsLink"
    output = serializers.RevokedSerializer
    example = {"revoked": True}

    def delete(self, request: Request) -> HttpResponse:
        links.revoke(self.caller.id)
        return self.reply({"revoked": True})
