"""Parameters and answers of the endpoints about artists and the artists around them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.api.parameters import Integer
from apps.explore.serializers.exploring import YearCountSerializer


class SimilarArtistsQuery(serializers.Serializer[Any]):
    """Parameters of ``/api/recommend/similar/artist/{artist_id}``."""

    limit = Integer(default=20, min_value=1, max_value=50)


class CollaboratorsQuery(serializers.Serializer[Any]):
    """Parameters of ``/api/collaborators/{artist_id}``."""

    limit = Integer(default=20, min_value=1, max_value=100)


class NetworkQuery(serializers.Serializer[Any]):
    """Parameters of ``/api/network/artist/{artist_id}/collaborators``."""

    depth = Integer(default=2, min_value=1, max_value=3, help_text="3 is as 2")
    limit = Integer(default=50, min_value=1, max_value=200)


class ClusterQuery(serializers.Serializer[Any]):
    """Parameters of ``/api/network/cluster/{artist_id}``."""

    limit = Integer(default=50, min_value=1, max_value=200)


class SomeArtistSerializer(serializers.Serializer[Any]):
    """An artist."""

    artist_id = serializers.CharField()
    artist_name = serializers.CharField()


class BreakdownSerializer(serializers.Serializer[Any]):
    """How alike two artists are by the names that their releases have, each 0 to 1."""

    genre = serializers.FloatField()
    # Fields, which DRF takes out of the class.
    style = serializers.FloatField()  # type: ignore[assignment]
    label = serializers.FloatField()  # type: ignore[assignment]
    collaborator = serializers.FloatField()


class SimilarArtistSerializer(SomeArtistSerializer):
    """An artist that is like another one."""

    similarity = serializers.FloatField()
    breakdown = BreakdownSerializer()
    release_count = serializers.IntegerField(help_text="added up over the other's five most frequent genres")
    shared_genres = serializers.ListField(child=serializers.CharField())
    shared_labels = serializers.ListField(child=serializers.CharField())


class SimilarArtistsSerializer(SomeArtistSerializer):
    """Artists that are like one, the most similar first."""

    similar = SimilarArtistSerializer(many=True)


class CollaboratorSerializer(SomeArtistSerializer):
    """An artist that shares releases with another one. Releases without a year do not count."""

    release_count = serializers.IntegerField()
    first_year = serializers.IntegerField()
    last_year = serializers.IntegerField()
    yearly_counts = YearCountSerializer(many=True)


class CollaboratorsSerializer(SomeArtistSerializer):
    """Artists that share releases with one, those with most first."""

    collaborators = CollaboratorSerializer(many=True)
    total = serializers.IntegerField()


class NeighbourSerializer(SomeArtistSerializer):
    """An artist within two steps of another one."""

    distance = serializers.IntegerField()
    collaboration_count = serializers.IntegerField(help_text="releases in common; at distance 2, artists in between")


class NetworkSerializer(SomeArtistSerializer):
    """Artists around one, the nearest first."""

    depth = serializers.IntegerField()
    collaborators = NeighbourSerializer(many=True)
    total = serializers.IntegerField()


class CentralityFiguresSerializer(serializers.Serializer[Any]):
    """How connected an artist is."""

    degree = serializers.IntegerField(help_text="relationships of any type")
    collaborator_count = serializers.IntegerField()
    collaboration_releases = serializers.IntegerField()
    group_count = serializers.IntegerField()
    alias_count = serializers.IntegerField()


class CentralitySerializer(SomeArtistSerializer):
    """An artist and how connected it is."""

    centrality = CentralityFiguresSerializer()


class MemberSerializer(SomeArtistSerializer):
    """An artist of a cluster."""

    shared_releases = serializers.IntegerField()


class ClusterSerializer(serializers.Serializer[Any]):
    """Artists with the same most frequent genre."""

    cluster_label = serializers.CharField()
    members = MemberSerializer(many=True)
    size = serializers.IntegerField()


class ClustersSerializer(SomeArtistSerializer):
    """The artists that share most releases with one, by genre, the largest clusters first."""

    clusters = ClusterSerializer(many=True)
    total_clusters = serializers.IntegerField()
    total_members = serializers.IntegerField()
