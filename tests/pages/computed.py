"""Rows of insights over what the pages are shown with, as a computation would leave them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from apps.insights import models
from tests.api.computed import COMPUTED
from tests.pages.catalogue import APHEX_TWIN, AUTECHRE, HOSTILE, NAMES, R_AND_S, WARP

NOW = datetime.now(UTC)
ARTISTS = ((AUTECHRE, "Autechre"), (APHEX_TWIN, "Aphex Twin"), (str(HOSTILE), NAMES[HOSTILE]))
# Genre → releases of the 1950s and of each decade that follows.
GENRES = {
    "Electronic": (0, 2, 16, 151, 320, 391, 34, 3),
    "Rock": (9, 290, 180, 250, 240, 139, 31, 0),
    "Pop": (110, 90, 92, 120, 80, 93, 12, 1),
    "Folk, World, & Country": (20, 71, 60, 51, 22, 20, 4, 0),
    "Jazz": (10, 31, 30, 30, 81, 42, 9, 0),
    "Classical": (30, 30, 60, 50, 31, 0, 10, 0),
    "Hip Hop": (0, 0, 0, 42, 51, 79, 5, 0),
    "Stage & Screen": (40, 21, 20, 20, 20, 20, 0, 0),
    "Funk / Soul": (10, 31, 12, 29, 11, 39, 0, 0),
    "Latin": (0, 0, 3, 2, 1, 0, 0, 0),
}
LABELS = ((R_AND_S, "R & S Records", 1983, 2026, True), (WARP, "Warp Records", 1989, 2015, True))
MASTERS = ((1302, "Amber", "Autechre", 30), (1315, "Anti EP", "Autechre", 30), (2339, "Tri Repetae", None, 25))
RELEASES = (
    (157, "Anti EP", 91.5, "ultra-rare", 40.0),
    (158, None, 74.0, "rare", None),
    (2493, "Incunabula", 41.2, "scarce", 62.0),
)
TYPES = ("artist_centrality", "genre_trends", "label_longevity", "anniversaries", "data_completeness", "release_rarity")


@contextmanager
def rows(*, failed: str = "") -> Iterator[None]:
    """Fill the tables; afterwards these rows are gone. A computation of the insight ``failed`` has failed since."""
    tables = (*COMPUTED, models.Computation)
    before = {model: list(model.objects.values_list("pk", flat=True)) for model in tables}
    fill()
    for name in TYPES:
        compute(name, models.ComputationStatus.COMPLETED, hours=3)
    if failed:
        compute(failed, models.ComputationStatus.FAILED, hours=1)
    try:
        yield
    finally:
        for model in tables:
            model.objects.exclude(pk__in=before[model]).delete()


def fill() -> None:
    for rank, (id_, name) in enumerate(ARTISTS, 1):
        models.ArtistCentrality.objects.create(rank=rank, artist_id=id_, artist_name=name, edge_count=1200 // rank)
    for genre, counts in GENRES.items():
        for decade, count in zip(range(1950, 2030, 10), counts, strict=True):
            if count:
                models.GenreTrend.objects.create(genre=genre, decade=decade, release_count=count)
    for rank, (id_, name, first, last, is_active) in enumerate(LABELS, 1):
        models.LabelLongevity.objects.create(
            rank=rank,
            label_id=id_,
            label_name=name,
            first_year=first,
            last_year=last,
            years_active=last - first + 1,
            total_releases=900 // rank,
            peak_decade=1990,
            still_active=is_active,
        )
    for master, title, artist, age in MASTERS:
        models.MonthlyAnniversary.objects.create(
            master_id=str(master),
            computed_year=NOW.year,
            computed_month=NOW.month,
            title=title,
            artist_name=artist,
            release_year=NOW.year - age,
            anniversary=age,
        )
    for type_, percent in (("artists", "61.40"), ("labels", "48.90"), ("masters", "92.30"), ("releases", "87.00")):
        models.DataCompleteness.objects.create(
            entity_type=type_,
            total_count=2000,
            with_image=0,
            with_year=1500,
            with_country=1000,
            with_genre=2000,
            completeness_pct=percent,
        )
    for release, title, score, tier, gem in RELEASES:
        models.ReleaseRarity.objects.create(
            release_id=release,
            title=title,
            artist_name="Autechre",
            year=1994,
            rarity_score=score,
            tier=tier,
            hidden_gem_score=gem,
        )


def compute(name: str, status: str, *, hours: int) -> None:
    ended = NOW - timedelta(hours=hours)
    models.Computation.objects.create(insight_type=name, status=status, started_at=ended, completed_at=ended)
