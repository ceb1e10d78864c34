"""What the endpoints that walk the graph take and what they answer."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework import serializers

from apps.api.fields import Integer, Text

FIRST_YEAR, LAST_YEAR = 1900, 2030


class AutocompleteQuery(serializers.Serializer[Any]):
    """Of ``/api/autocomplete``."""

    q = Text(min_length=3, help_text="beginnings of words")
    type = Text(default="artist", help_text="artist, genre, label or style")
    limit = Integer(default=10, min_value=1, max_value=50)


class NamedQuery(serializers.Serializer[Any]):
    """Of whatever begins with an entity's name."""

    name = Text(help_text="exact name")
    type = Text(default="artist", help_text="artist, genre, label or style")


class ExpandQuery(serializers.Serializer[Any]):
    """Of ``/api/expand``."""

    node_id = Text(help_text="exact name of the entity, whatever its type")
    type = Text(help_text="artist, genre, label or style")
    category = Text(help_text="releases, artists, labels, genres, styles or aliases")
    limit = Integer(default=50, min_value=1, max_value=200)
    offset = Integer(default=0, min_value=0)
    before_year = Integer(default=None, min_value=FIRST_YEAR, max_value=LAST_YEAR)


class NodeQuery(serializers.Serializer[Any]):
    """Of ``/api/node/{node_id}``."""

    type = Text(default="artist", help_text="artist, release, label, genre or style")


class EmergenceQuery(serializers.Serializer[Any]):
    """Of ``/api/explore/genre-emergence``."""

    before_year = Integer(min_value=FIRST_YEAR, max_value=LAST_YEAR)


class HitSerializer(serializers.Serializer[Any]):
    """An entity whose name fits."""

    id = serializers.CharField()
    name = serializers.CharField()
    score = serializers.FloatField()


class AutocompleteSerializer(serializers.Serializer[Any]):
    """Entities whose names fit, the best first."""

    results = HitSerializer(many=True)


class CenterSerializer(serializers.Serializer[Any]):
    """The entity in the middle."""

    id = serializers.CharField()
    name = serializers.CharField()
    type = serializers.CharField()


class CategorySerializer(serializers.Serializer[Any]):
    """What can be expanded from it."""

    id = serializers.CharField()
    name = serializers.CharField()
    category = serializers.CharField()
    count = serializers.IntegerField()


class ExploreSerializer(serializers.Serializer[Any]):
    """An entity with its categories."""

    center = CenterSerializer()
    categories = CategorySerializer(many=True)


class ChildSerializer(serializers.Serializer[Any]):
    """An entity that was expanded; aliases have no count."""

    id = serializers.CharField()
    name = serializers.CharField()
    type = serializers.CharField()
    release_count = serializers.IntegerField(required=False)


class ReleaseChildSerializer(serializers.Serializer[Any]):
    """A release that was expanded."""

    id = serializers.CharField()
    name = serializers.CharField()
    type = serializers.CharField()
    year = serializers.IntegerField(allow_null=True)


class PageSerializer(serializers.Serializer[Any]):
    """What all pages of children have."""

    total = serializers.IntegerField()
    offset = serializers.IntegerField()
    limit = serializers.IntegerField()
    has_more = serializers.BooleanField()


class ChildrenSerializer(PageSerializer):
    """A page of children."""

    children = ChildSerializer(many=True)


class ReleaseChildrenSerializer(PageSerializer):
    """A page of releases."""

    children = ReleaseChildSerializer(many=True)


# Category → a page of it; of all others it is ``ChildrenSerializer``.
EXPANDED: dict[str, type[PageSerializer]] = {"releases": ReleaseChildrenSerializer}
EXPAND: Any = PolymorphicProxySerializer(
    "Expand", [ChildrenSerializer, ReleaseChildrenSerializer], resource_type_field_name=None
)


class ArtistSerializer(serializers.Serializer[Any]):
    """An artist; genres and styles are those of its releases, groups those that it is a member of."""

    id = serializers.CharField()
    name = serializers.CharField()
    genres = serializers.ListField(child=serializers.CharField())
    styles = serializers.ListField(child=serializers.CharField())
    release_count = serializers.IntegerField()
    groups = serializers.ListField(child=serializers.CharField())


class ReleaseSerializer(serializers.Serializer[Any]):
    """A release."""

    id = serializers.CharField()
    name = serializers.CharField()
    year = serializers.IntegerField(allow_null=True)
    artists = serializers.ListField(child=serializers.CharField())
    labels = serializers.ListField(child=serializers.CharField())
    genres = serializers.ListField(child=serializers.CharField())
    styles = serializers.ListField(child=serializers.CharField())


class LabelSerializer(serializers.Serializer[Any]):
    """A label."""

    id = serializers.CharField()
    name = serializers.CharField()
    release_count = serializers.IntegerField()


class TagSerializer(serializers.Serializer[Any]):
    """A genre or a style; its id is its name."""

    id = serializers.CharField()
    name = serializers.CharField()
    artist_count = serializers.IntegerField()


NODES: dict[str, type[serializers.Serializer[Any]]] = {
    "artist": ArtistSerializer,
    "release": ReleaseSerializer,
    "label": LabelSerializer,
    "genre": TagSerializer,
    "style": TagSerializer,
}
NODE: Any = PolymorphicProxySerializer("Node", list(dict.fromkeys(NODES.values())), resource_type_field_name=None)


class YearCountSerializer(serializers.Serializer[Any]):
    """How many releases a year has."""

    year = serializers.IntegerField()
    count = serializers.IntegerField()


class TrendsSerializer(serializers.Serializer[Any]):
    """The years of an entity, ascending."""

    name = serializers.CharField()
    type = serializers.CharField()
    data = YearCountSerializer(many=True)  # type: ignore[assignment] # a field, which DRF takes out of the class


class YearRangeSerializer(serializers.Serializer[Any]):
    """The span of years of all releases."""

    min_year = serializers.IntegerField(allow_null=True)
    max_year = serializers.IntegerField(allow_null=True)


class EmergedSerializer(serializers.Serializer[Any]):
    """A genre or style and the year of its first release."""

    name = serializers.CharField()
    first_year = serializers.IntegerField()


class EmergenceSerializer(serializers.Serializer[Any]):
    """What had come up by a year, the first ones first."""

    genres = EmergedSerializer(many=True)
    styles = EmergedSerializer(many=True)
