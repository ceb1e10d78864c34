"""What is loaded, and whether the process lives."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.dashboard import overview


@require_safe
@never_cache
def show_status(request: HttpRequest) -> HttpResponse:
    """``GET /status/``: what is loaded and what the last runs did."""
    return render(request, "explore/home.html", {"overview": overview.read_overview()})


@require_safe
@never_cache
def answer_liveness(_: HttpRequest) -> JsonResponse:
    """``GET /health/live``: 200 as long as this process answers, whatever the servers do."""
    return JsonResponse({"status": "healthy", "service": "linernotes"})
