"""Children of an entity, a page at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from apps.graph import tallies
from apps.graph.cypher import expanding as cypher
from apps.graph.readers import entities
from apps.graph.reading import Rows, read_list, row, rows

# Parent, category → the statement of a page, the statement of the total.
STATEMENTS = {
    ("artist", "releases"): (cypher.ARTIST_RELEASES, cypher.COUNT_ARTIST_RELEASES),
    ("artist", "labels"): (cypher.ARTIST_LABELS, cypher.COUNT_ARTIST_LABELS),
    ("artist", "aliases"): (cypher.ARTIST_ALIASES, cypher.COUNT_ARTIST_ALIASES),
    ("genre", "releases"): (cypher.GENRE_RELEASES, cypher.COUNT_GENRE_RELEASES),
    ("genre", "artists"): (cypher.GENRE_ARTISTS, cypher.COUNT_GENRE_ARTISTS),
    ("genre", "labels"): (cypher.GENRE_LABELS, cypher.COUNT_GENRE_LABELS),
    ("genre", "styles"): (cypher.GENRE_STYLES, cypher.COUNT_GENRE_STYLES),
    ("label", "releases"): (cypher.LABEL_RELEASES, cypher.COUNT_LABEL_RELEASES),
    ("label", "artists"): (cypher.LABEL_ARTISTS, cypher.COUNT_LABEL_ARTISTS),
    ("label", "genres"): (cypher.LABEL_GENRES, cypher.COUNT_LABEL_GENRES),
    ("style", "releases"): (cypher.STYLE_RELEASES, cypher.COUNT_STYLE_RELEASES),
    ("style", "artists"): (cypher.STYLE_ARTISTS, cypher.COUNT_STYLE_ARTISTS),
    ("style", "labels"): (cypher.STYLE_LABELS, cypher.COUNT_STYLE_LABELS),
    ("style", "genres"): (cypher.STYLE_GENRES, cypher.COUNT_STYLE_GENRES),
}
# The years that ``before_year`` takes, and that a slider of years shows.
FIRST_YEAR, LAST_YEAR = 1900, 2030
# Category → the type of its children.
TYPES = {
    "releases": "release",
    "artists": "artist",
    "aliases": "artist",
    "labels": "label",
    "genres": "genre",
    "styles": "style",
}
# Children that ``apps.graph.tallies`` counts: their parents have too many releases to read during a request.
TALLIED = {(kind, category) for kind, category in STATEMENTS if kind in ("genre", "style") and category != "releases"}
# Orders of releases; the default is ``-year``, the latest first.
ORDERS = ("year", "-year", "sample")
# The statement of a page that begins with the oldest release.
OLDEST_FIRST = {
    "artist": cypher.ARTIST_RELEASES_OLDEST_FIRST,
    "genre": cypher.GENRE_RELEASES_OLDEST_FIRST,
    "label": cypher.LABEL_RELEASES_OLDEST_FIRST,
    "style": cypher.STYLE_RELEASES_OLDEST_FIRST,
}
# Statements of the years of children that are not tallied.
YEARS = {
    ("artist", "labels"): cypher.YEARS_OF_LABELS_OF_ARTIST,
    ("artist", "aliases"): cypher.YEARS_OF_ARTISTS,
    ("label", "artists"): cypher.YEARS_OF_ARTISTS_OF_LABEL,
    ("label", "genres"): cypher.YEARS_OF_GENRES_OF_LABEL,
}
RELEASES_OF_YEAR = {"genre": cypher.GENRE_RELEASES_OF_YEAR, "style": cypher.STYLE_RELEASES_OF_YEAR}
# Parents with more releases are read year by year: otherwise all releases would be sorted for one page.
MOST_SORTED = 10_000
NAMES = {"artist": cypher.NAME_ARTISTS, "label": cypher.NAME_LABELS}
# The works of which a sample is made.
WORKS = {
    "artist": cypher.WORKS_OF_ARTIST,
    "label": cypher.WORKS_OF_LABEL,
    "genre": cypher.WORKS_OF_GENRE,
    "style": cypher.WORKS_OF_STYLE,
}
RELEASES_OF_YEARS = {"genre": cypher.RELEASES_OF_YEARS_OF_GENRE, "style": cypher.RELEASES_OF_YEARS_OF_STYLE}


@dataclass(frozen=True, slots=True)
class Year:
    """A year (0: unknown), its number of releases, and some of its works as (id of a release, id of the work)."""

    year: int
    releases: int
    works: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the children of an entity, and how many there are in all."""

    children: Rows
    total: int


def read_page(
    kind: str,
    name: str,
    category: str,
    *,
    offset: int,
    limit: int,
    before_year: int | None = None,
    id_: str | None = None,
    oldest_first: bool = False,
) -> Page:
    """Return a page of the children of all entities of a kind that have a name; none if there is no such entity.

    With ``id_`` only of that artist or label. Releases are sorted by year, latest or oldest first and those without a
    year last; other children by the number of releases that connect them. ``before_year`` leaves out later releases and
    those without a year.
    """
    page: dict[str, Any] = {"offset": offset, "limit": limit, "before_year": before_year}
    if (kind, category) in TALLIED:
        found = read_tallied_page(kind, name, category, **page)
    elif kind in RELEASES_OF_YEAR and category == "releases":
        found = read_page_by_year(kind, name, **page, oldest_first=oldest_first)
    else:
        found = None
    return found or traverse_page(kind, name, category, **page, id_=id_, oldest_first=oldest_first)


