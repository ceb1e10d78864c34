"""Health of the API."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request

from apps.api.views import ApiView
from apps.explore import health
from apps.explore.serializers import health as serializers


class HealthView(ApiView):
    """``GET /health``: always 200; ``healthy`` once PostgreSQL answers."""

    output = serializers.HealthSerializer
    example = {"status": "healthy", "service": "api", "timestamp": "2026-06-01T12:00:00.000000+00:00"}

    def get(self, request: Request) -> HttpResponse:
        """Answer."""
        response = self.reply(health.report())
        response["Cache-Control"] = "no-store"
        return response
