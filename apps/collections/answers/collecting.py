"""A user's collection and wantlist: pages of them, figures, and how they spread over years."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from itertools import pairwise
from math import log2
from typing import Any

from apps.catalog import reading
from apps.collections import library
from apps.collections.library import Entity, Item, Items, get_first_name
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


# Order → the field that items are ordered by, and what of its values counts.
SORTS: dict[str, tuple[str, Callable[[Any], int | str | None]]] = {
    "added": ("date_added", lambda date: date),
    "artist": ("artists", lambda artists: lower(get_first_name(artists))),
    "label": ("labels", lambda labels: lower(get_first_name(labels))),
    "rating": ("rating", lambda rating: rating),
    "title": ("title", lower),
    "year": ("year", lambda year: year),
}
# What copies are counted by over the years → the field with its names.
METRICS = {"genre": "genres", "style": "styles", "label": "labels"}
# In which a text is looked for, beside the names of artists and labels.
TEXTS = ("title", "catalog_number")


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

    def select(self, items: Items) -> list[int]:
        """Return the places of the items that match, in order.

        Those without a value are last, or first if the order is descending.
        """
        found: Iterable[int] = range(len(items))
        for fields in self.list_conditions():
            flags = [items.list_flags(field, has_value) for field, has_value in fields.items()]
            is_right = list(map(any, zip(*flags, strict=True)))
            found = [each for each in found if is_right[each]]
        field, key = SORTS[self.sort]
        values, places = items.read_column(field)
        keys = [key(value) for value in values]
        ranks = {value: rank for rank, value in enumerate(sorted({each for each in keys if each is not None}))}
        order = [len(ranks) if each is None else ranks[each] for each in keys]
        # Python keeps the order of equal ones, also backwards.
        return sorted(found, key=lambda each: order[places[each]], reverse=self.is_descending)

    def list_conditions(self) -> Iterator[dict[str, Callable[[Any], bool]]]:
        """Yield the conditions for an item: field → what its value must be; one field of each condition will do."""
        if self.folder is not None:
            yield {"folder": lambda folder: folder == self.folder}
        if self.format is not None:
            yield {"formats": lambda formats: self.format in formats}
        if (first := self.decade) is not None:
            yield {"year": lambda year: year is not None and first <= year < first + 10}
        if self.genre is not None:
            yield {"genres": lambda genres: self.genre in genres}
        if self.text is not None:
            text = self.text.lower()
            in_text = {field: lambda value: value is not None and text in value.lower() for field in TEXTS}
            in_names = {field: lambda value: has_name(value, text) for field in ("artists", "labels")}
            yield {**in_text, **in_names}


def has_name(entities: Iterable[Entity], text: str) -> bool:
    """Tell whether a text in lower case is in the name of an artist or label."""
    return any(name and text in name.lower() for _, name in entities)


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
    items = library.read_copies(user)
    found = selection.select(items)
    copies = [items[each] for each in found[offset : offset + limit]]
    releases = [{**describe_item(each), "folder_id": each.folder} for each in copies]
    return {"user_id": user, "releases": releases, **describe_page(len(releases), len(found), limit, offset)}


def list_wantlist(user: str, selection: Selection, limit: int, offset: int) -> dict[str, Any]:
    """Return a page of a wantlist, ``{releases, total, offset, limit, has_more}``."""
    items = library.read_wants(user)
    found = selection.select(items)
    releases = [describe_item(items[each]) for each in found[offset : offset + limit]]
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
    ratings = [rating for rating in copies.list_values("rating") if rating]
    labels = count_entities(copies.count_by("labels"))
    artists = {id_ for entities in copies.list_distinct("artists") for id_, _ in entities}
    genres = count_names(copies.count_by("genres"))
    decades: Counter[int] = Counter()
    for year, number in copies.count_by("year"):
        if year is not None:
            decades[get_decade(year)] += number
    return {
        "user_id": user,
        "total": len(copies),
        "unique_artists": len(artists),
        "unique_labels": len(labels),
        "average_rating": sum(ratings) / len(ratings) if ratings else None,
        "by_genre": [{"name": name, "count": count} for name, count in rank_names(genres)[:MOST_NAMES]],
        "by_decade": [{"decade": decade, "count": decades[decade]} for decade in sorted(decades)],
        "by_label": [{"name": name, "count": count} for name, count in rank_entities(labels, MOST_NAMES)],
    }


def count_entities(counts: Iterable[tuple[Sequence[Entity], int]]) -> dict[tuple[str, str | None], int]:
    """Return how often each artist or label comes; ``counts``: lists of them, and how often each list comes."""
    found: dict[tuple[str, str | None], int] = {}
    for entities, number in counts:
        for id_, name in entities:
            found[id_, name] = found.get((id_, name), 0) + number
    return found


def count_named(counts: Iterable[tuple[Sequence[Entity], int]]) -> dict[tuple[str, str | None], int]:
    """Return the same of those that have a name."""
    return {entity: number for entity, number in count_entities(counts).items() if entity[1] is not None}


def count_names(counts: Iterable[tuple[Sequence[str], int]]) -> dict[str, int]:
    """Return how often each name comes, likewise."""
    found: dict[str, int] = {}
    for names, number in counts:
        for name in names:
            found[name] = found.get(name, 0) + number
    return found


def rank_entities(counts: Mapping[tuple[str, str | None], int], limit: int) -> list[tuple[str | None, int]]:
    """Return ``limit`` (name, count), the most frequent first, then by name, those without one last, and id."""
    keys = ((-count, name is None, name or "", id_) for (id_, name), count in counts.items())
    return [(None if is_nameless else name, -count) for count, is_nameless, name, _ in nsmallest(limit, keys)]


def rank_names(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return (name, count), the most frequent first, then by name."""
    return sorted(counts.items(), key=lambda each: (-each[1], each[0]))


