"""Endpoints of what the stores hold, and of queues and servers over time."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request

from apps.accounts.authentication import AdminView
from apps.operations import serializers
from apps.operations.answers import history, storage


class StorageView(AdminView):
    """``GET /api/admin/storage``: how much each store holds; one that does not answer says so."""

    operation = "getStorage"
    output = serializers.StorageSerializer
    is_shaped = True
    errors = (401, 403, 503)
    example = {
        "neo4j": {
            "status": "ok",
            "nodes": [{"label": "Artist", "count": 9800000}],
            "relationships": [{"type": "BY", "count": 23000000}],
            "store_sizes": None,
        },
        "postgresql": {
            "status": "ok",
            "tables": [{"name": "releases", "row_count": 19100000, "size": "61 GB", "index_size": "9 GB"}],
            "total_size": "74 GB",
        },
        "redis": {"status": "error", "error": "redis does not answer"},
    }

    def get(self, request: Request) -> HttpResponse:
        return self.reply(storage.measure())


class QueueHistoryView(AdminView):
    """``GET /api/admin/queues/history``: what waited in each queue, over time."""

    operation = "getQueueHistory"
    query_parameters = serializers.RangeQuery
    output = serializers.QueueHistorySerializer
    is_shaped = True
    errors = (401, 403, 422, 503)
    example = {
        "range": "1h",
        "granularity": "5min",
        "queues": {
            "extractor": {
                "history": [
                    {
                        "ts": "2026-11-30 12:00:00+00",
                        "ready": 12,
                        "unacked": 0,
                        "total": 12,
                        "publish_rate": 0.0,
                        "deliver_rate": 0.0,
                        "consumers": 1,
                    }
                ],
                "current": {
                    "ready": 12,
                    "unacked": 0,
                    "total": 12,
                    "publish_rate": 0.0,
                    "deliver_rate": 0.0,
                    "consumers": 1,
                },
            }
        },
        "dlq_summary": {},
    }

    def get(self, request: Request) -> HttpResponse:
        return self.reply(history.read_queues(self.query["range"]))


class HealthHistoryView(AdminView):
    """``GET /api/admin/health/history``: how each server did, over time."""

    operation = "getHealthHistory"
    query_parameters = serializers.RangeQuery
    output = serializers.HealthHistorySerializer
    is_shaped = True
    errors = (401, 403, 422, 503)
    example = {
        "range": "1h",
        "granularity": "5min",
        "services": {
            "neo4j": {
                "history": [{"ts": "2026-11-30 12:00:00+00", "status": "healthy", "response_time_ms": 4.1}],
                "current": "healthy",
                "uptime_pct": 100.0,
            }
        },
        "api_endpoints": {},
        "endpoints": [],
    }

    def get(self, request: Request) -> HttpResponse:
        return self.reply(history.read_health(self.query["range"]))
