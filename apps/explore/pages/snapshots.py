"""Addresses of a snapshot: the one that the API gives, and the picture for previews of its link."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.generic import View

from apps.api import caching
from apps.collections.answers import card
from apps.explore import previews
from apps.explore.answers import shared_maps, snapshots

KEPT_SECONDS = 3600


class OpenSnapshot(View):
    """``GET /snapshot/{token}``: leads to the map."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:  # noqa: ARG002
        """Lead to the page of the map, which says if there is none."""
        return HttpResponseRedirect(f"{reverse('pages:explore')}?{urlencode({'snapshot': token})}")


class SnapshotPicture(View):
    """``GET /snapshot/{token}/picture.png``: the map as a picture."""

    def get(self, request: HttpRequest, token: str, **_: Any) -> HttpResponse:  # noqa: ARG002
        """Draw the map."""
        try:
            shared = shared_maps.build_map(token)
        except snapshots.Unknown as error:
            raise Http404(str(error)) from error
        key = f"snapshot-picture:{token}"
        found = caching.get_or_compute(key, KEPT_SECONDS, lambda: card.draw_png(previews.draw_map(shared)))
        response = HttpResponse(found.body, content_type="image/png")
        # A snapshot never changes.
        response["Cache-Control"] = "public, max-age=86400"
        return response
