"""Endpoints of figures about users and synchronisations, for administrators."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request

from apps.accounts.authentication import AdminView
from apps.collections.answers import figures as answers
from apps.collections.serializers import figures as serializers

PERIOD = {
    "total_syncs": 14,
    "syncs_per_day": 2.0,
    "avg_items_synced": 812.4,
    "failure_rate": 0.0714,
    "total_failures": 1,
}


class UserFiguresView(AdminView):
    """``GET /api/admin/users/stats``: users in figures."""

    operation = "getUserFigures"
    output = serializers.UserFiguresSerializer
    errors = (401, 403, 503)
    example = {
        "total_users": 40,
        "active_7d": 12,
        "active_30d": 21,
        "oauth_connection_rate": 0.65,
        "oauth_rate": 65.0,
        "registrations": {
            "daily": [{"date": "2026-11-30", "count": 2}],
            "weekly": [{"week_start": "2026-11-30", "count": 2}],
            "monthly": [{"month": "2026-11", "count": 9}],
        },
        "daily_registrations": [{"date": "2026-11-30", "new_users": 2, "oauth_users": 1}],
    }

    def get(self, request: Request) -> HttpResponse:
        return self.reply(answers.count_users())


class SyncFiguresView(AdminView):
    """``GET /api/admin/users/sync-activity``: synchronisations in figures."""

    operation = "getSyncFigures"
    output = serializers.SyncFiguresSerializer
    errors = (401, 403, 503)
    example = {
        "period_7d": PERIOD,
        "period_30d": PERIOD,
        "7d": {**PERIOD, "failure_rate": 7.14},
        "30d": {**PERIOD, "failure_rate": 7.14},
    }

    def get(self, request: Request) -> HttpResponse:
        return self.reply(answers.count_syncs())