def get_decade(year: int) -> int:
    """Return the first year of a decade."""
    return year - year % 10


def build_timeline(user: str, bucket: str) -> dict[str, Any]:
    """Return the releases of a collection by ``year`` or ``decade``, and what that shows."""
    copies = library.read_copies(user)
    fields = ("genres", "labels", "styles")
    counts = {field: group_by_year(copies.count_releases("year", field), bucket) for field in fields}
    timeline: list[dict[str, Any]] = []
    genres: Counter[str] = Counter()
    styles = []
    for year in sorted(counts["genres"]):
        of_bucket = dict(rank_names(count_names(counts["genres"][year])))
        labels = rank_entities(count_named(counts["labels"][year]), TOP_LABELS)
        genres.update(of_bucket)
        styles.append({name for names, _ in counts["styles"][year] for name in names})
        timeline.append(
            {
                "year": year,
                "count": sum(number for _, number in counts["genres"][year]),
                "genres": of_bucket,
                "top_labels": [name for name, _ in labels],
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


def group_by_year(counts: Iterable[tuple[Any, ...]], bucket: str = "year") -> dict[int, list[tuple[Any, int]]]:
    """Return (value, number) by the ``year`` or ``decade`` of rows (year, value, number); no year is left out."""
    found: defaultdict[int, list[tuple[Any, int]]] = defaultdict(list)
    for year, value, number in counts:
        if year is not None and year > 0:
            found[get_decade(year) if bucket == "decade" else year].append((value, number))
    return found


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
    by_year = group_by_year(library.read_copies(user).count_by("year", METRICS[metric]))
    years: dict[int, dict[str, int]] = {}
    for year, counts in by_year.items():
        if found := count_names(name_labels(counts) if metric == "label" else counts):
            years[year] = found
    data = [{"year": year, "values": dict(rank_names(years[year]))} for year in sorted(years)]
    summary = {"total_years": len(data), "unique_values": len({name for values in years.values() for name in values})}
    return {"metric": metric, "data": data, "summary": summary}


def name_labels(counts: Iterable[tuple[Sequence[Entity], int]]) -> Iterator[tuple[list[str], int]]:
    """Yield the names in lists of labels, with how often each list comes."""
    return (([name for _, name in labels if name is not None], number) for labels, number in counts)


def read_statuses(user: str | None, ids: Iterable[str]) -> dict[str, Any]:
    """Return whether a user owns and wants releases, by id in the order given; without a user nothing."""
    wanted = list(dict.fromkeys(ids))
    nothing = {"in_collection": False, "in_wantlist": False}
    known = collecting.read_ownership(user, wanted) if user and wanted else {}
    return {"status": {each: known.get(each, nothing) for each in wanted}}


def list_formats(user: str) -> dict[str, Any]:
    """Return the names of the formats in a collection, ``{formats}``, ascending."""
    return {"formats": [name for (name,) in reading.rows(FORMATS, seconds=SECONDS, user=user)]}
