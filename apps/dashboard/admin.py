"""The samples in the admin, read only, and the warnings on its first page."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest

from apps.dashboard.models import HealthSample, QueueSample
from apps.ingest import folders
from apps.ingest.readonly_admin import ReadOnlyAdmin


@admin.register(QueueSample)
class QueueSampleAdmin(ReadOnlyAdmin):
    """Samples of queues, newest first."""

    list_display = ("at", "queue", "ready", "unacked", "publish_rate", "deliver_rate", "consumers")
    list_filter = ("queue",)
    ordering = ("-at", "queue")


@admin.register(HealthSample)
class HealthSampleAdmin(ReadOnlyAdmin):
    """Samples of servers, newest first."""

    list_display = ("at", "server", "ok", "ms", "sizes")
    list_filter = ("server", "ok")
    ordering = ("-at", "server")


def prepare_index(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Prepare the admin's first page (``UNFOLD["DASHBOARD_CALLBACK"]``)."""
    warn_of_folders(request)
    return context


def warn_of_folders(request: HttpRequest) -> None:
    """Add a warning to the page for each folder that cannot be written."""
    for name, problem in folders.problems().items():
        messages.warning(request, f"Nothing can be loaded: {name}: {problem}")
