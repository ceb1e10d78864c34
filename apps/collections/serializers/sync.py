"""What the endpoints of synchronisation take and what they answer."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.collections.models import Link, SyncStatus

STATUSES = tuple(SyncStatus.values)


class SyncPath(serializers.Serializer[Any]):
    """Of ``/api/sync/{sync_id}``."""

    sync_id = serializers.UUIDField()


class ScheduleBody(serializers.Serializer[Any]):
    """Of ``PUT /api/sync/schedule``."""

    schedule = serializers.ChoiceField(choices=Link.Schedule.values)


class ScheduleSerializer(serializers.Serializer[Any]):
    """How often the collection is synchronised."""

    schedule = serializers.ChoiceField(choices=Link.Schedule.values)


class CooldownSerializer(serializers.Serializer[Any]):
    """Why no synchronisation was started."""

    status = serializers.ChoiceField(choices=("cooldown",))
    message = serializers.CharField()


class StartedSerializer(serializers.Serializer[Any]):
    """A synchronisation that was started, or runs already."""

    sync_id = serializers.UUIDField(required=False)
    status = serializers.ChoiceField(choices=("started", "already_running"))


class SyncSerializer(serializers.Serializer[Any]):
    """A synchronisation."""

    sync_id = serializers.UUIDField()
    sync_type = serializers.CharField()
    status = serializers.ChoiceField(choices=STATUSES)
    items_synced = serializers.IntegerField(allow_null=True)
    error = serializers.CharField(allow_null=True)
    started_at = serializers.DateTimeField()
    completed_at = serializers.DateTimeField(allow_null=True)


class SyncsSerializer(serializers.Serializer[Any]):
    """The last synchronisations of a user, the newest first."""

    syncs = SyncSerializer(many=True)


class ProgressSerializer(SyncSerializer):
    """How far a synchronisation is, and what it has changed."""

    phase = serializers.CharField(help_text="collection, wantlist, folders, fields, done")
    page = serializers.IntegerField(help_text="pages of the phase that are stored")
    pages = serializers.IntegerField(allow_null=True, help_text="of the phase; null: not known yet")
    added = serializers.IntegerField()
    changed = serializers.IntegerField()
    removed = serializers.IntegerField()
    seconds_left = serializers.IntegerField(allow_null=True, help_text="of the phase, about")
