"""Whole records of releases and masters, as the dumps have them."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from apps.api.caching import SHORT
from apps.api.views import ApiView
from apps.explore.answers import whole
from apps.explore.serializers import records as serializers

NAMES: dict[str, Any] = {"anv": None, "join": None, "role": None, "tracks": None}


class ReleaseView(ApiView):
    """``GET /api/release/{release_id}``: a release with its tracks, credits, formats and identifiers."""

    operation = "getRelease"
    output = serializers.WholeReleaseSerializer
    is_shaped = True
    errors = (404, 503, 504)
    example = {
        "id": "157",
        "title": "Anti EP",
        "year": 1994,
        "released": "1994-09-03",
        "country": "UK",
        "status": "Accepted",
        "data_quality": "Correct",
        "notes": None,
        "master_id": "1315",
        "is_main_release": False,
        "genres": ["Electronic"],
        "styles": ["Abstract", "IDM", "Experimental"],
        "artists": [{"id": "41", "name": "Autechre", **NAMES}],
        "extraartists": [{"id": "445854", "name": "Designers Republic, The", **NAMES, "role": "Design"}],
        "labels": [{"id": "23528", "name": "Warp Records", "catno": "WAP54"}],
        "series": [],
        "formats": [{"name": "Vinyl", "qty": "1", "text": "", "descriptions": ['12"', "EP"]}],
        "tracklist": [
            {"position": "A1", "title": "Lost", "duration": None, "artists": [], "extraartists": [], "sub_tracks": []}
        ],
        "identifiers": [{"type": "Barcode", "description": None, "value": "5 021603 054066"}],
        "companies": [],
        "videos": [],
    }

    def get(self, request: Request, release_id: str) -> HttpResponse:
        return self.reply_cached(f"release:{release_id}", SHORT, lambda: whole.get_release(release_id))


class MasterView(ApiView):
    """``GET /api/master/{master_id}``: a master, which is what its releases have in common."""

    operation = "getMaster"
    output = serializers.WholeMasterSerializer
    is_shaped = True
    errors = (404, 503, 504)
    example = {
        "id": "1315",
        "title": "Anti EP",
        "year": 1994,
        "main_release": "156",
        "data_quality": "Correct",
        "notes": None,
        "genres": ["Electronic"],
        "styles": ["Abstract", "IDM", "Experimental"],
        "artists": [{"id": "41", "name": "Autechre", **NAMES}],
        "videos": [],
    }

    def get(self, request: Request, master_id: str) -> HttpResponse:
        return self.reply_cached(f"master:{master_id}", SHORT, lambda: whole.get_master(master_id))
