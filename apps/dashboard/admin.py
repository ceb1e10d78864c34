"""The samples in the admin, lists to look at, and what its pages warn of."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest

from apps.dashboard.models import HealthSample, QueueSample
from apps.ingest import folders
from apps.ingest.readonly_admin import ReadOnlyAdmin


@admin.register(QueueSample)
class QueueSampleAdmin(ReadOnlyAdmin):
    """How much was waiting in the queues, newest first."""

    list_display = ("at", "queue", "ready", "consumers")
    list_filter = ("queue",)
    ordering = ("-at", "queue")


@admin.register(HealthSample)
class HealthSampleAdmin(ReadOnlyAdmin):
    """How the servers did, newest first."""

    list_display = ("at", "server", "ok", "ms", "sizes")
    list_filter = ("server", "ok")
    ordering = ("-at", "server")


def prepare_index(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Complete the admin's first page (``UNFOLD["DASHBOARD_CALLBACK"]``)."""
    warn_of_folders(request)
    return context


def warn_of_folders(request: HttpRequest) -> None:
    """Say on the page that is answered now which folders cannot be written."""
    for name, problem in folders.problems().items():
        messages.warning(request, f"Nothing can be loaded: {name}: {problem}")
