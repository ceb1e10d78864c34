"""A user's collection and wantlist: pages of them, figures, and how they spread over years."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log2
from typing import Any

from apps.catalog import reading
from apps.collections import library
from apps.collections.library import Entity, Item
from apps.graph.readers import collecting

# Seconds for the one question that PostgreSQL answers alone.
SECONDS = 5
MOST_NAMES, TOP_LABELS, TOP_STYLES = 20, 5, 10

FORMATS = """
SELECT DISTINCT format ->> 'name' COLLATE "C" AS name
FROM user_collections,
    jsonb_array_elements(CASE jsonb_typeof(formats) WHEN 'array' THEN formats ELSE '[]' END) AS format
WHERE user_id = %(user)s AND format ->> 'name' <> ''
ORDER BY name
"""


def lower(text: str | None) -> str | None:
    """Return a text in lower case; None for none."""
    return text and text.lower()


# Order → what items are ordered by.
SORTS: dict[str, Callable[[Item], int | str | None]] = {
    "added": lambda item: item.date_added,
    "artist": lambda item: lower(item.artist),
    "label": lambda item: lower(item.label),
    "rating": lambda item: item.rating,
    "title": lambda item: lower(item.title),
    "year": lambda item: item.year,
}
# What copies are counted by over the years → its names.
METRICS: dict[str, Callable[[Item], Iterable[str]]] = {
    "genre": lambda item: item.genres,
    "style": lambda item: item.styles,
    "label": lambda item: [name for _, name in item.labels if name is not None],
}


@dataclass(frozen=True, slots=True)
class Selection:
    """Which items of a list, in which order; None is any. ``sort``: one of ``SORTS``; ``decade``: its first year."""

    sort: str = "added"
    is_descending: bool = True
    text: str | None = None
    genre: str | None = None
    decade: int | None = None
    format: str | None = None
    folder: int | None = None

    def select(self, items: Iterable[Item]) -> list[Item]:
        """Return the items that match, in order; those without a value last, or first if the order is descending."""
        value = SORTS[self.sort]
        found = sorted(filter(self.matches, items), key=lambda item: (item.release, item.instance))
        # Python keeps the order of equal ones, also backwards.
        return sorted(found, key=lambda item: order_none_last(value(item)), reverse=self.is_descending)

    def matches(self, item: Item) -> bool:
        """Tell whether an item is asked for."""
        return (
            (self.folder is None or item.folder == self.folder)
            and (self.format is None or self.format in item.formats)
            and (self.decade is None or (item.year is not None and self.decade <= item.year < self.decade + 10))
            and (self.genre is None or self.genre in item.genres)
            and (self.text is None or has_text(item, self.text.lower()))
        )


def order_none_last(value: int | str | None) -> tuple[bool, int | str]:
    """Return a key by which None is behind all other values."""
    return value is None, 0 if value is None else value


def has_text(item: Item, text: str) -> bool:
    """Tell whether a text in lower case is in an item's title, catalogue number, artists or labels."""
    names = (name for _, name in (*item.artists, *item.labels))
    return any(each and text in each.lower() for each in (item.title, item.catalog_number, *names))


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
    found = selection.select(library.read_copies(user))
    releases = [{**describe_item(each), "folder_id": each.folder} for each in found[offset : offset + limit]]
    return {"user_id": user, "releases": releases, **describe_page(len(releases), len(found), limit, offset)}


def list_wantlist(user: str, selection: Selection, limit: int, offset: int) -> dict[str, Any]:
    """Return a page of a wantlist, ``{releases, total, offset, limit, has_more}``."""
    found = selection.select(library.read_wants(user))
    releases = [describe_item(each) for each in found[offset : offset + limit]]
    return {"releases": releases, **describe_page(len(releases), len(found), limit, offset)}


def describe_item(item: Item) -> dict[str, Any]:
    """Return a copy or a want as lists have it."""
    return {
        "id": item.release,
        "title": item.title,
        "year": item.year,
        "catalog_number": item.catalog_number,
        "artist": item.artist,
        "label": item.label,
        "genres": list(item.genres),
        "styles": list(item.styles),
        "rating": item.rating,
        "date_added": item.date_added,
    }


def describe_page(count: int, total: int, limit: int, offset: int) -> dict[str, Any]:
    """Return where a page of a list is."""
    return {"total": total, "offset": offset, "limit": limit, "has_more": offset + count < total}


