"""Answers of the endpoints about the whole graph."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class CountedSerializer(serializers.Serializer[Any]):
    """A name and its number of releases."""

    name = serializers.CharField()
    release_count = serializers.IntegerField()


class TreeGenreSerializer(CountedSerializer):
    """A genre with the styles of its releases."""

    styles = CountedSerializer(many=True)


class GenreTreeSerializer(serializers.Serializer[Any]):
    """All genres, the largest first."""

    genres = TreeGenreSerializer(many=True)


class CountsSerializer(serializers.Serializer[Any]):
    """How many nodes of each kind there are."""

    artists = serializers.IntegerField()
    labels = serializers.IntegerField()
    releases = serializers.IntegerField()
    masters = serializers.IntegerField()
    genres = serializers.IntegerField()
    styles = serializers.IntegerField()


class StatsSerializer(serializers.Serializer[Any]):
    """The size of the graph."""

    total_entities = serializers.IntegerField()
    counts = CountsSerializer()
