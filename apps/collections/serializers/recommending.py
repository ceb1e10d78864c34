"""What the endpoints of recommendations take and what they answer."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.api.parameters import Integer
from apps.graph.readers.discovering import STARTS

STRATEGIES = ("artist", "multi")


class RecommendationsQuery(serializers.Serializer[Any]):
    """Of ``/api/user/recommendations``."""

    limit = Integer(default=20, min_value=1, max_value=100)
    strategy = serializers.ChoiceField(
        choices=STRATEGIES, default="artist", help_text="artist: by the artists you have; multi: by several signals"
    )


class ExploreFromQuery(serializers.Serializer[Any]):
    """Of ``/api/recommend/explore/…``."""

    hops = Integer(default=2, min_value=1, max_value=3)
    limit = Integer(default=10, min_value=1, max_value=50)


class ReleasePath(serializers.Serializer[Any]):
    """Of ``/api/user/recommendations/dismissed/{release_id}``."""

    release_id = Integer(min_value=1)


class DismissalBody(serializers.Serializer[Any]):
    """Of ``/api/user/recommendations/dismissed/{release_id}``."""

    dismissed = serializers.BooleanField()


class RecommendationSerializer(serializers.Serializer[Any]):
    """A release that a user could want."""

    id = serializers.CharField()
    title = serializers.CharField(allow_null=True)
    year = serializers.IntegerField(allow_null=True)
    artist = serializers.CharField(allow_null=True)
    label = serializers.CharField(allow_null=True)  # type: ignore[assignment]
    genres = serializers.ListField(child=serializers.CharField())
    score = serializers.FloatField()
    reasons = serializers.ListField(child=serializers.CharField(), required=False, help_text="of the strategy multi")


class RecommendationsSerializer(serializers.Serializer[Any]):
    """Releases that a user could want, the best first."""

    recommendations = RecommendationSerializer(many=True)
    total = serializers.IntegerField()
    strategy = serializers.ChoiceField(choices=("multi",), required=False)


class DismissedSerializer(serializers.Serializer[Any]):
    """Whether a release is recommended no more."""

    dismissed = serializers.BooleanField()


class StartSerializer(serializers.Serializer[Any]):
    """Where the walk began."""

    id = serializers.CharField()
    name = serializers.CharField()
    type = serializers.ChoiceField(choices=tuple(STARTS))


class DiscoverySerializer(serializers.Serializer[Any]):
    """An entity near the start."""

    id = serializers.CharField()
    name = serializers.CharField()
    type = serializers.ChoiceField(choices=tuple(STARTS))
    score = serializers.FloatField()
    path = serializers.ListField(child=serializers.CharField(), help_text="names, and between them relationships")
    reason = serializers.ChoiceField(choices=("blind_spot_boost", "graph_proximity"))


class DiscoveriesSerializer(serializers.Serializer[Any]):
    """What is near an entity, the best for the user first."""

    def get_fields(self) -> dict[str, Any]:
        """Return the fields; ``from`` is a word of Python."""
        return {"from": StartSerializer(), "discoveries": DiscoverySerializer(many=True)}
