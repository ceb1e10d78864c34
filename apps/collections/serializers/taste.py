"""What the endpoints of taste take and what they answer."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.api.parameters import Integer


class CardQuery(serializers.Serializer[Any]):
    """Of ``/api/user/taste/card``."""

    format = serializers.ChoiceField(choices=("svg", "png"), default="svg")


class BlindSpotsQuery(serializers.Serializer[Any]):
    """Of ``/api/user/taste/blindspots``."""

    limit = Integer(default=5, min_value=1, max_value=20)


class CellSerializer(serializers.Serializer[Any]):
    """The copies of a genre in a decade."""

    genre = serializers.CharField()
    decade = serializers.IntegerField()
    count = serializers.IntegerField()


class HeatmapSerializer(serializers.Serializer[Any]):
    """A collection by genre and decade, the most copies first."""

    cells = CellSerializer(many=True)
    total = serializers.IntegerField(help_text="copies")


class ObscuritySerializer(serializers.Serializer[Any]):
    """How rare a collection is among the users of this site."""

    score = serializers.FloatField(help_text="0 to 1; 1: nobody else has any of it")
    median_collectors = serializers.FloatField()
    total_releases = serializers.IntegerField(help_text="distinct")


class DriftSerializer(serializers.Serializer[Any]):
    """The genre that a user added most copies of in a year."""

    year = serializers.CharField()
    top_genre = serializers.CharField()
    count = serializers.IntegerField()


class BlindSpotSerializer(serializers.Serializer[Any]):
    """A genre that a user has nothing of, though the user's artists release in it."""

    genre = serializers.CharField()
    artist_overlap = serializers.IntegerField(help_text="how many of the 20 artists with most copies")
    example_release = serializers.CharField(allow_null=True)


class BlindSpotsSerializer(serializers.Serializer[Any]):
    """Blind spots, those of most artists first."""

    blind_spots = BlindSpotSerializer(many=True)


class FingerprintSerializer(serializers.Serializer[Any]):
    """A taste in figures."""

    heatmap = CellSerializer(many=True)
    obscurity = ObscuritySerializer()
    drift = DriftSerializer(many=True)
    blind_spots = BlindSpotSerializer(many=True)
    peak_decade = serializers.IntegerField(allow_null=True)
