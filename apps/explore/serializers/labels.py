"""Parameters and answers of the endpoints about labels."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.api.parameters import CommaList, Integer


class SimilarLabelsQuery(serializers.Serializer[Any]):
    """Parameters of ``/api/label/{label_id}/similar``."""

    limit = Integer(default=10, min_value=1, max_value=50)


class CompareQuery(serializers.Serializer[Any]):
    """Parameters of ``/api/label/dna/compare``."""

    ids = CommaList(help_text="two to five ids, with commas")


class ShareSerializer(serializers.Serializer[Any]):
    """A name, how many releases have it, and its share of all names of its kind."""

    name = serializers.CharField()
    count = serializers.IntegerField()
    percentage = serializers.FloatField()


class DecadeSerializer(serializers.Serializer[Any]):
    """A decade with its releases."""

    decade = serializers.IntegerField()
    count = serializers.IntegerField()
    percentage = serializers.FloatField()


class DnaSerializer(serializers.Serializer[Any]):
    """Figures of a label's releases."""

    label_id = serializers.CharField()
    label_name = serializers.CharField()
    release_count = serializers.IntegerField()
    artist_count = serializers.IntegerField()
    artist_diversity = serializers.FloatField(help_text="artists for each release, 1 at most")
    active_years = serializers.ListField(child=serializers.IntegerField())
    peak_decade = serializers.IntegerField(allow_null=True)
    prolificacy = serializers.FloatField(help_text="releases for each active year")
    genres = ShareSerializer(many=True)
    styles = ShareSerializer(many=True)
    formats = ShareSerializer(many=True)
    decades = DecadeSerializer(many=True)


class SimilarLabelSerializer(serializers.Serializer[Any]):
    """A label that is like another one."""

    label_id = serializers.CharField()
    label_name = serializers.CharField()
    similarity = serializers.FloatField()
    release_count = serializers.IntegerField()
    shared_genres = serializers.ListField(child=serializers.CharField())


class SimilarLabelsSerializer(serializers.Serializer[Any]):
    """Labels that are like one, the most similar first."""

    label_id = serializers.CharField()
    label_name = serializers.CharField()
    similar = SimilarLabelSerializer(many=True)


class ComparedSerializer(serializers.Serializer[Any]):
    """One of the labels that are compared."""

    dna = DnaSerializer()


class CompareSerializer(serializers.Serializer[Any]):
    """Labels to compare, in the order asked for."""

    labels = ComparedSerializer(many=True)
