"""What the endpoints of a collection and a wantlist take and what they answer."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.api.parameters import CommaList, Integer, Text
from apps.collections.answers.collecting import METRICS, SORTS

BUCKETS = ("year", "decade")
ORDERS = tuple(f"{sign}{each}" for each in SORTS for sign in ("", "-"))


class ListQuery(serializers.Serializer[Any]):
    """Of ``/api/user/wantlist``."""

    limit = Integer(default=50, min_value=1, max_value=200)
    offset = Integer(default=0, min_value=0)
    sort = serializers.ChoiceField(choices=ORDERS, default="-added", help_text="with a minus: the largest first")
    q = Text(default="", max_length=200, help_text="part of a title, an artist, a label or a catalogue number")
    genre = Text(default="", help_text="exact name")
    decade = Integer(required=False, min_value=0, max_value=9990, help_text="its first year")
    format = Text(default="", help_text="exact name, such as Vinyl")


class CollectionQuery(ListQuery):
    """Of ``/api/user/collection``."""

    folder = Integer(required=False, min_value=0, help_text="Discogs' number of a folder")


class TimelineQuery(serializers.Serializer[Any]):
    """Of ``/api/user/collection/timeline``."""

    bucket = serializers.ChoiceField(choices=BUCKETS, default="year")


class EvolutionQuery(serializers.Serializer[Any]):
    """Of ``/api/user/collection/evolution``."""

    metric = serializers.ChoiceField(choices=tuple(METRICS), default="genre")


class UserStatusQuery(serializers.Serializer[Any]):
    """Of ``/api/user/status``."""

    ids = CommaList(help_text="ids of releases, at most 100, between commas")


class ItemSerializer(serializers.Serializer[Any]):
    """A release that a user has or wants."""

    id = serializers.CharField()
    title = serializers.CharField(allow_null=True)
    year = serializers.IntegerField(allow_null=True)
    catalog_number = serializers.CharField(allow_null=True)
    artist = serializers.CharField(allow_null=True, help_text="of several the first by name")
    label = serializers.CharField(allow_null=True, help_text="of several the first by name")  # type: ignore[assignment]
    genres = serializers.ListField(child=serializers.CharField())
    styles = serializers.ListField(child=serializers.CharField())
    rating = serializers.IntegerField(allow_null=True)
    date_added = serializers.CharField(allow_null=True, help_text="as Discogs sent it")


class CopySerializer(ItemSerializer):
    """A copy of a release that a user has."""

    folder_id = serializers.IntegerField(allow_null=True)


class WantlistSerializer(serializers.Serializer[Any]):
    """A page of a wantlist."""

    releases = ItemSerializer(many=True)
    total = serializers.IntegerField()
    offset = serializers.IntegerField()
    limit = serializers.IntegerField()
    has_more = serializers.BooleanField()


class CollectionSerializer(serializers.Serializer[Any]):
    """A page of a collection, an entry for each copy."""

    user_id = serializers.CharField()
    releases = CopySerializer(many=True)
    total = serializers.IntegerField(help_text="copies")
    offset = serializers.IntegerField()
    limit = serializers.IntegerField()
    has_more = serializers.BooleanField()


class NameCountSerializer(serializers.Serializer[Any]):
    """A name and its number of copies."""

    name = serializers.CharField(allow_null=True)
    count = serializers.IntegerField()


class DecadeCopiesSerializer(serializers.Serializer[Any]):
    """A decade and its number of copies."""

    decade = serializers.IntegerField()
    count = serializers.IntegerField()


class StatisticsSerializer(serializers.Serializer[Any]):
    """Figures of a collection; numbers are of copies."""

    user_id = serializers.CharField()
    total = serializers.IntegerField()
    unique_artists = serializers.IntegerField()
    unique_labels = serializers.IntegerField()
    average_rating = serializers.FloatField(allow_null=True, help_text="of the rated copies")
    by_genre = NameCountSerializer(many=True)
    by_decade = DecadeCopiesSerializer(many=True)
    by_label = NameCountSerializer(many=True)


class BucketSerializer(serializers.Serializer[Any]):
    """The releases of a year or decade."""

    year = serializers.IntegerField()
    count = serializers.IntegerField()
    genres = serializers.DictField(child=serializers.IntegerField())
    top_labels = serializers.ListField(child=serializers.CharField())
    top_styles = serializers.ListField(child=serializers.CharField())


class TimelineInsightsSerializer(serializers.Serializer[Any]):
    """What a timeline shows."""

    peak_year = serializers.IntegerField(allow_null=True)
    dominant_genre = serializers.CharField(allow_null=True)
    genre_diversity_score = serializers.FloatField(help_text="0: one genre; 1: all genres alike")
    style_drift_rate = serializers.FloatField(help_text="0: always the same styles; 1: always others")


class TimelineSerializer(serializers.Serializer[Any]):
    """The distinct releases of a collection by year or decade."""

    user_id = serializers.CharField()
    timeline = BucketSerializer(many=True)
    insights = TimelineInsightsSerializer()


class YearValuesSerializer(serializers.Serializer[Any]):
    """The copies of a year, by value."""

    year = serializers.IntegerField()
    values = serializers.DictField(child=serializers.IntegerField())


class EvolutionSummarySerializer(serializers.Serializer[Any]):
    """How much there is."""

    total_years = serializers.IntegerField()
    unique_values = serializers.IntegerField()


class EvolutionSerializer(serializers.Serializer[Any]):
    """The copies of a collection by release year and genre, style or label."""

    metric = serializers.ChoiceField(choices=tuple(METRICS))
    data = YearValuesSerializer(many=True)  # type: ignore[assignment]
    summary = EvolutionSummarySerializer()


class ReleaseStatusSerializer(serializers.Serializer[Any]):
    """What a user has of a release."""

    in_collection = serializers.BooleanField()
    in_wantlist = serializers.BooleanField()


class UserStatusSerializer(serializers.Serializer[Any]):
    """What a user has of releases, by id in the order given."""

    status = serializers.DictField(child=ReleaseStatusSerializer())


class FormatsSerializer(serializers.Serializer[Any]):
    """The formats in a collection."""

    formats = serializers.ListField(child=serializers.CharField())
