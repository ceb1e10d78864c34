"""What the endpoints of snapshots take and answer."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.api.parameters import Text

ID_CHARACTERS, TYPE_CHARACTERS = 128, 32


class SnapshotNodeSerializer(serializers.Serializer[Any]):
    """An entity of a snapshot."""

    id = serializers.CharField(allow_blank=True)
    type = serializers.CharField(allow_blank=True)


class SnapshotSerializer(serializers.Serializer[Any]):
    """What was explored when a snapshot was taken."""

    nodes = SnapshotNodeSerializer(many=True)
    center = SnapshotNodeSerializer()
    created_at = serializers.CharField()


class SavedSnapshotSerializer(serializers.Serializer[Any]):
    """Where a snapshot is."""

    token = serializers.CharField()
    url = serializers.CharField()
    expires_at = serializers.CharField()


class Entity(serializers.Serializer[Any]):
    """An entity of what is saved."""

    id = Text(max_length=ID_CHARACTERS, for_sql=True)
    type = Text(max_length=TYPE_CHARACTERS, for_sql=True)


class SnapshotBody(serializers.Serializer[Any]):
    """What is on the map."""

    nodes = Entity(many=True)
    center = Entity()

    def validate_nodes(self, value: Any) -> Any:
        """Refuse an empty map, as a rule of its own, with the contract's ``value_error``."""
        if not value:
            raise serializers.ValidationError("There must be a node", "value_error")
        return value
