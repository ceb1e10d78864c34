"""The map of an entity: the entities around it, of all years, until a year, or for two years that are compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rest_framework.exceptions import NotFound

from apps.api.caching import SHORT, cache_json
from apps.explore.answers.expanding import LARGEST, list_works, order_releases
from apps.graph.readers import expanding, maps, years
from apps.graph.readers.entities import CATEGORIES
from apps.graph.readers.expanding import TYPES
from apps.graph.readers.maps import Key, Member

Map = dict[str, Any]

TITLES = {"aliases": "Aliases & Members"}
# How many members a category has at first: the first two categories, and others if they are small; the rest is closed.
FIRST_SIZES = (30, 15)
# A small category is shown at once: to open it would cost a click and save no room.
SMALL = 6
STEP = 30
NEW_SHOWN = 5


def build_map(kind: str, id_: str, *, sizes: Mapping[str, int], until: Sequence[int] = ()) -> Map:
    """Return the map of an entity.

    ``sizes`` says how many members of a category are wanted, 0 for none; ``until`` is empty, a year, or two to compare.
    ``{kind, id, name, years: [[year, releases]], undated, categories: […], new}``; see ``build_category``. ``new``:
    the genres and styles that had their first release in the last of the years.

    Raises:
        NotFound: there is no such entity.
    """
    centre = cache_json(f"centre:{kind}:{id_}", SHORT, lambda: maps.get_centre(kind, id_))
    if centre is None:
        raise NotFound(f"{kind.capitalize()} {id_} not found")
    categories = []
    for number, name in enumerate(CATEGORIES[kind]):
        if total := centre[name]:
            size = min(sizes.get(name, get_first_size(number, total)), LARGEST)
            categories.append(build_category(kind, id_, name, total=total, size=size, until=until))
    # Unless more releases are asked for, the same call as that of their category: the cache answers it then.
    discography = list_works(kind, id_, max(FIRST_SIZES))
    add_links(kind, id_, categories)
    return {
        "kind": kind,
        "id": centre["id"],
        "name": centre["name"],
        "years": [[each.year, each.releases] for each in discography if each.year],
        "undated": sum(each.releases for each in discography if not each.year),
        "categories": categories,
        "new": list_new_names(until[-1]) if until else [],
    }


def get_first_size(number: int, total: int) -> int:
    """Return how many members the category at a position shows by default."""
    if number < len(FIRST_SIZES):
        return FIRST_SIZES[number]
    return total if total <= SMALL else 0


def build_category(kind: str, id_: str, name: str, *, total: int, size: int, until: Sequence[int]) -> dict[str, Any]:
    """Return a category: its members, and how many there are of how many.

    ``{category, title, total, totals, loaded, members, larger}``: ``totals`` and ``loaded`` for each year of ``until``
    (without: of all), ``larger`` the size with the next members, 0 if these are all. A member has a ``rank``, its place
    among those of a year: the map of a small screen shows the first ones.
    """
    bounds: list[int | None] = list(until) or [None]
    found: dict[Key, Member] = {}
    ranks: dict[Key, int] = {}
    totals: list[int] = []
    # Members of later years stay on the map, pale.
    for bound in dict.fromkeys([*bounds, None]) if size else bounds:
        page, count = list_members(kind, id_, name, size=size, until=bound)
        for rank, each in enumerate(page):
            # Members of every year that is shown are on the map together, so that a comparison of two years moves
            # nothing.
            found.setdefault((each.kind, each.id), each)
            ranks[each.kind, each.id] = min(rank, ranks.get((each.kind, each.id), rank))
        if bound in bounds:
            totals.append(total if bound is None else count)
    members = [
        {**asdict(each), "rank": ranks[key], "time": classify_time(each, until), "links": []}
        for key, each in found.items()
    ]
    shown = [sum(is_visible(each, bound) for each in found.values()) for bound in bounds]
    return {
        "category": name,
        "title": TITLES.get(name, name.capitalize()),
        "type": TYPES[name],
        "size": size,
        "total": total,
        "totals": totals,
        "loaded": shown,
        "members": members,
        "larger": min(size + STEP, LARGEST) if shown[-1] < totals[-1] and size < LARGEST else 0,
    }


def is_visible(member: Member, until: int | None) -> bool:
    """Tell whether a member exists in a year; always if ``until`` is None or the member has no years."""
    if until is None:
        return True
    return member.first <= until if member.first else member.kind != "release"


def classify_time(member: Member, until: Sequence[int]) -> str:
    """Return ``later`` after the years shown, ``fresh`` between the two years, else an empty text."""
    if not until:
        return ""
    if not is_visible(member, until[-1]):
        return "later"
    return "fresh" if member.first and member.first > until[0] and len(until) > 1 else ""


def list_members(kind: str, id_: str, name: str, *, size: int, until: int | None) -> tuple[list[Member], int]:
    """Return the first ``size`` members of a category, and how many there are in all."""
    if name == "releases":
        discography = list_works(kind, id_, max(size, *FIRST_SIZES))
        count = sum(each.releases for each in discography if until is None or 0 < each.year <= until)
        # A first part of the fixed order: more members only add to those that are there.
        ids = order_releases(discography, until)[:size]
        key = f"releases:{kind}:{id_}:{size}:{until}"
        found = cache_json(key, SHORT, lambda: list(map(asdict, read_releases(ids))))
        return [Member(**each) for each in found], count
    # A closed category shows only its total, which the caller has from the centre.
    if not size and until is None:
        return [], 0

    def read() -> tuple[list[dict[str, Any]], int]:
        page, count = maps.list_members(kind, id_, name, limit=size, until=until)
        return [asdict(each) for each in page], count

    page, count = cache_json(f"members:{kind}:{id_}:{name}:{size}:{until}", SHORT, read)
    return [Member(**each) for each in page], count


def read_releases(ids: list[str]) -> list[Member]:
    """Return releases as members of a map, in the order of their ids."""
    return [Member("release", id_, name, first=year, last=year) for id_, name, year in expanding.list_releases(ids)]


def add_links(kind: str, id_: str, categories: Sequence[dict[str, Any]]) -> None:
    """Add to each member the members that it is linked to; all are linked to the centre."""
    found = {f"{each['kind']}:{each['id']}": each for category in categories for each in category["members"]}
    # Sorted, so that the key of the cache does not depend on the order of the categories.
    keys = sorted(found)
    pairs = cache_json(
        f"links:{kind}:{id_}:{' '.join(keys)}",
        SHORT,
        lambda: sorted(
            {
                (":".join(one), ":".join(other))
                for one, other, _ in maps.find_links((each["kind"], each["id"]) for each in found.values())
            }
        ),
    )
    for one, other in pairs:
        # A record may name an artist as an alias of itself.
        if one != other:
            found[one]["links"].append(other)


def list_new_names(year: int) -> list[str]:
    """Return up to five genres and styles that had their first release in a year."""
    genres, styles = cache_json(f"new:{year}", SHORT, lambda: years.list_emerged(year))
    return [each["name"] for each in (*genres, *styles) if each["first_year"] == year][:NEW_SHOWN]
