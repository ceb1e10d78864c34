"""What the endpoints that walk the graph take and what they answer."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework import serializers

from apps.api.fields import CommaList, Integer, NamesOrIds, Text
from apps.graph.readers.entities import CATEGORIES
from apps.graph.readers.expanding import ORDERS

KINDS = tuple(CATEGORIES)
CHILDREN = tuple(dict.fromkeys(category for kind in KINDS for category in CATEGORIES[kind]))
CHILD_KINDS = (*KINDS, "release")

ID_HELP = "instead of the name: the Discogs id of an artist or label, the name of a genre or style"

FIRST_YEAR, LAST_YEAR = 1900, 2030
FIELDS = ("years",)
HINTS = ("hint",)
MOST_NODES = 200


class AutocompleteQuery(serializers.Serializer[Any]):
    """Of ``/api/autocomplete``."""

    q = Text(min_length=3, help_text="beginnings of words; of more than 100 different words the first ones count")
    type = Text(
        default="artist", choices=(*KINDS, "any"), help_text="in capitals or not; any: of all types, in one order"
    )
    limit = Integer(default=10, min_value=1, max_value=50)
    fields = CommaList(  # type: ignore[assignment] # a field, which DRF takes out of the class
        default=list, help_text="hint: in a few words what tells an entity from others of its name"
    )


class NamedQuery(NamesOrIds):
    """Of whatever begins with an entity's name or id."""

    ids: ClassVar = {"name": "id"}

    name = Text(
        default=None,
        help_text="exact name; of an artist or label without one, what it is shown as, such as Artist 4258",
    )
    type = Text(default="artist", choices=KINDS, help_text="in capitals or not")
    id = Text(default=None, help_text=ID_HELP)


class ExpandQuery(NamesOrIds):
    """Of ``/api/expand``."""

    ids: ClassVar = {"node_id": "id"}

    node_id = Text(
        default=None, help_text="exact name of the entity, whatever its type, or what it is shown as if it has none"
    )
    type = Text(choices=KINDS, help_text="in capitals or not")
    category = Text(choices=CHILDREN, help_text="one that explore offers for the entity")
    limit = Integer(default=50, min_value=1, max_value=200)
    offset = Integer(default=0, min_value=0)
    before_year = Integer(default=None, min_value=FIRST_YEAR, max_value=LAST_YEAR)
    id = Text(default=None, help_text=ID_HELP)
    order = Text(
        default=None,
        choices=ORDERS,
        help_text="of releases; without it the latest first, as -year. sample: works that are even over the years, the"
        " same each time, of several entities of one name those of the smallest id",
    )
    fields = CommaList(  # type: ignore[assignment] # a field, which DRF takes out of the class
        default=list, help_text="years: first_year and last_year of children that are no releases"
    )


class ExpandBatchQuery(ExpandQuery):
    """Of ``/api/expand/batch``."""

    category = None  # type: ignore[assignment] # which takes it away
    categories = CommaList(help_text="some that explore offers for the entity, such as releases,labels")


class LinksQuery(serializers.Serializer[Any]):
    """Of ``/api/links``."""

    nodes = Text(
        help_text=f"at most {MOST_NODES} entities, such as release:249504,label:1866; the id of a genre or a style is"
        " its name, with commas or not"
    )


class NodeQuery(serializers.Serializer[Any]):
    """Of ``/api/node/{node_id}``."""

    type = Text(default="artist", choices=CHILD_KINDS, help_text="in capitals or not")


class EmergenceQuery(serializers.Serializer[Any]):
    """Of ``/api/explore/genre-emergence``."""

    before_year = Integer(min_value=FIRST_YEAR, max_value=LAST_YEAR)


class HitSerializer(serializers.Serializer[Any]):
    """An entity whose name fits; its type if it may be any, and a hint if asked for: 36 releases, Electronic."""

    type = serializers.ChoiceField(choices=KINDS, required=False)
    id = serializers.CharField()
    name = serializers.CharField()
    score = serializers.FloatField()
    hint = serializers.CharField(required=False)


class AutocompleteSerializer(serializers.Serializer[Any]):
    """Entities whose names fit, the best first."""

    results = HitSerializer(many=True)


class CenterSerializer(serializers.Serializer[Any]):
    """The entity in the middle."""

    id = serializers.CharField()
    name = serializers.CharField()
    type = serializers.ChoiceField(choices=KINDS)


class CategorySerializer(serializers.Serializer[Any]):
    """What can be expanded from it."""

    id = serializers.CharField()
    name = serializers.CharField()
    category = serializers.ChoiceField(choices=CHILDREN)
    count = serializers.IntegerField()


class ExploreSerializer(serializers.Serializer[Any]):
    """An entity with its categories."""

    center = CenterSerializer()
    categories = CategorySerializer(many=True)


class ChildSerializer(serializers.Serializer[Any]):
    """An entity that was expanded.

    Releases have a year, which may be null; all others but aliases have a count, and first and last year if asked for.
    """

    id = serializers.CharField()
    name = serializers.CharField()
    type = serializers.ChoiceField(choices=CHILD_KINDS)
    year = serializers.IntegerField(required=False, allow_null=True)
    release_count = serializers.IntegerField(required=False)
    first_year = serializers.IntegerField(required=False, allow_null=True)
    last_year = serializers.IntegerField(required=False, allow_null=True)


class ChildrenSerializer(serializers.Serializer[Any]):
    """A page of children."""

    children = ChildSerializer(many=True)
    total = serializers.IntegerField()
    offset = serializers.IntegerField()
    limit = serializers.IntegerField()
    has_more = serializers.BooleanField()


class ChildrenOfCategoriesSerializer(serializers.Serializer[Any]):
    """Pages of children by category, of those that were asked for."""

    releases = ChildrenSerializer(required=False)
    labels = ChildrenSerializer(required=False)
    aliases = ChildrenSerializer(required=False)
    artists = ChildrenSerializer(required=False)
    styles = ChildrenSerializer(required=False)
    genres = ChildrenSerializer(required=False)


class LinkSerializer(serializers.Serializer[Any]):
    """An edge and its type; ``source`` is where it begins."""

    source = serializers.CharField()  # type: ignore[assignment] # a field, which DRF takes out of the class
    target = serializers.CharField()
    type = serializers.ChoiceField(choices=("ALIAS_OF", "BY", "DERIVED_FROM", "IS", "MEMBER_OF", "ON", "SUBLABEL_OF"))


class LinksSerializer(serializers.Serializer[Any]):
    """Edges, sorted."""

    links = LinkSerializer(many=True)


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
    """What had come up by a year, the first ones first."""

    genres = EmergedSerializer(many=True)
    styles = EmergedSerializer(many=True)
