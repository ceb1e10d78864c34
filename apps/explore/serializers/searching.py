"""Parameters and answer of search."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.api.parameters import CommaList, Integer, Text

RANKS = ("names",)


class SearchQuery(serializers.Serializer[Any]):
    """Parameters of ``/api/search``."""

    q = Text(min_length=3, for_sql=True)
    types = CommaList(default=list, help_text="artist, label, master, release; none: all of them")
    genres = CommaList(default=list, for_sql=True, help_text="any of these; of releases alone")
    year_min = Integer(default=None, min_value=1000, max_value=9999)
    year_max = Integer(default=None, min_value=1000, max_value=9999)
    limit = Integer(default=20, min_value=1, max_value=100)
    offset = Integer(default=0, min_value=0)
    rank = Text(
        default=None,
        choices=RANKS,
        help_text="names: the exact name first, then names that begin with the text, then more releases; 8, 12 or 13"
        " digits find the releases with that barcode",
    )


class FacetsSerializer(serializers.Serializer[Any]):
    """Numbers of matches by type, by genre (the most frequent first) and by decade (``1990s``)."""

    type = serializers.DictField(child=serializers.IntegerField())
    genre = serializers.DictField(child=serializers.IntegerField())
    decade = serializers.DictField(child=serializers.IntegerField())


class MetadataSerializer(serializers.Serializer[Any]):
    """Further fields of a hit."""

    year = serializers.IntegerField(required=False)
    genres = serializers.ListField(child=serializers.CharField(), required=False)


class FoundSerializer(serializers.Serializer[Any]):
    """A record that matches."""

    type = serializers.ChoiceField(choices=["artist", "label", "master", "release"])
    id = serializers.CharField()
    name = serializers.CharField()
    highlight = serializers.CharField(help_text="the name, with <b> around what matches")
    relevance = serializers.FloatField()
    metadata = MetadataSerializer()


class PaginationSerializer(serializers.Serializer[Any]):
    """The position of this page."""

    limit = serializers.IntegerField()
    offset = serializers.IntegerField()
    has_more = serializers.BooleanField()


class SearchSerializer(serializers.Serializer[Any]):
    """The hits, the best first."""

    query = serializers.CharField()
    total = serializers.IntegerField()
    facets = FacetsSerializer()
    results = FoundSerializer(many=True)
    pagination = PaginationSerializer()
