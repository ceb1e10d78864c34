"""The samples in the admin: lists to look at."""

from __future__ import annotations

from django.contrib import admin

from apps.dashboard.models import HealthSample, QueueSample
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
