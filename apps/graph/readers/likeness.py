"""Similarity of two entities by the names on their releases."""

from __future__ import annotations

import math
from collections.abc import Mapping

# Name → number of releases.
Vector = Mapping[str, int]


class TooFewReleases(Exception):  # noqa: N818
    """An entity has too few releases for figures."""

    def __init__(self, what: str, found: int, least: int) -> None:
        super().__init__(f"{what} has {found} releases, fewer than {least}")


def compute_cosine(one: Vector, other: Vector) -> float:
    """Return how alike two vectors of counts are, 0 to 1; it is the same for counts and for their shares."""
    lengths = math.sqrt(sum(n * n for n in one.values())) * math.sqrt(sum(n * n for n in other.values()))
    return sum(one[key] * other[key] for key in one.keys() & other.keys()) / lengths if lengths else 0.0
