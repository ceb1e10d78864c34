"""Reads how rare releases are, page by page or one by one, as last computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, BooleanField, F, Func, QuerySet, Value

from apps.catalog.reading import limit_time
from apps.graph.readers import discographies
from apps.ingest.sources.discogs_ids import id_number
from apps.insights import keeping
from apps.insights.models import ReleaseRarity

# Signal → its weight in the score.
WEIGHTS = {
    "pressing_scarcity": 0.25,
    "label_catalog": 0.10,
    "format_rarity": 0.10,
    "temporal_scarcity": 0.20,
    "graph_isolation": 0.15,
    "collection_prevalence": 0.20,
}
# The rarest first.
TIERS = ("ultra-rare", "rare", "scarce", "uncommon", "common")
RAREST_FIRST = ("-rarity_score", "release_id")
BEST_GEMS_FIRST = ("-hidden_gem_score", "release_id")

Scored = QuerySet[ReleaseRarity]


class OneOf(Func):
    """Whether a column has one of some numbers, which go to the server as one array: some artists have a million."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()

    def __init__(self, column: str, numbers: Sequence[int]) -> None:
        super().__init__(F(column), Value(list(numbers), ArrayField(BigIntegerField())))


@dataclass(frozen=True, slots=True)
class Page:
    """The number of a page, from 1, and how many releases a page has."""

    number: int
    size: int

    @property
    def offset(self) -> int:
        """How many releases come before this page."""
        return (self.number - 1) * self.size


@dataclass(frozen=True, slots=True)
class Listed:
    """The releases of a page, and how many there are on all pages."""

    releases: Sequence[ReleaseRarity]
    total: int


def list_rarest(tier: str | None, page: Page) -> Listed:
    """Return a page of the rarest releases, of all or of one tier."""
    scored = ReleaseRarity.objects.all() if tier is None else ReleaseRarity.objects.filter(tier=tier)
    with limit_time(settings.SEARCH_SECONDS):
        # Counting reads a row for each release of the catalogue, and the number changes only with a computation.
        total = keeping.get_or_count(f"rarity-total:{'' if tier is None else f'tier:{tier}'}", scored.count)
        return read_page(scored.order_by(*RAREST_FIRST), total, page)


def list_hidden_gems(min_rarity: float, page: Page) -> Listed:
    """Return a page of releases that are rare although their artists, labels or genres are well known, best first."""
    scored = ReleaseRarity.objects.filter(rarity_score__gte=min_rarity, hidden_gem_score__isnull=False)
    with limit_time(settings.SEARCH_SECONDS):
        total = keeping.get_or_count(f"rarity-total:gems:{min_rarity}", scored.count)
        return read_page(scored.order_by(*BEST_GEMS_FIRST), total, page)


def list_rarest_of_entity(kind: str, entity_id: str, page: Page) -> Listed | None:
    """Return the rarest releases of an artist or a label; None if there is no such entity.

    Raises:
        GraphAway: Neo4j, which says which releases those are, does not answer.
        GraphTimeOut: It takes too long.
    """
    found = discographies.list_release_ids(kind, entity_id)
    if found is None:
        return None
    numbers = [number for each in found if (number := id_number(each)) is not None]
    # The tables of insights know no artist and no label of a release: the graph says which releases those are.
    scored = ReleaseRarity.objects.filter(OneOf("release_id", numbers))
    with limit_time(settings.SEARCH_SECONDS):
        return read_page(scored.order_by(*RAREST_FIRST), scored.count(), page)


def find_score(release_id: int) -> ReleaseRarity | None:
    """Return the score of a release; None if it has none."""
    return ReleaseRarity.objects.filter(pk=release_id).first()


def read_page(scored: Scored, total: int, page: Page) -> Listed:
    """Return a page. A page behind the last one is not queried: its offset may exceed what PostgreSQL takes."""
    if page.offset >= total:
        return Listed((), total)
    return Listed(list(scored[page.offset : page.offset + page.size]), total)
