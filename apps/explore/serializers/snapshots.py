"""What the endpoint of snapshots answers."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class SnapshotNodeSerializer(serializers.Serializer[Any]):
    """An entity of a snapshot."""

    id = serializers.CharField(allow_blank=True)
    type = serializers.CharField(allow_blank=True)


class SnapshotSerializer(serializers.Serializer[Any]):
    """What was explored when a snapshot was taken."""

    nodes = SnapshotNodeSerializer(many=True)
    center = SnapshotNodeSerializer()
    created_at = serializers.CharField()
