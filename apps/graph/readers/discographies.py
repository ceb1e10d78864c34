"""The releases of an entity: all ids, how many a year, and one page.

Pages are keyset pages: a page begins behind a release rather than at an offset, so the last one costs no more than the
first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from apps.graph import tallies
from apps.graph.cypher import discographies as cypher
from apps.graph.readers import entities
from apps.graph.readers.expanding import MOST_SORTED
from apps.graph.reading import read_list, row

RELEASES = {"artist": cypher.RELEASES_OF_ARTIST, "label": cypher.RELEASES_OF_LABEL}
YEARS = {
    "artist": cypher.YEARS_OF_ARTIST,
    "label": cypher.YEARS_OF_LABEL,
    "genre": cypher.YEARS_OF_GENRE,
    "style": cypher.YEARS_OF_STYLE,
    "master": cypher.YEARS_OF_MASTER,
}
PAGES = {
    "artist": cypher.PAGE_OF_ARTIST,
    "label": cypher.PAGE_OF_LABEL,
    "genre": cypher.PAGE_OF_GENRE,
    "style": cypher.PAGE_OF_STYLE,
    "master": cypher.PAGE_OF_MASTER,
    "person": cypher.PAGE_OF_PERSON,
}
PAGES_OF_YEARS = {
    "artist": cypher.PAGE_OF_YEARS_OF_ARTIST,
    "label": cypher.PAGE_OF_YEARS_OF_LABEL,
    "genre": cypher.PAGE_OF_YEARS_OF_GENRE,
    "style": cypher.PAGE_OF_YEARS_OF_STYLE,
}
PAGES_BEFORE = {
    "artist": cypher.PAGE_BEFORE_OF_ARTIST,
    "label": cypher.PAGE_BEFORE_OF_LABEL,
    "genre": cypher.PAGE_BEFORE_OF_GENRE,
    "style": cypher.PAGE_BEFORE_OF_STYLE,
    "master": cypher.PAGE_BEFORE_OF_MASTER,
    "person": cypher.PAGE_BEFORE_OF_PERSON,
}
PAGES_OF_YEARS_BEFORE = {
    "artist": cypher.PAGE_OF_YEARS_BEFORE_OF_ARTIST,
    "label": cypher.PAGE_OF_YEARS_BEFORE_OF_LABEL,
    "genre": cypher.PAGE_OF_YEARS_BEFORE_OF_GENRE,
    "style": cypher.PAGE_OF_YEARS_BEFORE_OF_STYLE,
}
# Kinds whose years maintenance counts, because their releases are too many to read during a request.
TALLIED = ("genre", "style")
# Sorts releases without a year behind all others.
NO_YEAR = 9999
# Sorts behind every id, which is a string of digits.
BEHIND_ALL_IDS = "~"


@dataclass(frozen=True, slots=True)
class Start:
    """Where a page begins: behind the release ``id`` of ``year`` (0: of those without one), oldest or newest first.

    Without an ``id`` it begins with the year, without a ``year`` it is the first page. If ``is_backward``, the page
    ends before that release instead.
    """

    year: int | None = None
    id: str = ""
    is_newest_first: bool = False
    is_backward: bool = False

    def get_order(self, year: int) -> int:
        """Return the place of a year in the order of the page, ascending; that of the year 0 is the last."""
        if not year:
            return NO_YEAR
        return -year if self.is_newest_first else year

    @property
    def bound(self) -> int:
        """The place of the page's own year."""
        return -NO_YEAR if self.year is None else self.get_order(self.year)


@dataclass(frozen=True, slots=True)
class Listed:
    """A release on a page; its year (0: none), and the roles of the person whose credits these are."""

    id: str
    year: int
    roles: Sequence[str] = ()


def list_release_ids(kind: str, entity_id: str) -> list[str] | None:
    """Return the ids of all releases of an artist or a label, in no order; None if there is no such entity."""
    found = row(RELEASES[kind], id=entity_id)
    return None if found is None else found["ids"]


