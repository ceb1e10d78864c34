"""Parameters and answers of the endpoints that read the graph around an entity."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework import serializers

from apps.api.parameters import CommaList, Integer, Text
from apps.graph.readers.entities import CHILD_KINDS, CHILDREN, KINDS
from apps.graph.readers.expanding import FIRST_YEAR, LAST_YEAR

HINTS = ("hint",)
MOST_NODES = 200


class AutocompleteQuery(serializers.Serializer[Any]):
    """Parameters of ``/api/autocomplete``."""

    q = Text(min_length=3, help_text="beginnings of words; of more than 100 different words the first ones count")
    type = Text(
        default="artist", choices=(*KINDS, "any"), help_text="in capitals or not; any: of all types, in one order"
    )
    limit = Integer(default=10, min_value=1, max_value=50)
    fields = CommaList(  # type: ignore[assignment] # a field, which DRF takes out of the class
        default=list, help_text="hint: in a few words what tells an entity from others of its name"
    )


class LinksQuery(serializers.Serializer[Any]):
    """Parameters of ``/api/links``."""

    nodes = Text(
        help_text=f"at most {MOST_NODES} entities, such as release:249504,label:1866; the id of a genre or a style is"
        " its name, with commas or not"
    )


class NodeQuery(serializers.Serializer[Any]):
    """Parameters of ``/api/node/{node_id}``."""

    type = Text(default="artist", choices=CHILD_KINDS, help_text="in capitals or not")


class EmergenceQuery(serializers.Serializer[Any]):
    """Parameters of ``/api/explore/genre-emergence``."""

    before_year = Integer(min_value=FIRST_YEAR, max_value=LAST_YEAR)


class HitSerializer(serializers.Serializer[Any]):
    """An entity whose name matches; with its ``type`` if that may be any, with a ``hint`` if ``fields`` asks for it."""

    type = serializers.ChoiceField(choices=KINDS, required=False)
    id = serializers.CharField()
    name = serializers.CharField()
    score = serializers.FloatField()
    hint = serializers.CharField(required=False)


class AutocompleteSerializer(serializers.Serializer[Any]):
    """Entities whose names match, the best first."""

    results = HitSerializer(many=True)


class CenterSerializer(serializers.Serializer[Any]):
    """The entity in the middle."""

    id = serializers.CharField()
    name = serializers.CharField()
    type = serializers.ChoiceField(choices=KINDS)


class CategorySerializer(serializers.Serializer[Any]):
    """A category of children, and how many there are."""

    id = serializers.CharField()
    name = serializers.CharField()
    category = serializers.ChoiceField(choices=CHILDREN)
    count = serializers.IntegerField()


class ExploreSerializer(serializers.Serializer[Any]):
    """An entity with its categories."""

    center = CenterSerializer()
    categories = CategorySerializer(many=True)


class LinkSerializer(serializers.Serializer[Any]):
    """An edge and its type; ``source`` is where it begins."""

    source = serializers.CharField()  # type: ignore[assignment] # a field, which DRF takes out of the class
    target = serializers.CharField()
    type = serializers.ChoiceField(choices=("ALIAS_OF", "BY", "DERIVED_FROM", "IS", "MEMBER_OF", "ON", "SUBLABEL_OF"))


class LinksSerializer(serializers.Serializer[Any]):
    """Edges, sorted."""

    links = LinkSerializer(many=True)


class ArtistSerializer(serializers.Serializer[Any]):
    """An artist. Genres and styles are those of its releases; it is a member of the groups."""

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
    type = serializers.ChoiceField(choices=KINDS)
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
    """Genres and styles that had a release by a year, the earliest first."""

    genres = EmergedSerializer(many=True)
    styles = EmergedSerializer(many=True)
