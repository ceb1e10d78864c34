"""A user's collection and wantlist: pages of them, figures, and how they spread over years."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from math import log2
from typing import Any

from apps.catalog import reading
from apps.graph.readers import collecting
from apps.graph.readers.collecting import Selection

# Seconds for the one question that PostgreSQL answers.
SECONDS = 5
TOP_STYLES = 10

FORMATS = """
SELECT DISTINCT format ->> 'name' COLLATE "C" AS name
FROM user_collections,
    jsonb_array_elements(CASE jsonb_typeof(formats) WHEN 'array' THEN formats ELSE '[]' END) AS format
WHERE user_id = %(user)s AND format ->> 'name' <> ''
ORDER BY name
"""


def make_selection(query: Mapping[str, Any]) -> Selection:
    """Return which items are asked for, in which order, from the parameters of a list."""
    sort = query["sort"]
    return Selection(
        sort=sort.removeprefix("-"),
        is_descending=sort.startswith("-"),
        text=query["q"].strip() or None,
        genre=query["genre"] or None,
        decade=query.get("decade"),
        format=query["format"] or None,
        folder=query.get("folder"),
    )


def list_collection(user: str, selection: Selection, limit: int, offset: int) -> dict[str, Any]:
    """Return a page of a collection, an entry a copy: ``{user_id, releases, total, offset, limit, has_more}``."""
    releases, total = collecting.list_items(user, selection, limit, offset, wanted=False)
    return {"user_id": user, "releases": releases, **describe_page(len(releases), total, limit, offset)}


def list_wantlist(user: str, selection: Selection, limit: int, offset: int) -> dict[str, Any]:
    """Return a page of a wantlist, ``{releases, total, offset, limit, has_more}``."""
    releases, total = collecting.list_items(user, selection, limit, offset, wanted=True)
    for each in releases:
        del each["folder_id"]
    return {"releases": releases, **describe_page(len(releases), total, limit, offset)}


def describe_page(count: int, total: int, limit: int, offset: int) -> dict[str, Any]:
    """Return where a page of a list is."""
    return {"total": total, "offset": offset, "limit": limit, "has_more": offset + count < total}


def compute_statistics(user: str) -> dict[str, Any]:
    """Return the figures of a collection, see ``StatisticsSerializer``."""
    return {"user_id": user, **collecting.compute_statistics(user)}


def build_timeline(user: str, bucket: str) -> dict[str, Any]:
    """Return the releases of a collection by ``year`` or ``decade``, and what that shows."""
    buckets = collecting.read_timeline(user, 10 if bucket == "decade" else 1)
    genres: Counter[str] = Counter()
    for each in buckets:
        genres.update(dict(each["genres"]))
    return {
        "user_id": user,
        "timeline": [
            {
                "year": each["year"],
                "count": each["count"],
                "genres": dict(each["genres"]),
                "top_labels": each["labels"],
                "top_styles": each["styles"][:TOP_STYLES],
            }
            for each in buckets
        ],
        "insights": {
            "peak_year": max(buckets, key=lambda each: each["count"])["year"] if buckets else None,
            "dominant_genre": max(genres, key=lambda each: genres[each]) if genres else None,
            "genre_diversity_score": compute_diversity(genres.values()),
            "style_drift_rate": compute_drift([set(each["styles"]) for each in buckets]),
        },
    }


def compute_diversity(counts: Iterable[int]) -> float:
    """Return how evenly counts are spread, 0 to 1: their entropy, as a share of the largest possible."""
    counts = list(counts)
    total = sum(counts)
    if len(counts) < 2:
        return 0.0
    entropy = -sum(each / total * log2(each / total) for each in counts)
    return round(entropy / log2(len(counts)), 2)


def compute_drift(sets: Sequence[set[str]]) -> float:
    """Return how much sets differ from the one before, 0 to 1: the mean of the Jaccard distances."""
    distances = [1 - len(before & after) / len(before | after) for before, after in pairwise(sets) if before | after]
    return round(sum(distances) / len(distances), 2) if distances else 0.0


def count_evolution(user: str, metric: str) -> dict[str, Any]:
    """Return the copies of a collection by release year and ``genre``, ``style`` or ``label``."""
    data = [{"year": each["year"], "values": dict(each["counts"])} for each in collecting.count_by_year(user, metric)]
    names = {name for each in data for name in each["values"]}
    return {"metric": metric, "data": data, "summary": {"total_years": len(data), "unique_values": len(names)}}


def read_statuses(user: str | None, ids: Iterable[str]) -> dict[str, Any]:
    """Return whether a user owns and wants releases, by id in the order given; without a user nothing."""
    wanted = list(dict.fromkeys(ids))
    nothing = {"in_collection": False, "in_wantlist": False}
    known = collecting.read_ownership(user, wanted) if user and wanted else {}
    return {"status": {each: known.get(each, nothing) for each in wanted}}


def list_formats(user: str) -> dict[str, Any]:
    """Return the names of the formats in a collection, ``{formats}``, ascending."""
    return {"formats": [name for (name,) in reading.rows(FORMATS, seconds=SECONDS, user=user)]}
