"""Tables of what was computed over the whole catalogue, in the schema ``insights``.

Each computation replaces the rows of its table in one transaction, so a reader sees all of them or those of before.

Contract: docs/contract/data.md#insights-tables.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.functions import Now


def make_text_column(**options: Any) -> models.TextField[str, str]:
    """Return a column of texts that compare by code point, as ids and names do in the API."""
    return models.TextField(db_collation="C", **options)


class Computed(models.Model):
    """A row of a result."""

    computed_at = models.DateTimeField(db_default=Now())

    class Meta:
        abstract = True


class ArtistCentrality(Computed):
    """An artist with many relationships; rank 1 has the most."""

    rank = models.IntegerField(primary_key=True)
    artist_id = make_text_column(help_text="Discogs id")
    artist_name = models.TextField()
    edge_count = models.BigIntegerField(help_text="relationships of any kind, at either end")

    class Meta:
        db_table = '"insights"."artist_centrality"'

    def __str__(self) -> str:
        return f"{self.rank}. {self.artist_name}"


class LeadingArtist(Computed):
    """An artist that is among the first by relationships, by collaborators or by the rank of its collaborators."""

    artist_id = make_text_column(primary_key=True, help_text="Discogs id")
    artist_name = models.TextField(null=True)  # noqa: DJ001 - some records have none
    edge_count = models.BigIntegerField(help_text="relationships of any kind, at either end")
    collaborators = models.BigIntegerField(help_text="artists with whom it shares releases")
    pagerank = models.FloatField(help_text="1 is the mean of the artists who share releases")
    is_placeholder = models.BooleanField(help_text="stands for no one artist, as Various does")

    class Meta:
        db_table = '"insights"."leading_artists"'

    def __str__(self) -> str:
        return f"{self.artist_id}: {self.artist_name}"


class GenreTrend(Computed):
    """How many releases a genre has in a decade."""

    pk = models.CompositePrimaryKey("genre", "decade")
    genre = make_text_column()
    decade = models.IntegerField(help_text="its first year")
    release_count = models.BigIntegerField()

    class Meta:
        db_table = '"insights"."genre_trends"'

    def __str__(self) -> str:
        return f"{self.genre}, {self.decade}s"


class LabelLongevity(Computed):
    """A label that has been releasing for long; rank 1 for the longest."""

    rank = models.IntegerField(primary_key=True)
    label_id = make_text_column(help_text="Discogs id")
    label_name = models.TextField()
    first_year = models.IntegerField()
    last_year = models.IntegerField(null=True)
    years_active = models.IntegerField(help_text="from the first year to the last, both counted")
    total_releases = models.BigIntegerField()
    peak_decade = models.IntegerField(null=True, help_text="that of the most releases")
    still_active = models.BooleanField(db_default=False)

    class Meta:
        db_table = '"insights"."label_longevity"'

    def __str__(self) -> str:
        return f"{self.rank}. {self.label_name}"


class LeadingLabel(Computed):
    """A label that is among the longest-lived, by all of its years or without isolated ones."""

    label_id = make_text_column(primary_key=True, help_text="Discogs id")
    label_name = models.TextField(null=True)  # noqa: DJ001 - some records have none
    first_year = models.IntegerField()
    last_year = models.IntegerField()
    total_releases = models.BigIntegerField()
    peak_decade = models.IntegerField(help_text="that of the most releases")
    settled_year = models.IntegerField(help_text="the first year without isolated early ones")

    class Meta:
        db_table = '"insights"."leading_labels"'

    def __str__(self) -> str:
        return f"{self.label_id}: {self.label_name}"


class MonthlyAnniversary(Computed):
    """A master that came out a round number of years before the year in which it was looked for."""

    pk = models.CompositePrimaryKey("master_id", "computed_year", "computed_month")
    master_id = make_text_column(help_text="Discogs id")
    computed_year = models.IntegerField()
    computed_month = models.IntegerField(help_text="1 to 12")
    title = models.TextField()
    artist_name = models.TextField(null=True)  # noqa: DJ001 - nobody is not an artist without a name
    release_year = models.IntegerField()
    anniversary = models.IntegerField(help_text="years since then")
    release_month = models.IntegerField(null=True, help_text="month of its first release, 1 to 12")
    popularity = models.BigIntegerField(db_default=0, help_text="releases, and how many people have one")

    class Meta:
        db_table = '"insights"."monthly_anniversaries"'
        # What this month has, in the order in which it is told.
        indexes = (
            models.Index(
                "computed_year",
                "computed_month",
                models.F("anniversary").desc(),
                "release_year",
                "master_id",
                name="idx_anniversaries_month_year",
            ),
        )

    def __str__(self) -> str:
        return f"{self.title}, {self.anniversary} years"


class DataCompleteness(Computed):
    """How many records of a type have what records of it can have."""

    entity_type = make_text_column(primary_key=True)
    total_count = models.BigIntegerField()
    with_image = models.BigIntegerField()
    with_year = models.BigIntegerField()
    with_country = models.BigIntegerField()
    with_genre = models.BigIntegerField()
    completeness_pct = models.DecimalField(max_digits=5, decimal_places=2, help_text="mean of the shares, percent")

    class Meta:
        db_table = '"insights"."data_completeness"'

    def __str__(self) -> str:
        return f"{self.entity_type}, {self.completeness_pct} %"


class ComputationStatus(models.TextChoices):
    """How far a computation is."""

    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


class Computation(models.Model):
    """One computation of one insight."""

    insight_type = make_text_column()
    status = models.TextField(choices=ComputationStatus, default=ComputationStatus.RUNNING)
    started_at = models.DateTimeField(db_default=Now())
    completed_at = models.DateTimeField(null=True)
    rows_affected = models.BigIntegerField(null=True)
    error_message = models.TextField(null=True)  # noqa: DJ001 - as data.md has it
    duration_ms = models.BigIntegerField(null=True)
    step = models.SmallIntegerField(db_default=0, help_text="while it runs: how many steps are done")
    position = models.BigIntegerField(db_default=0, help_text="while it runs: the last id that its step went over")

    class Meta:
        db_table = '"insights"."computation_log"'
        # The latest of each insight.
        indexes = (models.Index("insight_type", models.F("started_at").desc(), name="idx_computation_log_started"),)

    def __str__(self) -> str:
        return f"{self.insight_type}: {self.status}"


class ReleaseRarity(Computed):
    """How rare a release is: a score, 0 to 100, and the signals that it is the weighted sum of."""

    release_id = models.BigIntegerField(primary_key=True, help_text="Discogs id")
    title = models.TextField(null=True)  # noqa: DJ001 - as data.md has it
    artist_name = models.TextField(null=True)  # noqa: DJ001
    year = models.IntegerField(null=True)
    # Double precision, and not REAL: a score of 41.1 is to be no less than 41.1.
    rarity_score = models.FloatField()
    tier = make_text_column(help_text="ultra-rare, rare, scarce, uncommon or common")
    hidden_gem_score = models.FloatField(null=True)
    pressing_scarcity = models.FloatField(null=True)
    label_catalog = models.FloatField(null=True)
    format_rarity = models.FloatField(null=True)
    temporal_scarcity = models.FloatField(null=True)
    graph_isolation = models.FloatField(null=True)
    collection_prevalence = models.FloatField(null=True)

    class Meta:
        db_table = '"insights"."release_rarity"'
        # The rarest, of all and of a tier, and the best gems, page by page.
        indexes = (
            models.Index(models.F("rarity_score").desc(), "release_id", name="idx_release_rarity_score"),
            models.Index("tier", models.F("rarity_score").desc(), "release_id", name="idx_release_rarity_tier"),
            models.Index(
                models.F("hidden_gem_score").desc(),
                "release_id",
                condition=models.Q(hidden_gem_score__isnull=False),
                name="idx_release_rarity_gem",
            ),
        )

    def __str__(self) -> str:
        return f"release {self.release_id}: {self.rarity_score}"


class CommunityCount(models.Model):
    """How many people of Discogs have a release and how many want it."""

    release_id = models.BigIntegerField(primary_key=True, help_text="Discogs id")
    have_count = models.IntegerField(db_default=0)
    want_count = models.IntegerField(db_default=0)
    fetched_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = '"insights"."community_counts"'
        # Those that were not asked for in a while.
        indexes = (models.Index("fetched_at", name="idx_community_counts_fetched"),)

    def __str__(self) -> str:
        return f"release {self.release_id}: {self.have_count} have it"
