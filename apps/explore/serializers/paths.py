"""What the endpoint of paths takes and what it answers."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.api.fields import Integer, Text


class PathQuery(serializers.Serializer[Any]):
    """Of ``/api/path``."""

    from_name = Text(help_text="exact name")
    to_name = Text(help_text="exact name")
    from_type = Text(default="artist", help_text="artist, genre, label or style")
    to_type = Text(default="artist", help_text="artist, genre, label or style")
    max_depth = Integer(default=6, min_value=1, max_value=10, help_text="most edges")


class StepSerializer(serializers.Serializer[Any]):
    """A node of a path, and the type of the edge that leads to it."""

    id = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    type = serializers.ChoiceField(choices=["artist", "genre", "label", "master", "release", "style"])
    rel = serializers.CharField(allow_null=True)


class PathSerializer(serializers.Serializer[Any]):
    """A shortest path, if there is one."""

    found = serializers.BooleanField()
    length = serializers.IntegerField(allow_null=True)
    path = StepSerializer(many=True)
