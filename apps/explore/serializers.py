"""What the endpoints over the graph take and what they answer."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework import serializers

from apps.api.fields import CommaList, Integer, Text

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


class PathQuery(serializers.Serializer[Any]):
    """Of ``/api/path``."""

    from_name = Text(help_text="exact name")
    to_name = Text(help_text="exact name")
    from_type = Text(default="artist", help_text="artist, genre, label or style")
    to_type = Text(default="artist", help_text="artist, genre, label or style")
    max_depth = Integer(default=6, min_value=1, max_value=10, help_text="most edges")


class StepSerializer(serializers.Serializer[Any]):
    """A node of a path, and the type of the edge that leads to it."""

    id = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    type = serializers.ChoiceField(choices=["artist", "genre", "label", "master", "release", "style"])
    rel = serializers.CharField(allow_null=True)


class PathSerializer(serializers.Serializer[Any]):
    """A shortest path, if there is one."""

    found = serializers.BooleanField()
    length = serializers.IntegerField(allow_null=True)
    path = StepSerializer(many=True)


class SimilarLabelsQuery(serializers.Serializer[Any]):
    """Of ``/api/label/{label_id}/similar``."""

    limit = Integer(default=10, min_value=1, max_value=50)


class CompareQuery(serializers.Serializer[Any]):
    """Of ``/api/label/dna/compare``."""

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
    """What a label has released, in figures."""

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


class CountedSerializer(serializers.Serializer[Any]):
    """A name with its releases."""

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


class SearchQuery(serializers.Serializer[Any]):
    """Of ``/api/search``."""

    q = Text(min_length=3, for_sql=True)
    types = CommaList(default=list, help_text="artist, label, master, release; none: all of them")
    genres = CommaList(default=list, for_sql=True, help_text="any of these; of releases alone")
    year_min = Integer(default=None, min_value=1000, max_value=9999)
    year_max = Integer(default=None, min_value=1000, max_value=9999)
    limit = Integer(default=20, min_value=1, max_value=100)
    offset = Integer(default=0, min_value=0)


class FacetsSerializer(serializers.Serializer[Any]):
    """How much matches, by type, by genre (the most frequent first) and by decade (``1990s``)."""

    type = serializers.DictField(child=serializers.IntegerField())
    genre = serializers.DictField(child=serializers.IntegerField())
    decade = serializers.DictField(child=serializers.IntegerField())


class MetadataSerializer(serializers.Serializer[Any]):
    """What else is known of a hit."""

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
    """Which page this is."""

    limit = serializers.IntegerField()
    offset = serializers.IntegerField()
    has_more = serializers.BooleanField()


class SearchSerializer(serializers.Serializer[Any]):
    """What was found, the best first."""

    query = serializers.CharField()
    total = serializers.IntegerField()
    facets = FacetsSerializer()
    results = FoundSerializer(many=True)
    pagination = PaginationSerializer()


class ArtistPath(serializers.Serializer[Any]):
    """Of whatever begins with an artist's Discogs id, a number."""

    artist_id = Integer(help_text="Discogs id of an artist")


class MetadataOfArtistSerializer(serializers.Serializer[Any]):
    """What an artist is in MusicBrainz; dates have as many parts as are known."""

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
    """A relationship to another artist, the target, whichever end that is."""

    type = serializers.CharField()
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
    """A page elsewhere."""

    service = serializers.CharField()
    url = serializers.CharField()


class ExternalLinksSerializer(serializers.Serializer[Any]):
    """Pages about an artist elsewhere."""

    discogs_id = serializers.IntegerField()
    links = ExternalLinkSerializer(many=True)


class EnrichedSerializer(serializers.Serializer[Any]):
    """Of one type: entities of MusicBrainz, those with a Discogs id, nodes that show one."""

    total_mb = serializers.IntegerField()
    matched_to_discogs = serializers.IntegerField()
    enriched_in_neo4j = serializers.IntegerField()


class EnrichedRelationshipsSerializer(serializers.Serializer[Any]):
    """Relations of MusicBrainz between entities of any type, and relationships of artists that came of them."""

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


class SnapshotNodeSerializer(serializers.Serializer[Any]):
    """An entity of a snapshot."""

    id = serializers.CharField(allow_blank=True)
    type = serializers.CharField(allow_blank=True)


class SnapshotSerializer(serializers.Serializer[Any]):
    """What was explored when a snapshot was taken."""

    nodes = SnapshotNodeSerializer(many=True)
    center = SnapshotNodeSerializer()
    created_at = serializers.CharField()


class HealthSerializer(serializers.Serializer[Any]):
    """Whether the API works."""

    status = serializers.ChoiceField(choices=["healthy", "starting"])
    service = serializers.CharField()
    timestamp = serializers.DateTimeField()
