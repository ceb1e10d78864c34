"""What a collection says about the taste of its owner. Counts are of copies unless they say otherwise."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from heapq import nlargest
from statistics import median
from typing import Any
from uuid import UUID

from apps.api.responses import NotEnough
from apps.catalog import reading
from apps.collections import library
from apps.collections.answers.collecting import count_named, get_decade, rank_entities, rank_names
from apps.collections.library import Items
from apps.graph.readers import taste

# Fewer copies say nothing about a taste.
LEAST_COPIES = 10
BLIND_SPOTS = 5
# The artists with most copies, whose genres are looked at.
LEADING_ARTISTS = 20

Cells = list[dict[str, Any]]

# How many other users have each of the releases that somebody else has too.
COLLECTORS = """
SELECT release_id::text, count(DISTINCT user_id)
FROM user_collections
WHERE release_id IN (SELECT release_id FROM user_collections WHERE user_id = %(user)s) AND user_id <> %(user)s
GROUP BY release_id
"""


@dataclass(frozen=True, slots=True)
class Rarity:
    """By how many other users the distinct releases of a collection are owned."""

    median: float
    most: int
    releases: int


def read_taste(user: str) -> Items:
    """Return the copies of a user.

    Raises:
        NotEnough: too few for figures.
    """
    copies = library.read_copies(user)
    if len(copies) < LEAST_COPIES:
        raise NotEnough(f"A collection of at least {LEAST_COPIES} copies is needed, this one has {len(copies)}")
    return copies


def get_heatmap(user: str) -> dict[str, Any]:
    """Return the copies of a collection by genre and decade, ``{cells, total}``.

    Raises:
        NotEnough: there are too few copies.
    """
    copies = read_taste(user)
    return {"cells": count_cells(copies), "total": len(copies)}


def get_fingerprint(user: str) -> dict[str, Any]:
    """Return the figures of a taste, see ``FingerprintSerializer``.

    Raises:
        NotEnough: there are too few copies.
    """
    return describe_taste(user, read_taste(user))


def describe_taste(user: str, copies: Items) -> dict[str, Any]:
    """Return the figures of a taste, of the copies of a user."""
    heatmap = count_cells(copies)
    return {
        "heatmap": heatmap,
        "obscurity": describe_obscurity(measure_rarity(user, copies)),
        "drift": find_drift(copies),
        "blind_spots": find_blind_spots(copies, BLIND_SPOTS),
        "peak_decade": find_peak_decade(heatmap),
    }


def list_blind_spots(user: str, limit: int) -> dict[str, Any]:
    """Return genres that a user's artists release in and the user has nothing of, ``{blind_spots}``.

    Raises:
        NotEnough: there are too few copies.
    """
    return {"blind_spots": find_blind_spots(read_taste(user), limit)}


def count_cells(copies: Items) -> Cells:
    """Return how many copies there are by genre and decade, ``{genre, decade, count}``, the most first."""
    found: Counter[tuple[str, int]] = Counter()
    for year, genres, number in copies.count_by("year", "genres"):
        if year is not None:
            for genre in genres:
                found[genre, get_decade(year)] += number
    ranked = sorted(found.items(), key=lambda cell: (-cell[1], cell[0]))
    return [{"genre": genre, "decade": decade, "count": count} for (genre, decade), count in ranked]


def measure_rarity(user: str, copies: Items) -> Rarity:
    """Return by how many others the releases of a user are owned."""
    others: dict[str, int] = dict(reading.rows(COLLECTORS, seconds=taste.SECONDS, user=UUID(user)))
    collectors = [others.get(release, 0) for release in copies.list_distinct("release")]
    return Rarity(float(median(collectors or [0])), max(collectors, default=0), len(collectors))


def find_drift(copies: Items) -> list[dict[str, Any]]:
    """Return the genre that most copies were added of in each year, ``{year, top_genre, count}``; years are texts."""
    dates, places = copies.read_column("date_added")
    genres, places_of_genres = copies.read_column("genres")
    added = [date and date[:4] for date in dates]
    counts = Counter(zip(map(added.__getitem__, places), places_of_genres, strict=True))
    years: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for (year, place), number in counts.items():
        for genre in genres[place] if year else ():
            years[year][genre] += number
    best = [(year, rank_names(years[year])[0]) for year in sorted(years)]
    return [{"year": year, "top_genre": genre, "count": count} for year, (genre, count) in best]


def find_blind_spots(copies: Items, limit: int = taste.ALL) -> list[dict[str, Any]]:
    """Return genres of which there is no copy, though the artists with most copies have releases in them.

    Each is ``{genre, artist_overlap, example_release}``.
    """
    artists = [id_ for id_, _ in rank_makers(copies, "artists", LEADING_ARTISTS)]
    return taste.find_blind_spots(artists, sorted(list_genres(copies)), limit)


def list_genres(copies: Items) -> set[str]:
    """Return the genres of copies."""
    return {name for genres in copies.list_distinct("genres") for name in genres}


def rank_makers(copies: Items, field: str, limit: int) -> list[tuple[str, int]]:
    """Return ``limit`` (id, copies) of ``artists`` or ``labels``, those with most copies first, then by id."""
    counts: dict[str, int] = {}
    for entities, number in copies.count_by(field):
        for id_, _ in entities:
            counts[id_] = counts.get(id_, 0) + number
    # Most have a copy or two and need not be compared by id.
    least = min(nlargest(limit, counts.values()), default=0)
    leading = ((id_, count) for id_, count in counts.items() if count >= least)
    return sorted(leading, key=lambda each: (-each[1], each[0]))[:limit]


def list_top_labels(copies: Items, limit: int) -> list[tuple[str, int]]:
    """Return (name, copies) of the labels with most copies."""
    ranked = rank_entities(count_named(copies.count_by("labels")), limit)
    return [(name, count) for name, count in ranked if name is not None]


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
