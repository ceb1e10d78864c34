"""Parameters and answers of the endpoints about MusicBrainz."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.api.parameters import Integer

# What MusicBrainz asserts between two artists.
EDGES = (
    "MEMBER_OF",
    "COLLABORATED_WITH",
    "TAUGHT",
    "TRIBUTE_TO",
    "FOUNDED",
    "SUPPORTED",
    "SUBGROUP_OF",
    "RENAMED_TO",
)


class ArtistPath(serializers.Serializer[Any]):
    """The path of endpoints of an artist: its Discogs id, a number."""

    artist_id = Integer(help_text="Discogs id of an artist")


class MetadataOfArtistSerializer(serializers.Serializer[Any]):
    """The data of an artist in MusicBrainz. Dates may lack month and day."""

    discogs_id = serializers.IntegerField()
    mbid = serializers.CharField()
    type = serializers.CharField(allow_null=True)
    gender = serializers.CharField(allow_null=True)
    begin_date = serializers.CharField(allow_null=True)
    end_date = serializers.CharField(allow_null=True)
    area = serializers.CharField(allow_null=True)
    begin_area = serializers.CharField(allow_null=True)
    disambiguation = serializers.CharField(allow_null=True)


class RelationshipSerializer(serializers.Serializer[Any]):
    """A relationship to another artist, the target. ``direction`` says which end the target is."""

    type = serializers.ChoiceField(choices=EDGES)
    target_id = serializers.CharField()
    target_name = serializers.CharField()
    direction = serializers.ChoiceField(choices=["outgoing", "incoming"])
    begin_date = serializers.CharField(allow_null=True)
    end_date = serializers.CharField(allow_null=True)
    attributes = serializers.ListField(child=serializers.CharField(), allow_null=True)


class RelationshipsSerializer(serializers.Serializer[Any]):
    """An artist's relationships."""

    discogs_id = serializers.IntegerField()
    relationships = RelationshipSerializer(many=True)


class ExternalLinkSerializer(serializers.Serializer[Any]):
    """A page on another site."""

    service = serializers.CharField()
    url = serializers.CharField()


class ExternalLinksSerializer(serializers.Serializer[Any]):
    """Pages about an artist on other sites."""

    discogs_id = serializers.IntegerField()
    links = ExternalLinkSerializer(many=True)


class EnrichedSerializer(serializers.Serializer[Any]):
    """Counts of one type: entities of MusicBrainz, entities with a Discogs id, enriched nodes."""

    total_mb = serializers.IntegerField()
    matched_to_discogs = serializers.IntegerField()
    enriched_in_neo4j = serializers.IntegerField()


class EnrichedRelationshipsSerializer(serializers.Serializer[Any]):
    """Counts of MusicBrainz's relations, and of the relationships of artists made from them."""

    total_in_mb = serializers.IntegerField()
    created_in_neo4j = serializers.IntegerField()


class EnrichedTypesSerializer(serializers.Serializer[Any]):
    """The figures of each type."""

    artists = EnrichedSerializer()
    labels = EnrichedSerializer()
    releases = EnrichedSerializer()
    relationships = EnrichedRelationshipsSerializer()


class EnrichmentSerializer(serializers.Serializer[Any]):
    """How much of MusicBrainz the graph shows."""

    musicbrainz = EnrichedTypesSerializer()
