"""Figures for the internal routes: as last computed, or from the tables where that is quick."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import orjson
from django.db.models import F

from apps.catalog.reading import rows
from apps.graph.rows import NAME_CHARACTERS
from apps.graph.statistics import ids_in
from apps.insights import reading
from apps.insights.computing.artists import text_of
from apps.insights.computing.genres import TRENDS
from apps.insights.models import LeadingArtist, LeadingLabel, ReleaseRarity
from apps.insights.rarity import WEIGHTS

Row = dict[str, Any]

# Seconds of a statement.
SECONDS = 60
PAGE_ROWS = 5_000
LATEST_YEAR = 9999
GENRES = f"SELECT genre, decade, release_count FROM ({TRENDS}) AS trend ORDER BY genre, decade"
MASTERS = f"""
SELECT master.data_id::text COLLATE "C", {text_of("(master.data->'title')")}, (
        SELECT min(left(artists.data->>'name', {NAME_CHARACTERS}) COLLATE "C")
        FROM artists
        WHERE artists.data_id = ANY({ids_in("(master.data->'artists')")}) AND artists.data->>'name' <> ''
    ), (master.data->>'year')::int AS year
FROM masters AS master
WHERE (master.data->>'year')::int = ANY(%(years)s)
ORDER BY year, 1
"""


def list_artists(limit: int) -> list[Row]:
    """Return the artists with the most relationships, with or without a name."""
    found = LeadingArtist.objects.order_by("-edge_count", "artist_id")
    return [dict(each) for each in found.values("artist_id", "artist_name", "edge_count")[:limit]]


def list_genre_trends() -> list[Row]:
    """Return the releases of each genre and decade."""
    return name_columns(("genre", "decade", "release_count"), rows(GENRES, seconds=SECONDS))


def list_labels(limit: int) -> list[Row]:
    """Return the labels that have been releasing for longest, by all of their years."""
    years_active = F("last_year") - F("first_year") + 1
    found = LeadingLabel.objects.annotate(years_active=years_active).order_by("-years_active", "label_id")
    fields = ("label_id", "label_name", "first_year", "last_year", "years_active", "total_releases", "peak_decade")
    return [dict(each) for each in found.values(*fields)[:limit]]


def parse_age(text: str) -> int:
    """Return a milestone as a number; raise ValueError if it is none, or longer than any age."""
    if len(text) > len(str(LATEST_YEAR)) + 1:
        raise ValueError(text[:10])
    return int(text)


def list_anniversaries(year: int, ages: Sequence[int]) -> list[Row]:
    """Return the masters that came out one of so many years before a year."""
    years = [year - age for age in ages if 0 < year - age <= LATEST_YEAR]
    found = rows(MASTERS, seconds=SECONDS, years=years)
    return name_columns(("master_id", "title", "artist_name", "release_year"), found)


def list_completeness() -> list[Row]:
    """Return how complete the records of each type are."""
    return [
        {
            "entity_type": each.entity_type,
            "total_count": each.total_count,
            "with_image": each.with_image,
            "with_year": each.with_year,
            "with_country": each.with_country,
            "with_genre": each.with_genre,
            "completeness_pct": float(each.completeness_pct),
        }
        for each in reading.list_completeness()
    ]


def stream_scores() -> Iterator[bytes]:
    """Yield the scores of all releases as JSON, by id, without holding them all."""
    yield b'{"items":['
    last, separator = 0, b""
    fields = ("release_id", "title", "artist_name", "year", "rarity_score", "tier", "hidden_gem_score", *WEIGHTS)
    scored = ReleaseRarity.objects.order_by("release_id").values(*fields)
    while page := list(scored.filter(release_id__gt=last)[:PAGE_ROWS]):
        last = page[-1]["release_id"]
        yield separator + orjson.dumps([{**each, "release_id": str(each["release_id"])} for each in page])[1:-1]
        separator = b","
    yield b"]}"


def name_columns(names: Sequence[str], found: Sequence[tuple[Any, ...]]) -> list[Row]:
    """Return rows as objects with these keys."""
    return [dict(zip(names, each, strict=True)) for each in found]
