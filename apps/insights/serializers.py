"""Parameters and answers of the endpoints of insights."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.api.parameters import Boolean, CommaList, Float, Integer, Text
from apps.insights.rarity import TIERS
from apps.insights.reading import ORDERS, TYPES


class TopArtistsQuery(serializers.Serializer[Any]):
    """Parameters of ``/api/insights/top-artists``."""

    limit = Integer(default=100, min_value=1, max_value=500)
    metric = Text(default=None, for_sql=True, choices=ORDERS, help_text="the order; each artist then has all figures")
    include_placeholders = Boolean(default=True, help_text="false leaves out Various, Unknown Artist and No Artist")


class GenreTrendsQuery(serializers.Serializer[Any]):
    """Parameters of ``/api/insights/genre-trends``."""

    genre = Text(for_sql=True, help_text="exact name")


class LabelLongevityQuery(serializers.Serializer[Any]):
    """Parameters of ``/api/insights/label-longevity``."""

    limit = Integer(default=50, min_value=1, max_value=200)
    isolated_years = Boolean(
        default=True, help_text="false begins a label behind early years that are isolated, and wants three releases"
    )


class ThisMonthQuery(serializers.Serializer[Any]):
    """Parameters of ``/api/insights/this-month``."""

    by_month = Boolean(
        default=False,
        help_text="only masters that came out in this month, the 200 most popular first; in January also those without"
        " a month",
    )


class ReleaseRarityQuery(serializers.Serializer[Any]):
    """Parameters of ``/api/insights/release-rarity``."""

    limit = Integer(default=50, min_value=1, max_value=500)


class TopArtistSerializer(serializers.Serializer[Any]):
    """An artist and how many relationships it has."""

    rank = serializers.IntegerField()
    artist_id = serializers.CharField()
    artist_name = serializers.CharField()
    edge_count = serializers.IntegerField()
    collaborators = serializers.IntegerField(required=False, help_text="with metric: artists that share releases")
    pagerank = serializers.FloatField(required=False, help_text="with metric: 1 is the mean")


class TopArtistsSerializer(serializers.Serializer[Any]):
    """Artists with the most relationships."""

    metric = serializers.ChoiceField(choices=list(ORDERS))
    items = TopArtistSerializer(many=True)
    count = serializers.IntegerField()


class GenreDecadeSerializer(serializers.Serializer[Any]):
    """How many releases a decade has."""

    decade = serializers.IntegerField()
    release_count = serializers.IntegerField()


class GenreTrendsSerializer(serializers.Serializer[Any]):
    """The releases of a genre by decade."""

    genre = serializers.CharField()
    trends = GenreDecadeSerializer(many=True)
    peak_decade = serializers.IntegerField(allow_null=True, help_text="that of the most releases, the earliest of them")


class LongLabelSerializer(serializers.Serializer[Any]):
    """A label that has been releasing for long."""

    rank = serializers.IntegerField()
    label_id = serializers.CharField()
    label_name = serializers.CharField()
    first_year = serializers.IntegerField()
    last_year = serializers.IntegerField(allow_null=True)
    years_active = serializers.IntegerField()
    total_releases = serializers.IntegerField()
    peak_decade = serializers.IntegerField(allow_null=True)
    still_active = serializers.BooleanField()
    first_year_of_all = serializers.IntegerField(required=False, help_text="without isolated_years: the first of all")


class LabelLongevitySerializer(serializers.Serializer[Any]):
    """The labels that have been releasing for longest."""

    items = LongLabelSerializer(many=True)
    count = serializers.IntegerField()


class AnniversarySerializer(serializers.Serializer[Any]):
    """A master that came out a round number of years ago."""

    master_id = serializers.CharField()
    title = serializers.CharField()
    artist_name = serializers.CharField(allow_null=True)
    release_year = serializers.IntegerField()
    anniversary = serializers.IntegerField()


class ThisMonthSerializer(serializers.Serializer[Any]):
    """The anniversaries of a month."""

    month = serializers.IntegerField()
    year = serializers.IntegerField()
    items = AnniversarySerializer(many=True)
    count = serializers.IntegerField()


class CompletenessSerializer(serializers.Serializer[Any]):
    """How complete the records of a type are."""

    entity_type = serializers.ChoiceField(choices=["artists", "labels", "masters", "releases"])
    total_count = serializers.IntegerField()
    with_image = serializers.IntegerField()
    with_year = serializers.IntegerField()
    with_country = serializers.IntegerField()
    with_genre = serializers.IntegerField()
    completeness_pct = serializers.FloatField()


class DataCompletenessSerializer(serializers.Serializer[Any]):
    """The completeness of each type of records."""

    items = CompletenessSerializer(many=True)
    count = serializers.IntegerField()


class ComputationSerializer(serializers.Serializer[Any]):
    """The last finished computation of an insight."""

    insight_type = serializers.ChoiceField(choices=TYPES)
    last_computed = serializers.DateTimeField(allow_null=True)
    status = serializers.ChoiceField(choices=["completed", "failed", "never_run"])
    duration_ms = serializers.IntegerField(allow_null=True)


class InsightsStatusSerializer(serializers.Serializer[Any]):
    """The status of each insight."""

    statuses = ComputationSerializer(many=True)


class ScoredReleaseSerializer(serializers.Serializer[Any]):
    """A release with its score and the signals behind it."""

    release_id = serializers.IntegerField()
    title = serializers.CharField(allow_null=True)
    artist_name = serializers.CharField(allow_null=True)
    year = serializers.IntegerField(allow_null=True)
    rarity_score = serializers.FloatField()
    tier = serializers.ChoiceField(choices=TIERS)
    hidden_gem_score = serializers.FloatField(allow_null=True)
    pressing_scarcity = serializers.FloatField(allow_null=True)
    label_catalog = serializers.FloatField(allow_null=True)
    format_rarity = serializers.FloatField(allow_null=True)
    temporal_scarcity = serializers.FloatField(allow_null=True)
    graph_isolation = serializers.FloatField(allow_null=True)
    collection_prevalence = serializers.FloatField(allow_null=True)


class ScoredReleasesSerializer(serializers.Serializer[Any]):
    """The rarest releases."""

    items = ScoredReleaseSerializer(many=True)
    count = serializers.IntegerField()


class PageQuery(serializers.Serializer[Any]):
    """Parameters of every list of rare releases."""

    page = Integer(default=1, min_value=1)
    page_size = Integer(default=20, min_value=1, max_value=100)


class LeaderboardQuery(PageQuery):
    """Parameters of ``/api/rarity/leaderboard``."""

    tier = Text(default=None, for_sql=True, choices=TIERS, help_text="all of them if not given")


class HiddenGemsQuery(PageQuery):
    """Parameters of ``/api/rarity/hidden-gems``."""

    min_rarity = Float(default=41.0, min_value=0, max_value=100)


class ReleasePath(serializers.Serializer[Any]):
    """Parameters of ``/api/rarity/{release_id}``."""

    release_id = Integer(help_text="Discogs id of a release")


class RareReleaseSerializer(serializers.Serializer[Any]):
    """A release and how rare it is."""

    release_id = serializers.IntegerField()
    title = serializers.CharField(allow_blank=True)
    artist = serializers.CharField(allow_blank=True)
    year = serializers.IntegerField(allow_null=True)
    rarity_score = serializers.FloatField(help_text="0 to 100")
    tier = serializers.ChoiceField(choices=TIERS)
    hidden_gem_score = serializers.FloatField(allow_null=True)


class RareReleasesSerializer(serializers.Serializer[Any]):
    """A page of releases."""

    items = RareReleaseSerializer(many=True)
    total = serializers.IntegerField()
    page = serializers.IntegerField()
    page_size = serializers.IntegerField()


class SignalSerializer(serializers.Serializer[Any]):
    """The score of a signal, and its weight."""

    score = serializers.FloatField()
    weight = serializers.FloatField()


class SignalsSerializer(serializers.Serializer[Any]):
    """The signals of a score."""

    pressing_scarcity = SignalSerializer()
    label_catalog = SignalSerializer()
    format_rarity = SignalSerializer()
    temporal_scarcity = SignalSerializer()
    graph_isolation = SignalSerializer()
    collection_prevalence = SignalSerializer()


class ReleaseBreakdownSerializer(RareReleaseSerializer):
    """A release, how rare it is, and why."""

    breakdown = SignalsSerializer()


class InternalArtistsQuery(serializers.Serializer[Any]):
    """Parameters of ``/api/internal/insights/artist-centrality``."""

    limit = Integer(default=100, min_value=1, max_value=500)


class InternalLabelsQuery(serializers.Serializer[Any]):
    """Parameters of ``/api/internal/insights/label-longevity``."""

    limit = Integer(default=50, min_value=1, max_value=500)


class AnniversariesQuery(serializers.Serializer[Any]):
    """Parameters of ``/api/internal/insights/anniversaries``."""

    year = Integer()
    month = Integer(min_value=1, max_value=12, help_text="not a filter: masters have no month")
    milestones = CommaList(default=["25", "30", "40", "50", "75", "100"], help_text="ages in years, between commas")


class FiguresSerializer(serializers.Serializer[Any]):
    """Rows of figures."""

    items = serializers.ListField(child=serializers.DictField())


class CommunityCountsSerializer(serializers.Serializer[Any]):
    """How many community counts a call fetched."""

    enriched = serializers.IntegerField()
    skipped = serializers.IntegerField(help_text="neither fetched nor failed")
    errors = serializers.IntegerField()  # type: ignore[assignment] # a field, which DRF takes out of the class
    remaining = serializers.IntegerField(help_text="due, but beyond the most of a call")
    error = serializers.CharField(required=False, help_text="no_credentials: the site has no key of Discogs")
