"""Health of the API."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from apps.api.views import ApiView
from apps.dashboard import health


class HealthSerializer(serializers.Serializer[Any]):
    """Whether the API works."""

    status = serializers.ChoiceField(choices=["healthy", "starting"])
    service = serializers.CharField()
    timestamp = serializers.DateTimeField()


class HealthView(ApiView):
    """``GET /health``: always 200; ``healthy`` once PostgreSQL answers."""

    operation = "getHealth"
    output = HealthSerializer
    example = {"status": "healthy", "service": "api", "timestamp": "2026-06-01T12:00:00.000000+00:00"}

    def get(self, request: Request) -> HttpResponse:
        response = self.reply(health.report_health())
        response["Cache-Control"] = "no-store"
        return response
