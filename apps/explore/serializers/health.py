"""What the endpoint of health answers."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class HealthSerializer(serializers.Serializer[Any]):
    """Whether the API works."""

    status = serializers.ChoiceField(choices=["healthy", "starting"])
    service = serializers.CharField()
    timestamp = serializers.DateTimeField()