def compute_statistics(user: str) -> dict[str, Any]:
    """Return the figures of a collection, see ``StatisticsSerializer``."""
    copies = library.read_copies(user)
    ratings = [each.rating for each in copies if each.rating]
    labels = count_entities(each.labels for each in copies)
    artists = {id_ for each in copies for id_, _ in each.artists}
    genres = Counter(name for each in copies for name in each.genres)
    decades = Counter(get_decade(each.year) for each in copies if each.year is not None)
    return {
        "user_id": user,
        "total": len(copies),
        "unique_artists": len(artists),
        "unique_labels": len(labels),
        "average_rating": sum(ratings) / len(ratings) if ratings else None,
        "by_genre": [{"name": name, "count": count} for name, count in rank_names(genres)[:MOST_NAMES]],
        "by_decade": [{"decade": decade, "count": decades[decade]} for decade in sorted(decades)],
        "by_label": [{"name": name, "count": count} for _, name, count in rank_entities(labels)[:MOST_NAMES]],
    }


def count_entities(lists: Iterable[Iterable[Entity]]) -> Counter[Entity]:
    """Return how often each artist or label comes."""
    return Counter((id_, name) for entities in lists for id_, name in entities)


def rank_entities(counts: Mapping[Entity, int]) -> list[tuple[str, str | None, int]]:
    """Return (id, name, count), the most frequent first, then by name, those without one last, and id."""
    found = [(id_, name, count) for (id_, name), count in counts.items()]
    return sorted(found, key=lambda each: (-each[2], order_none_last(each[1]), each[0]))


def rank_names(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return (name, count), the most frequent first, then by name."""
    return sorted(counts.items(), key=lambda each: (-each[1], each[0]))


def get_decade(year: int) -> int:
    """Return the first year of a decade."""
    return year - year % 10


def build_timeline(user: str, bucket: str) -> dict[str, Any]:
    """Return the releases of a collection by ``year`` or ``decade``, and what that shows."""
    by_bucket: dict[int, list[Item]] = {}
    for item in {each.release: each for each in library.read_copies(user)}.values():
        if item.year is not None and item.year > 0:
            by_bucket.setdefault(get_decade(item.year) if bucket == "decade" else item.year, []).append(item)
    timeline: list[dict[str, Any]] = []
    genres: Counter[str] = Counter()
    styles = []
    for year in sorted(by_bucket):
        items = by_bucket[year]
        of_bucket = dict(rank_names(Counter(name for each in items for name in each.genres)))
        labels = count_entities([entity for entity in each.labels if entity[1] is not None] for each in items)
        genres.update(of_bucket)
        styles.append({name for each in items for name in each.styles})
        timeline.append(
            {
                "year": year,
                "count": len(items),
                "genres": of_bucket,
                "top_labels": [name for _, name, _ in rank_entities(labels)[:TOP_LABELS]],
                "top_styles": sorted(styles[-1])[:TOP_STYLES],
            }
        )
    return {
        "user_id": user,
        "timeline": timeline,
        "insights": {
            "peak_year": max(timeline, key=lambda each: each["count"])["year"] if timeline else None,
            "dominant_genre": max(genres, key=lambda each: genres[each]) if genres else None,
            "genre_diversity_score": compute_diversity(genres.values()),
            "style_drift_rate": compute_drift(styles),
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
    names = METRICS[metric]
    years: dict[int, Counter[str]] = {}
    for item in library.read_copies(user):
        if item.year is not None and item.year > 0 and (found := names(item)):
            years.setdefault(item.year, Counter()).update(found)
    data = [{"year": year, "values": dict(rank_names(years[year]))} for year in sorted(years)]
    summary = {"total_years": len(data), "unique_values": len({name for values in years.values() for name in values})}
    return {"metric": metric, "data": data, "summary": summary}


def read_statuses(user: str | None, ids: Iterable[str]) -> dict[str, Any]:
    """Return whether a user owns and wants releases, by id in the order given; without a user nothing."""
    wanted = list(dict.fromkeys(ids))
    nothing = {"in_collection": False, "in_wantlist": False}
    known = collecting.read_ownership(user, wanted) if user and wanted else {}
    return {"status": {each: known.get(each, nothing) for each in wanted}}


def list_formats(user: str) -> dict[str, Any]:
    """Return the names of the formats in a collection, ``{formats}``, ascending."""
    return {"formats": [name for (name,) in reading.rows(FORMATS, seconds=SECONDS, user=user)]}
