"""Reads the results of the last computations; all are empty before the first one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Case, F, Max, Q, When

from apps.insights.models import (
    ArtistCentrality,
    Computation,
    ComputationStatus,
    DataCompleteness,
    GenreTrend,
    LabelLongevity,
    LeadingArtist,
    LeadingLabel,
    MonthlyAnniversary,
    ReleaseRarity,
)

# In the order in which they are computed and listed.
TYPES = (
    "artist_centrality",
    "genre_trends",
    "label_longevity",
    "anniversaries",
    "data_completeness",
    "community_enrichment",
    "release_rarity",
)


# Order of artists → the column that it goes by.
ORDERS = {"centrality": "edge_count", "collaborators": "collaborators", "pagerank": "pagerank"}
MOST_ANNIVERSARIES = 200
LEAST_RELEASES = 3


def list_leading_artists(limit: int, order: str, *, has_placeholders: bool) -> Sequence[LeadingArtist]:
    """Return the first artists of an order with all figures; those without a name are left out."""
    found = LeadingArtist.objects.exclude(artist_name=None)
    if not has_placeholders:
        found = found.filter(is_placeholder=False)
    return list(found.order_by(f"-{ORDERS[order]}", "artist_id")[:limit])


def list_settled_labels(limit: int) -> Sequence[LeadingLabel]:
    """Return the labels that have been releasing for longest since their settled year, the first ones first."""
    found = LeadingLabel.objects.filter(total_releases__gte=LEAST_RELEASES)
    return list(found.order_by(F("settled_year") - F("last_year"), "label_id")[:limit])


def list_anniversaries_of_month(month: date, limit: int = MOST_ANNIVERSARIES) -> Sequence[MonthlyAnniversary]:
    """Return the most popular masters that came out in this month; in January also those whose month is unknown."""
    of_month = Q(release_month=month.month)
    if month.month == 1:
        of_month |= Q(release_month=None)
    found = MonthlyAnniversary.objects.filter(of_month, computed_year=month.year, computed_month=month.month)
    return list(found.order_by("-popularity", "-anniversary", "master_id")[:limit])


def list_top_artists(limit: int) -> Sequence[ArtistCentrality]:
    """Return the artists with the most relationships, the first ones first."""
    return list(ArtistCentrality.objects.order_by("rank")[:limit])


def list_genre_trends(genre: str) -> Sequence[GenreTrend]:
    """Return the decades of a genre, ascending."""
    return list(GenreTrend.objects.filter(genre=genre).order_by("decade"))


def list_trends_of_all() -> dict[str, Sequence[GenreTrend]]:
    """Return the decades of every genre, ascending; the genres with most releases first."""
    found: defaultdict[str, list[GenreTrend]] = defaultdict(list)
    for each in GenreTrend.objects.order_by("decade"):
        found[each.genre].append(each)
    return dict(sorted(found.items(), key=lambda each: (-sum(trend.release_count for trend in each[1]), each[0])))


def find_peak_decade(trends: Sequence[GenreTrend]) -> int | None:
    """Return the decade with the most releases, the earliest of several; None if there is none."""
    # The earliest of equal decades, so that the answer does not depend on the order of the rows.
    peak = max(trends, key=lambda each: (each.release_count, -each.decade), default=None)
    return peak.decade if peak else None


def list_longest_labels(limit: int) -> Sequence[LabelLongevity]:
    """Return the labels that have been releasing for longest, the first ones first."""
    return list(LabelLongevity.objects.order_by("rank")[:limit])


def list_anniversaries(month: date) -> Sequence[MonthlyAnniversary]:
    """Return the masters whose anniversaries were found for a month, the longest ago first."""
    found = MonthlyAnniversary.objects.filter(computed_year=month.year, computed_month=month.month)
    return list(found.order_by("-anniversary", "release_year", "master_id"))


def list_anniversaries_by_age(month: date, limit: int) -> dict[int, Sequence[MonthlyAnniversary]]:
    """Return anniversary → up to ``limit`` masters that have it in a month; the longest ago first.

    A month of the whole catalogue has thousands. Those that came out in this month come first, then the most popular.
    """
    found = MonthlyAnniversary.objects.filter(computed_year=month.year, computed_month=month.month)
    is_of_month = Case(When(release_month=month.month, then=0), default=1)
    ages = found.order_by("-anniversary").values_list("anniversary", flat=True).distinct()
    return {
        # A query for each of the few anniversaries: a single one would read all thousands of masters to show some of
        # each.
        age: list(found.filter(anniversary=age).order_by(is_of_month, "-popularity", "master_id")[:limit])
        for age in list(ages)
    }


def list_completeness() -> Sequence[DataCompleteness]:
    """Return how complete the records of each type are, by type."""
    return list(DataCompleteness.objects.order_by("entity_type"))


def list_statuses() -> list[dict[str, Any]]:
    """Return how the last computation of each insight ended, in the order of ``TYPES``."""
    ended = Computation.objects.filter(status__in=(ComputationStatus.COMPLETED, ComputationStatus.FAILED))
    # DISTINCT ON keeps the first row of each insight in this order: its latest computation. The key decides between two
    # that began at the same moment.
    latest = ended.order_by("insight_type", "-started_at", "-pk").distinct("insight_type")
    found = {each.insight_type: each for each in latest}
    return [describe_status(insight_type, found.get(insight_type)) for insight_type in TYPES]


def get_completion_times() -> dict[str, datetime]:
    """Return insight → when its present data were computed; a later computation may have failed."""
    completed = Computation.objects.filter(status=ComputationStatus.COMPLETED, completed_at__isnull=False)
    # One that found nothing left the rows of an earlier one.
    completed = completed.exclude(rows_affected=0)
    return dict(completed.values_list("insight_type").annotate(Max("completed_at")))


def describe_status(insight_type: str, computation: Computation | None) -> dict[str, Any]:
    """Return the status of an insight, ``never_run`` without a computation."""
    return {
        "insight_type": insight_type,
        "last_computed": computation and computation.completed_at,
        "status": computation.status if computation else "never_run",
        "duration_ms": computation and computation.duration_ms,
    }


def list_rarest(limit: int) -> Sequence[ReleaseRarity]:
    """Return the rarest releases, the first ones first."""
    return list(ReleaseRarity.objects.order_by("-rarity_score", "release_id")[:limit])
