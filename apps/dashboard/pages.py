"""The status page, and liveness."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.dashboard import overview


@require_safe
@never_cache
def show_status(request: HttpRequest) -> HttpResponse:
    """``GET /status/``: loaded records and the last runs."""
    return render(request, "explore/home.html", {"overview": overview.read_overview()})


@require_safe
@never_cache
def answer_liveness(_: HttpRequest) -> JsonResponse:
    """``GET /health/live``: 200 while this process answers; no server is asked."""
    return JsonResponse({"status": "healthy", "service": "linernotes"})
