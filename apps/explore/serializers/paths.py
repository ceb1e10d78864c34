"""What the endpoint of paths takes and what it answers."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.api.fields import Integer, Text
from apps.explore.serializers.exploring import KINDS

# What a path goes along.
EDGES = ("BY", "ON", "IS", "ALIAS_OF", "MEMBER_OF", "DERIVED_FROM")


class PathQuery(serializers.Serializer[Any]):
    """Of ``/api/path``."""

    from_name = Text(help_text="exact name, or what an artist or label is shown as if it has none")
    to_name = Text(help_text="likewise")
    from_type = Text(default="artist", choices=KINDS, help_text="in capitals or not")
    to_type = Text(default="artist", choices=KINDS, help_text="in capitals or not")
    max_depth = Integer(default=6, min_value=1, max_value=10, help_text="most edges")


class StepSerializer(serializers.Serializer[Any]):
    """A node of a path, and the type of the edge that leads to it."""

    id = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    type = serializers.ChoiceField(choices=["artist", "genre", "label", "master", "release", "style"])
    rel = serializers.ChoiceField(choices=EDGES, allow_null=True)


class PathSerializer(serializers.Serializer[Any]):
    """A shortest path, if there is one."""

    found = serializers.BooleanField()
    length = serializers.IntegerField(allow_null=True)
    path = StepSerializer(many=True)
