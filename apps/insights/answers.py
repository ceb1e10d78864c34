"""What the endpoints over insights answer: figures over the whole catalogue, and how rare releases are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from rest_framework.exceptions import NotFound

from apps.insights import rarity, reading
from apps.insights.models import ReleaseRarity
from apps.insights.rarity import WEIGHTS, Listed, Page


def count_rows(rows: Sequence[Any]) -> dict[str, Any]:
    """Return rows with their number, ``{items, count}``."""
    return {"items": rows, "count": len(rows)}


def list_top_artists(limit: int) -> dict[str, Any]:
    """Return the artists with the most relationships, ``{metric, items, count}``."""
    return {"metric": "centrality", **count_rows(reading.list_top_artists(limit))}


def list_leading_artists(limit: int, order: str, *, has_placeholders: bool) -> dict[str, Any]:
    """Return the first artists of an order with all of their figures, ``{metric, items, count}``."""
    found = reading.list_leading_artists(limit, order, has_placeholders=has_placeholders)
    items = [
        {
            "rank": rank,
            "artist_id": each.artist_id,
            "artist_name": each.artist_name,
            "edge_count": each.edge_count,
            "collaborators": each.collaborators,
            "pagerank": round(each.pagerank, 4),
        }
        for rank, each in enumerate(found, 1)
    ]
    return {"metric": order, **count_rows(items)}


def get_genre_trends(genre: str) -> dict[str, Any]:
    """Return the decades of a genre, ``{genre, trends, peak_decade}``."""
    trends = reading.list_genre_trends(genre)
    return {"genre": genre, "trends": trends, "peak_decade": reading.find_peak_decade(trends)}


def list_longest_labels(limit: int) -> dict[str, Any]:
    """Return the labels that have been releasing for longest, ``{items, count}``."""
    return count_rows(reading.list_longest_labels(limit))


def list_settled_labels(limit: int, year: int) -> dict[str, Any]:
    """Return the longest-lived labels without isolated early years, ``{items, count}``."""
    return count_rows(
        [
            {
                "rank": rank,
                "label_id": each.label_id,
                "label_name": each.label_name or f"Label {each.label_id}",
                "first_year": each.settled_year,
                "last_year": each.last_year,
                "years_active": each.last_year - each.settled_year + 1,
                "total_releases": each.total_releases,
                "peak_decade": each.peak_decade,
                "still_active": each.last_year >= year - 2,
                "first_year_of_all": each.first_year,
            }
            for rank, each in enumerate(reading.list_settled_labels(limit), 1)
        ]
    )


def list_anniversaries_of_month(day: date) -> dict[str, Any]:
    """Return the anniversaries of masters that came out in the month of a day, ``{month, year, items, count}``."""
    return {"month": day.month, "year": day.year, **count_rows(reading.list_anniversaries_of_month(day))}


def list_anniversaries(day: date) -> dict[str, Any]:
    """Return the anniversaries of the month of a day, ``{month, year, items, count}``."""
    return {"month": day.month, "year": day.year, **count_rows(reading.list_anniversaries(day))}


def list_completeness() -> dict[str, Any]:
    """Return how complete the records of each type are, ``{items, count}``."""
    return count_rows(reading.list_completeness())


def list_statuses() -> dict[str, Any]:
    """Return how the last computation of each insight ended, ``{statuses}``."""
    return {"statuses": reading.list_statuses()}


def list_rarest(limit: int) -> dict[str, Any]:
    """Return the rarest releases with all that is stored of them, ``{items, count}``."""
    return count_rows(reading.list_rarest(limit))


def list_rarest_page(tier: str | None, page: Page) -> dict[str, Any]:
    """Return a page of the rarest releases, of all or of a tier."""
    return describe_page(rarity.list_rarest(tier, page), page)


def list_hidden_gems(min_rarity: float, page: Page) -> dict[str, Any]:
    """Return a page of the rare releases of artists, labels and genres that are well known."""
    return describe_page(rarity.list_hidden_gems(min_rarity, page), page)


def get_rarity(release_id: int) -> dict[str, Any]:
    """Return how rare a release is, and what each signal says of it.

    Raises:
        NotFound: it has no score.
    """
    found = rarity.find_score(release_id)
    if found is None:
        raise NotFound(f"Release {release_id} has no rarity score")
    return {**describe_release(found), "breakdown": describe_signals(found)}


def list_rarest_of_entity(kind: str, entity_id: str, page: Page) -> dict[str, Any]:
    """Return a page of the rarest releases of an artist or a label.

    Raises:
        NotFound: there is no such entity.
    """
    found = rarity.list_rarest_of_entity(kind, entity_id, page)
    if found is None:
        raise NotFound(f"{kind.capitalize()} {entity_id} not found")
    return describe_page(found, page)


def describe_page(found: Listed, page: Page) -> dict[str, Any]:
    """Return a page, ``{items, total, page, page_size}``."""
    return {
        "items": [describe_release(each) for each in found.releases],
        "total": found.total,
        "page": page.number,
        "page_size": page.size,
    }


def describe_release(release: ReleaseRarity) -> dict[str, Any]:
    """Return a release with its score."""
    return {
        "release_id": release.release_id,
        "title": release.title or "",
        "artist": release.artist_name or "",
        "year": release.year,
        "rarity_score": release.rarity_score,
        "tier": release.tier,
        "hidden_gem_score": release.hidden_gem_score,
    }


def describe_signals(release: ReleaseRarity) -> dict[str, dict[str, float]]:
    """Return what each signal says of a release."""
    return {signal: {"score": getattr(release, signal) or 0.0, "weight": weight} for signal, weight in WEIGHTS.items()}
