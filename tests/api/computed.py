"""Rows of insights as a computation would leave them, and what goes with its end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from django_redis import get_redis_connection

from apps.insights import keeping, models

TODAY = datetime.now(UTC).date()
ELSEWHERE = (TODAY.replace(day=1) - timedelta(days=1)).replace(day=1)
STARTED = datetime(2026, 9, 1, 3, tzinfo=UTC)
SIGNALS = {
    "pressing_scarcity": 85.0,
    "label_catalog": 50.0,
    "format_rarity": 40.0,
    "temporal_scarcity": 29.0,
    "graph_isolation": 50.0,
    "collection_prevalence": 75.0,
}


@contextmanager
def rows() -> Iterator[None]:
    """Fill the tables; afterwards they are empty again. Each time all that was kept is of before."""
    fill()
    generation()
    yield
    for model in (*COMPUTED, models.Computation):
        model.objects.all().delete()
    generation()


def generation() -> None:
    """Say that insights were computed."""
    get_redis_connection("default").incr(keeping.GENERATION)


COMPUTED = (
    models.ArtistCentrality,
    models.GenreTrend,
    models.LabelLongevity,
    models.MonthlyAnniversary,
    models.DataCompleteness,
    models.ReleaseRarity,
)


def fill() -> None:
    for rank, artist_id, name, edges in ((2, "2", "Mira Holt", 7), (3, "3", "Jonas Ek", 7), (1, "1", "Harbour", 12)):
        models.ArtistCentrality.objects.create(rank=rank, artist_id=artist_id, artist_name=name, edge_count=edges)
    for genre, decade, count in (("Jazz", 1970, 25), ("Jazz", 1950, 10), ("Jazz", 1960, 25), ("Funk / Soul", 1970, 3)):
        models.GenreTrend.objects.create(genre=genre, decade=decade, release_count=count)
    models.LabelLongevity.objects.create(
        rank=2, label_id="51", label_name="Kelp", first_year=1999, years_active=5, total_releases=5
    )
    models.LabelLongevity.objects.create(
        rank=1,
        label_id="50",
        label_name="Pier Dub",
        first_year=1981,
        last_year=1995,
        years_active=15,
        total_releases=5,
        peak_decade=1980,
        still_active=True,
    )
    celebrate("9", 25, TODAY)
    celebrate("10", 25, TODAY)
    celebrate("500", 50, TODAY, artist_name="The Harbour Lights")
    celebrate("77", 100, ELSEWHERE)
    for entity_type in ("releases", "artists", "masters", "labels"):
        models.DataCompleteness.objects.create(
            entity_type=entity_type,
            total_count=3,
            with_image=0,
            with_year=2,
            with_country=1,
            with_genre=3,
            completeness_pct="66.67",
        )
    compute("artist_centrality", "completed", 0)
    compute("artist_centrality", "failed", 1)
    compute("genre_trends", "completed", 2)
    compute("genre_trends", "running", 3)
    compute("label_longevity", "running", 4)
    score(10, "Ten", 60.0, "rare")
    score(9, "Nine", 60.0, "rare")
    score(101, "Ebb and Flow", 60.0, "rare")
    score(100, "Ebb and Flow", 85.0, "ultra-rare", gem=40.0, artist_name="The Harbour Lights", year=1981)
    score(102, "Breakwater", 41.0, "scarce", gem=41.1)
    score(103, "Mooring", 41.1, "scarce", gem=20.0)
    models.ReleaseRarity.objects.create(release_id=105, rarity_score=39.9, tier="uncommon", hidden_gem_score=50.0)


def celebrate(master_id, anniversary, month, artist_name=None):
    models.MonthlyAnniversary.objects.create(
        master_id=master_id,
        computed_year=month.year,
        computed_month=month.month,
        title=f"Master {master_id}",
        artist_name=artist_name,
        release_year=month.year - anniversary,
        anniversary=anniversary,
    )


def compute(insight_type, status, hours):
    began = STARTED + timedelta(hours=hours)
    ended = None if status == "running" else began + timedelta(seconds=2)
    models.Computation.objects.create(
        insight_type=insight_type,
        status=status,
        started_at=began,
        completed_at=ended,
        duration_ms=ended and 2000 + hours,
    )


def score(release_id, title, rarity_score, tier, *, gem=None, artist_name="Various", year=None):
    models.ReleaseRarity.objects.create(
        release_id=release_id,
        title=title,
        artist_name=artist_name,
        year=year,
        rarity_score=rarity_score,
        tier=tier,
        hidden_gem_score=gem,
        **SIGNALS,
    )
