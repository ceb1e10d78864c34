"""The children of an entity, by its name or its id: what ``/api/expand`` answers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

from rest_framework.exceptions import NotFound

from apps.api.caching import SHORT, cache_json
from apps.graph.readers import entities, expanding
from apps.graph.readers.expanding import Year

# The van der Corput order: each further year halves the largest gap between those that came before.
# Bits of a year that ``reverse_bits`` reverses: 2,048 years.
YEAR_BITS = 11
# The most releases of a sample. Beyond these a map is a cloud: the list of the entity's own page shows all.
LARGEST = 390


class EntityReference(NamedTuple):
    """A reference to an entity: its kind, and its id or else its exact name."""

    kind: str
    name: str
    id: str | None = None

    @classmethod
    def from_request(cls, kind: str, name: str | None, id_: str | None) -> EntityReference:
        """Make a reference of a request's parameters; the id of a genre or a style is its name."""
        if id_ and kind in entities.OF_NAME:
            return cls(kind, "", id_)
        return cls(kind, id_ or name or "")

    @property
    def key(self) -> str:
        """Its part of a cache key."""
        return self.name if self.id is None else f"id:{self.id}"

    def make_not_found(self) -> NotFound:
        """Return the error that there is no such entity."""
        return NotFound(f"{self.kind.capitalize()} {self.id or repr(self.name)} not found")


def list_children(
    entity: EntityReference,
    category: str,
    *,
    offset: int,
    limit: int,
    before_year: int | None = None,
    order: str | None = None,
    fields: Collection[str] = (),
) -> dict[str, Any]:
    """Return a page of children, ``{children, total, offset, limit, has_more}``.

    ``order`` is one of ``expanding.ORDERS`` and concerns releases. A sample is spread evenly over the years, has works
    rather than editions, and is the same each time (decision 141); if several entities share the name, it is that of
    the smallest id. With ``years`` in ``fields``, children other than releases have ``first_year`` and ``last_year``,
    which may be None.
    """
    page: dict[str, Any] = {"offset": offset, "limit": limit, "before_year": before_year}
    if category == "releases" and order == "sample":
        return {**sample_releases(entity, **page), "offset": offset, "limit": limit}
    kind, name, id_ = entity
    found = expanding.read_page(kind, name, category, **page, id_=id_, oldest_first=order == "year")
    if "years" in fields and category != "releases":
        spans = expanding.get_spans(kind, name, category, [each["id"] for each in found.children], id_)
        for each in found.children:
            each["first_year"], each["last_year"] = spans.get(each["id"], (None, None))
    return {
        "children": found.children,
        "total": found.total,
        "offset": offset,
        "limit": limit,
        "has_more": offset + len(found.children) < found.total,
    }


def sample_releases(entity: EntityReference, *, offset: int, limit: int, before_year: int | None) -> dict[str, Any]:
    """Return a page of the sample of an entity's releases; ``total`` counts all its releases."""
    id_ = entity.id or entities.find_id(entity.kind, entity.name)
    discography = list_works(entity.kind, id_, LARGEST) if id_ else []
    ids = order_releases(discography, before_year)
    children = [
        {"id": release_id, "name": name, "type": "release", "year": year}
        for release_id, name, year in expanding.list_releases(ids[offset : offset + limit])
    ]
    # Of all releases, not of the sample: the caller says "30 of 1,204".
    total = sum(each.releases for each in discography if before_year is None or 0 < each.year <= before_year)
    return {"children": children, "total": total, "has_more": offset + limit < len(ids)}


def order_releases(years: Iterable[Year], until: int | None = None) -> list[str]:
    """Return the ids of releases in a fixed order, any first part of which is spread evenly over the years.

    One release of each year comes before a second one of any, and among years those far apart come first. So a longer
    sample only adds to a shorter one, and ``until`` does not change the order of what is left. Later editions of a
    work come after all first ones, and releases without a year come last; with ``until``, these and later releases are
    left out.
    """
    ranked: list[tuple[int, int, int, int, str]] = []
    seen: set[str] = set()
    # From the oldest year on, so that the first edition of a work is the one that counts as its first.
    for year in sorted(years, key=lambda each: each.year or 9999):
        if until is not None and not 0 < year.year <= until:
            continue
        turn = 0
        for at, (id_, work) in enumerate(year.works):
            is_again = work in seen
            seen.add(work)
            # ``turn`` counts only first editions: a year with many reissues would otherwise use up its turns on them.
            ranked.append((int(year.year == 0), int(is_again), at if is_again else turn, reverse_bits(year.year), id_))
            turn += not is_again
    return [id_ for *_, id_ in sorted(ranked, key=lambda each: (*each[:4], len(each[4]), each[4]))]


def reverse_bits(year: int) -> int:
    """Return the bits of a year in reverse order: sorted by this number, neighbouring years are far apart."""
    return int(f"{year % 2**YEAR_BITS:0{YEAR_BITS}b}"[::-1], 2)


def list_children_of_categories(entity: EntityReference, categories: Sequence[str], **options: Any) -> dict[str, Any]:
    """Return a page of the children of each of some categories, by category, as ``list_children`` does."""
    return {category: list_children(entity, category, **options) for category in categories}


def list_works(kind: str, id_: str, limit: int) -> list[Year]:
    """Return the years of an entity's releases with the first works of each, from the cache."""
    found = cache_json(
        f"works:{kind}:{id_}:{limit}", SHORT, lambda: [asdict(each) for each in expanding.list_works(kind, id_, limit)]
    )
    return [Year(each["year"], each["releases"], [(id_, work) for id_, work in each["works"]]) for each in found]
