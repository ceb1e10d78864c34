"""Figures of accounts and synchronisations, for administrators."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Avg, Count, Q
from django.db.models.functions import Coalesce, TruncDate, TruncMonth, TruncWeek
from django.utils import timezone

from apps.accounts.models import User
from apps.collections.models import Link, Sync, SyncStatus

DAYS, WEEKS, MONTHS = 30, 12, 12


def count_users() -> dict[str, Any]:
    """Return how many users there are, how many are active and linked, and how many registered when."""
    total, linked = User.objects.count(), Link.objects.values("user").distinct().count()
    rate = round(linked / total, 4) if total else 0.0
    now = timezone.now()
    daily = count_registrations(TruncDate("created_at"), now - timedelta(days=DAYS))
    return {
        "total_users": total,
        "active_7d": count_active(7),
        "active_30d": count_active(30),
        "oauth_connection_rate": rate,
        "oauth_rate": round(rate * 100, 2),
        "registrations": {
            "daily": [{"date": f"{day:%Y-%m-%d}", "count": count} for day, count, _ in daily],
            "weekly": [
                {"week_start": f"{week:%Y-%m-%d}", "count": count}
                for week, count, _ in count_registrations(TruncWeek("created_at"), now - timedelta(weeks=WEEKS))
            ],
            "monthly": [
                {"month": f"{month:%Y-%m}", "count": count}
                for month, count, _ in count_registrations(TruncMonth("created_at"), go_back(now, MONTHS))
            ],
        },
        "daily_registrations": [
            {"date": f"{day:%Y-%m-%d}", "new_users": count, "oauth_users": with_link} for day, count, with_link in daily
        ],
    }


def count_active(days: int) -> int:
    """Return how many users synchronised in the last days."""
    since = timezone.now() - timedelta(days=days)
    return Sync.objects.filter(started_at__gte=since).values("user").distinct().count()


def count_registrations(bucket: Any, since: datetime) -> list[tuple[datetime, int, int]]:
    """Return how many users registered since a time, by bucket: its begin, all, those who are linked."""
    found = (
        User.objects.filter(created_at__gte=since)
        .annotate(bucket=bucket)
        .values("bucket")
        .annotate(all=Count("pk", distinct=True), linked=Count("pk", distinct=True, filter=Q(links__isnull=False)))
        .order_by("bucket")
    )
    return [(each["bucket"], each["all"], each["linked"]) for each in found]


def go_back(now: datetime, months: int) -> datetime:
    """Return the begin of the month that was so many months ago."""
    years, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    return datetime(years, month + 1, 1, tzinfo=UTC)


def count_syncs() -> dict[str, Any]:
    """Return how many synchronisations there were in the last week and month, and how they ended."""
    week, month = describe_period(7), describe_period(30)
    return {
        "period_7d": week,
        "period_30d": month,
        "7d": {**week, "failure_rate": round(week["failure_rate"] * 100, 2)},
        "30d": {**month, "failure_rate": round(month["failure_rate"] * 100, 2)},
    }


def describe_period(days: int) -> dict[str, Any]:
    """Return the synchronisations that were started in the last days in figures."""
    found = Sync.objects.filter(started_at__gte=timezone.now() - timedelta(days=days)).aggregate(
        total=Count("pk"),
        failures=Count("pk", filter=Q(status=SyncStatus.FAILED)),
        items=Avg(Coalesce("items_synced", 0)),
    )
    total, failures = found["total"], found["failures"]
    return {
        "total_syncs": total,
        "syncs_per_day": round(total / days, 2),
        "avg_items_synced": round(found["items"] or 0.0, 1),
        "failure_rate": round(failures / total, 4) if total else 0.0,
        "total_failures": failures,
    }