def count_years(kind: str, id_: str) -> list[tuple[int, int]]:
    """Return (year, releases), ascending; the year 0 stands for none, and is first."""
    counts = tallies.read_years(kind, id_) if kind in TALLIED else None
    if counts is None:
        return [(year, releases) for year, releases in read_list(YEARS[kind], id=id_)]
    # Maintenance counts only releases with a year. What the node counts beyond those has none. It may be a moment older
    # or newer than the tallies, hence the 0 as the least.
    total = (entities.explore_entity(kind, id_) or {}).get("releases", 0)
    undated = max(0, total - sum(counts.values()))
    return [*([(0, undated)] if undated else []), *sorted(counts.items())]


def read_page(kind: str, id_: str, counts: Sequence[tuple[int, int]], start: Start, limit: int) -> list[Listed]:
    """Return a page of releases: by year and, in a year, by id; those without a year last.

    ``counts`` is what ``count_years`` returns. Of a genre or a style with more than ``MOST_SORTED`` releases, those
    without a year are left out. A page that ends before a release has up to ``limit`` releases that precede it.
    """
    found = read_nearest(kind, id_, counts, start, limit)
    return found[::-1] if start.is_backward else found


def read_nearest(kind: str, id_: str, counts: Sequence[tuple[int, int]], start: Start, limit: int) -> list[Listed]:
    """Return the releases of a page, the one beside its start first."""
    # Backwards from a release without a year, a page may have releases with and without one.
    is_mixed = start.is_backward and start.bound == NO_YEAR and has_undated(kind, counts)
    if kind not in PAGES_OF_YEARS or not is_large(counts) or is_mixed:
        return walk_page(kind, id_, start, limit)
    pages = PAGES_OF_YEARS_BEFORE if start.is_backward else PAGES_OF_YEARS
    # Each year gives up to ``limit`` releases in the order of the page, so the years one behind the other are that
    # order.
    found: list[Listed] = []
    if bounds := find_bounds(counts, start, limit):
        for of_year in read_list(pages[kind], id=id_, bounds=bounds, limit=limit):
            found += [Listed(id_, year) for id_, year in of_year]
    if len(found) < limit and not start.is_backward and has_undated(kind, counts):
        undated = start if start.bound == NO_YEAR else Start(0, "", start.is_newest_first)
        found += walk_page(kind, id_, undated, limit - len(found))
    return found[:limit]


def has_earlier(counts: Sequence[tuple[int, int]], start: Start) -> bool:
    """Tell whether releases precede a page that begins at ``start``, by the counts of ``count_years``."""
    return bool(start.id) or any(start.get_order(year) < start.bound for year, _ in counts)


def is_large(counts: Sequence[tuple[int, int]]) -> bool:
    """Tell whether an entity has more releases than a request can sort."""
    return sum(releases for _, releases in counts) > MOST_SORTED


def has_undated(kind: str, counts: Sequence[tuple[int, int]]) -> bool:
    """Tell whether pages have releases without a year; those of a large genre or style do not."""
    return kind not in TALLIED or not is_large(counts)


def walk_page(kind: str, id_: str, start: Start, limit: int) -> list[Listed]:
    """Return a page by reading all releases of the entity, the release beside its start first."""
    pages, beside = (PAGES_BEFORE, "before") if start.is_backward else (PAGES, "after")
    given: dict[str, Any] = {"sign": -1 if start.is_newest_first else 1, "year": start.bound, beside: start.id}
    found = read_list(pages[kind], id=id_, limit=limit, **given)
    return [Listed(release_id, year or 0, *map(sorted, roles)) for release_id, year, *roles in found]


def find_bounds(counts: Sequence[tuple[int, int]], start: Start, limit: int) -> list[tuple[int, str]]:
    """Return the years that a page may lie in, nearest first, each with the id beside which it begins."""
    found: list[tuple[int, str]] = []
    left = limit
    no_bound = BEHIND_ALL_IDS if start.is_backward else ""
    for year, releases in sorted(counts, key=lambda each: start.get_order(each[0]), reverse=start.is_backward):
        order = start.get_order(year)
        if not year or (order > start.bound if start.is_backward else order < start.bound):
            continue
        is_first = order == start.bound
        found.append((year, start.id if is_first else no_bound))
        # So one year more is read than may be needed, rather than a page that is too short.
        # How much of the first year is left is not known.
        left -= 0 if is_first else releases
        if left <= 0:
            break
    return found