def get_spans(
    kind: str, name: str, category: str, ids: list[str], id_: str | None = None
) -> dict[str, tuple[int, int]]:
    """Return id → (first, last) year of some children; children without years are left out.

    The years are those of the releases that connect them to the parent; those of aliases are their own.
    Children of a genre or a style have none before maintenance has counted them.
    """
    if not ids:
        return {}
    if (kind, category) in TALLIED:
        return tallies.read_spans(f"{kind} {TYPES[category]}", name, ids)
    found = read_list(YEARS[kind, category], **entities.make_keys(kind, name, id_), ids=ids)
    return {child: (first, last) for child, first, last in found}


def read_tallied_page(
    kind: str, name: str, category: str, *, offset: int, limit: int, before_year: int | None
) -> Page | None:
    """Return a page from the tallies; None if these are not counted yet."""
    type_ = TYPES[category]
    tally = f"{kind} {type_}"
    if before_year is None:
        counts = tallies.read_page(tally, name, offset=offset, limit=limit)
        existing = count_children(kind, name, category) if counts is not None else 0
    else:
        counts, existing = tallies.read_page_before(tally, name, before_year, offset=offset, limit=limit) or (None, 0)
    if counts is None:
        return None
    # The tallies may be older than the graph: a node that was removed since then has no name and is left out.
    names = get_names(type_, [id_ for id_, _ in counts])
    children = [
        {"id": id_, "name": names[id_], "type": type_, "release_count": releases}
        for id_, releases in counts
        if id_ in names
    ]
    return Page(children, existing)


def read_page_by_year(
    kind: str, name: str, *, offset: int, limit: int, before_year: int | None, oldest_first: bool
) -> Page | None:
    """Return a page of releases, found by the number of releases of each year.

    None if the parent has few releases, if the years are not counted yet, or if the page has releases without a year.
    """
    counted = tallies.read_years(kind, name) or {}
    counts = {year: count for year, count in counted.items() if before_year is None or year <= before_year}
    dated = sum(counts.values())
    # A page that reaches the releases without a year, which come last, is read as a whole: the index by year has none.
    if dated <= MOST_SORTED or (before_year is None and offset + limit > dated):
        return None
    found: Rows = []
    passed = 0
    for year in sorted(counts, reverse=not oldest_first):
        skipped, left = max(offset - passed, 0), limit - len(found)
        if left and skipped < counts[year]:
            # The offset is that within the year: earlier years were skipped by their counts, without reading them.
            found += rows(RELEASES_OF_YEAR[kind], name=name, year=year, offset=skipped, limit=left)
        passed += counts[year]
    return Page(add_type("release", found), count_children(kind, name, "releases") if before_year is None else dated)


def count_children(kind: str, name: str, category: str) -> int:
    """Return how many children of a category an entity has."""
    entity = entities.explore_entity(kind, name)
    return entity[category] if entity else 0


def add_type(type_: str, found: Rows) -> Rows:
    """Return children with their type added, after the name."""
    return [{"id": child.pop("id"), "name": child.pop("name"), "type": type_, **child} for child in found]


def get_names(type_: str, ids: list[str]) -> dict[str, str]:
    """Return id → name of those that have a node; the name of a genre or a style is its id."""
    if type_ not in NAMES:
        return {id_: id_ for id_ in ids}
    return dict(read_list(NAMES[type_], ids=ids))


def traverse_page(
    kind: str,
    name: str,
    category: str,
    *,
    offset: int,
    limit: int,
    before_year: int | None,
    id_: str | None,
    oldest_first: bool,
) -> Page:
    """Return a page by reading the graph."""
    page, count = STATEMENTS[kind, category]
    if oldest_first and category == "releases":
        page = OLDEST_FIRST[kind]
    parent = entities.make_keys(kind, name, id_)
    found = rows(page, **parent, before_year=before_year, offset=offset, limit=limit)
    children = add_type(TYPES[category], found)
    # A page that is not full is the last one, so its end is the total. Counting costs as much as the page.
    if 0 < len(children) < limit or (not children and not offset):
        return Page(children, offset + len(children))
    counted = row(count, **parent, before_year=before_year)
    return Page(children, counted["total"] if counted else 0)


def list_works(kind: str, id_: str, limit: int) -> list[Year]:
    """Return the years of an entity's releases, and of each year up to ``limit`` works."""
    counts = tallies.read_years(kind, id_) if kind in RELEASES_OF_YEARS else None
    if counts is None or sum(counts.values()) <= MOST_SORTED:
        return [Year(year, releases, found) for year, releases, found in read_list(WORKS[kind], id=id_, limit=limit)]
    # One release more of each year than an even share: enough for any first part of the sample.
    each = min(limit, -(-limit // len(counts)) + 1)
    found = dict(read_list(RELEASES_OF_YEARS[kind], id=id_, years=sorted(counts), limit=each))
    return [Year(year, counts[year], found.get(year, [])) for year in sorted(counts)]


def list_releases(ids: Iterable[str]) -> list[tuple[str, str, int | None]]:
    """Return (id, name, year or None) of releases, in the order of their ids; one that has no node is left out."""
    wanted = list(ids)
    found = {id_: (name, year) for id_, name, year in read_list(cypher.NAME_RELEASES, ids=wanted)} if wanted else {}
    return [(id_, found[id_][0], found[id_][1] or None) for id_ in wanted if id_ in found]
