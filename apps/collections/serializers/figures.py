"""What the endpoints of figures for administrators answer."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class RegistrationDaySerializer(serializers.Serializer[Any]):
    """A day on which users registered."""

    date = serializers.CharField()
    count = serializers.IntegerField()


class RegistrationWeekSerializer(serializers.Serializer[Any]):
    """A week in which users registered."""

    week_start = serializers.CharField(help_text="its Monday")
    count = serializers.IntegerField()


class RegistrationMonthSerializer(serializers.Serializer[Any]):
    """A month in which users registered."""

    month = serializers.CharField(help_text="such as 2026-11")
    count = serializers.IntegerField()


class RegistrationsSerializer(serializers.Serializer[Any]):
    """Registrations of the last 30 days, 12 weeks and 12 months, ascending, without those that had none."""

    daily = RegistrationDaySerializer(many=True)
    weekly = RegistrationWeekSerializer(many=True)
    monthly = RegistrationMonthSerializer(many=True)


class LinkedDaySerializer(serializers.Serializer[Any]):
    """A day on which users registered, and how many of them are linked."""

    date = serializers.CharField()
    new_users = serializers.IntegerField()
    oauth_users = serializers.IntegerField()


class UserFiguresSerializer(serializers.Serializer[Any]):
    """Users in figures; active are those who synchronised."""

    total_users = serializers.IntegerField()
    active_7d = serializers.IntegerField()
    active_30d = serializers.IntegerField()
    oauth_connection_rate = serializers.FloatField(help_text="0 to 1")
    oauth_rate = serializers.FloatField(help_text="percent")
    registrations = RegistrationsSerializer()
    daily_registrations = LinkedDaySerializer(many=True)


class SyncPeriodSerializer(serializers.Serializer[Any]):
    """Synchronisations of some days."""

    total_syncs = serializers.IntegerField()
    syncs_per_day = serializers.FloatField()
    avg_items_synced = serializers.FloatField()
    failure_rate = serializers.FloatField(help_text="0 to 1; in 7d and 30d percent")
    total_failures = serializers.IntegerField()


class SyncFiguresSerializer(serializers.Serializer[Any]):
    """Synchronisations of the last week and month in figures."""

    def get_fields(self) -> dict[str, Any]:
        """Return the fields, of which some names begin with a digit."""
        return {name: SyncPeriodSerializer() for name in ("period_7d", "period_30d", "7d", "30d")}
