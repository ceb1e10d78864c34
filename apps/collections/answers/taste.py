"""What a collection says about the taste of its owner."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from apps.api.responses import NotEnough
from apps.graph.readers import taste
from apps.graph.readers.taste import Rarity

# Fewer copies say nothing about a taste.
LEAST_COPIES = 10
BLIND_SPOTS = 5


def require_copies(user: str) -> int:
    """Return how many copies a user has.

    Raises:
        NotEnough: too few for figures.
    """
    copies = taste.count_copies(user)
    if copies < LEAST_COPIES:
        raise NotEnough(f"A collection of at least {LEAST_COPIES} copies is needed, this one has {copies}")
    return copies


def get_heatmap(user: str) -> dict[str, Any]:
    """Return the copies of a collection by genre and decade, ``{cells, total}``.

    Raises:
        NotEnough: there are too few copies.
    """
    total = require_copies(user)
    return {"cells": taste.read_heatmap(user), "total": total}


def get_fingerprint(user: str) -> dict[str, Any]:
    """Return the figures of a taste, see ``FingerprintSerializer``.

    Raises:
        NotEnough: there are too few copies.
    """
    require_copies(user)
    heatmap = taste.read_heatmap(user)
    return {
        "heatmap": heatmap,
        "obscurity": describe_obscurity(taste.read_obscurity(user)),
        "drift": taste.read_drift(user),
        "blind_spots": taste.find_blind_spots(user, BLIND_SPOTS),
        "peak_decade": find_peak_decade(heatmap),
    }


def list_blind_spots(user: str, limit: int) -> dict[str, Any]:
    """Return genres that a user's artists release in and the user has nothing of, ``{blind_spots}``.

    Raises:
        NotEnough: there are too few copies.
    """
    require_copies(user)
    return {"blind_spots": taste.find_blind_spots(user, limit)}


def describe_obscurity(found: Rarity) -> dict[str, Any]:
    """Return how rare the releases of a collection are among other users: 1 if nobody else has any of them."""
    score = 1.0 if not found.most else round(min(max(1 - found.median / found.most, 0.0), 1.0), 4)
    return {"score": score, "median_collectors": found.median, "total_releases": found.releases}


def find_peak_decade(heatmap: Iterable[Mapping[str, Any]]) -> int | None:
    """Return the decade with most copies; of several, the one that the heat map names first."""
    decades = sum_by("decade", heatmap)
    return max(decades, key=lambda each: decades[each]) if decades else None


def sum_by(key: str, heatmap: Iterable[Mapping[str, Any]]) -> Counter[Any]:
    """Return the copies of a heat map by ``genre`` or by ``decade``."""
    found: Counter[Any] = Counter()
    for cell in heatmap:
        found[cell[key]] += cell["count"]
    return found
