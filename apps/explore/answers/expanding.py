"""The children of an entity, by its name or its id: what ``/api/expand`` answers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

from rest_framework.exceptions import NotFound

from apps.api.caching import SHORT, cache_json
from apps.graph.readers import entities, expanding
from apps.graph.readers.expanding import Year

# Bits of a year that are turned round: 2,048 years.
YEAR_BITS = 11
# The most releases of a sample. Beyond these a map is a cloud: the list of the entity's own page shows all.
LARGEST = 390


class EntityReference(NamedTuple):
    """An entity that is asked for: its kind, and its id or else its exact name."""

    kind: str
    name: str
    id: str | None = None

    @classmethod
    def from_request(cls, kind: str, name: str | None, id_: str | None) -> EntityReference:
        """Return it by what a request says; the id of a genre or a style is its name."""
        if id_ and kind in entities.OF_NAME:
            return cls(kind, "", id_)
        return cls(kind, id_ or name or "")

    @property
    def key(self) -> str:
        """What tells it from others in a key of the cache."""
        return self.name if self.id is None else f"id:{self.id}"

    def make_not_found(self) -> NotFound:
        """Return the error that there is none."""
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

    ``order`` is of releases, one of ``expanding.ORDERS``. A sample is even over the years, has works rather than
    editions, and is the same each time (decision 141); of several entities of one name it is that of the smallest id.
    With ``years`` in ``fields``, children other than releases have ``first_year`` and ``last_year``, maybe None.
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
    """Return a part of the sample of an entity's releases; ``total`` counts all of them."""
    id_ = entity.id or entities.find_id(entity.kind, entity.name)
    discography = list_works(entity.kind, id_, LARGEST) if id_ else []
    ids = order_releases(discography, before_year)
    children = [
        {"id": release_id, "name": name, "type": "release", "year": year}
        for release_id, name, year in expanding.list_releases(ids[offset : offset + limit])
    ]
    total = sum(each.releases for each in discography if before_year is None or 0 < each.year <= before_year)
    return {"children": children, "total": total, "has_more": offset + limit < len(ids)}


def order_releases(years: Iterable[Year], until: int | None = None) -> list[str]:
    """Return the ids of releases in the order of which any first part is spread over the years.

    A work that comes again in a later year comes after all that do not, and releases without a year come last; with
    ``until``, they and later ones do not come at all.
    """
    ranked: list[tuple[int, int, int, int, str]] = []
    seen: set[str] = set()
    for year in sorted(years, key=lambda each: each.year or 9999):
        if until is not None and not 0 < year.year <= until:
            continue
        turn = 0
        for at, (id_, work) in enumerate(year.works):
            is_again = work in seen
            seen.add(work)
            ranked.append((int(year.year == 0), int(is_again), at if is_again else turn, reverse_bits(year.year), id_))
            turn += not is_again
    return [id_ for *_, id_ in sorted(ranked, key=lambda each: (*each[:4], len(each[4]), each[4]))]


def reverse_bits(year: int) -> int:
    """Return the bits of a year in reverse: neighbours are far apart in the order of this number."""
    return int(f"{year % 2**YEAR_BITS:0{YEAR_BITS}b}"[::-1], 2)


def list_children_of_categories(entity: EntityReference, categories: Sequence[str], **options: Any) -> dict[str, Any]:
    """Return a page of the children of each of some categories, by category, as ``list_children`` does."""
    return {category: list_children(entity, category, **options) for category in categories}


def list_works(kind: str, id_: str, limit: int) -> list[Year]:
    """Return the years of an entity's releases with the first works of each, whatever years are looked at."""
    found = cache_json(
        f"works:{kind}:{id_}:{limit}", SHORT, lambda: [asdict(each) for each in expanding.list_works(kind, id_, limit)]
    )
    return [Year(each["year"], each["releases"], [(id_, work) for id_, work in each["works"]]) for each in found]
