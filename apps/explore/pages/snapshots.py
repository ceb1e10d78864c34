"""Addresses of a snapshot: the one that the API gives, and the picture for previews of its link."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.generic import View

from apps.explore import previews
from apps.explore.answers import shared_maps, snapshots


class OpenSnapshot(View):
    """``GET /snapshot/{token}``: leads to the map."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:  # noqa: ARG002
        """Lead to the page of the map, which says if there is none."""
        return HttpResponseRedirect(f"{reverse('pages:explore')}?{urlencode({'snapshot': token})}")


class SnapshotPicture(View):
    """``GET /snapshot/{token}/picture.svg``: the map as a picture."""

    def get(self, request: HttpRequest, token: str, **_: Any) -> HttpResponse:  # noqa: ARG002
        """Draw the map."""
        try:
            drawn = previews.draw_map(shared_maps.build_map(token))
        except snapshots.Unknown as error:
            raise Http404(str(error)) from error
        response = HttpResponse(drawn, content_type="image/svg+xml")
        # A snapshot never changes.
        response["Cache-Control"] = "public, max-age=86400"
        return response
