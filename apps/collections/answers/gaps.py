"""What a user lacks of a label, an artist or a master."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from rest_framework.exceptions import NotFound

from apps.collections import library
from apps.collections.answers.collecting import describe_page
from apps.collections.library import Item
from apps.graph import large_discographies
from apps.graph.large_discographies import Listed
from apps.graph.readers import gaps
from apps.graph.reading import Rows
from apps.graph.rows import batches

KINDS = ("label", "artist", "master")
# What is counted: every release, or the releases of a master as one work, of which any pressing will do.
UNITS = ("release", "master")
# What an entry does not say because all entries would say the same.
LEFT_OUT = {"label": "label", "artist": "artist", "master": None}
# A file has so many rows at most.
MOST_ROWS = 100_000

Year = int | None


@dataclass(frozen=True, slots=True)
class Discography:
    """The releases of an entity by year: those without one first, then the latest.

    ``years``: (year, releases). ``known``: the releases of each year, if they are few enough to be read at once.
    """

    kind: str
    id: str
    years: list[tuple[Year, int]]
    known: dict[Year, list[Listed]]

    def read(self, years: Sequence[Year]) -> Iterator[Listed]:
        """Yield the releases of some years, by title and id."""
        if self.known:
            lists: Iterable[list[Listed]] = (self.known[year] for year in years)
        else:
            lists = large_discographies.read_releases(self.kind, self.id, years)
        return (each for releases in lists for each in releases)

    def has(self, item: Item) -> bool:
        """Tell whether what a user has or wants is one of these releases."""
        if self.kind == "master":
            return item.master == self.id
        return any(id_ == self.id for id_, _ in (item.labels if self.kind == "label" else item.artists))


def read_discography(kind: str, id_: str) -> Discography:
    """Return the discography of an entity."""
    if years := large_discographies.list_years(kind, id_):
        return Discography(kind, id_, years, {})
    known: dict[Year, list[Listed]] = {}
    for year, release, master, formats in gaps.list_releases(kind, id_):
        known.setdefault(year, []).append(Listed(release, master, formats))
    return Discography(kind, id_, [(year, len(releases)) for year, releases in known.items()], known)


@dataclass(frozen=True, slots=True)
class Work:
    """The releases of a master that a user lacks: the one that stands for them, and how many there are."""

    release: Listed
    versions: int = 1


@dataclass(frozen=True, slots=True)
class Filters:
    """Which of the missing releases are asked for; ``formats``: a release has one of them, none is any."""

    formats: Sequence[str] = ()
    exclude_wantlist: bool = False
    by: str = "release"


def make_filters(query: Mapping[str, Any]) -> Filters:
    """Return which releases are asked for, from the parameters of a list."""
    return Filters(tuple(query["formats"]), query["exclude_wantlist"], query["by"])


@dataclass(slots=True)
class Gaps:
    """An entity, and what a user lacks of it."""

    name: str | None
    is_known: bool
    filters: Filters
    discography: Discography
    copies: list[Item]
    wants: list[Item]
    summary: dict[str, int] = field(init=False)
    # Release → year of the discography's releases that the user has, or wants if these are excluded.
    hidden: dict[str, Year] = field(init=False, default_factory=dict)
    # Works by master, or by id for a release without one; only if they are asked for.
    works: list[Work] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        """Count what there is and what the user has."""
        if self.filters.by == "master":
            self.works = self.find_works()
            return
        total = sum(count for _, count in self.discography.years)
        owned = len({each.release for each in self.copies if self.discography.has(each)}) if self.is_known else 0
        self.summary = {"total": total, "owned": owned, "missing": total - owned}
        items = (*self.copies, *(self.wants if self.filters.exclude_wantlist else ()))
        self.hidden = {each.release: each.year for each in items if self.discography.has(each)}

    def find_works(self) -> list[Work]:
        """Return the works that the user has no release of, each by its earliest release; and count them all."""
        owned = {name_work(each.release, each.master) for each in self.copies} if self.is_known else set()
        wanted = {name_work(each.release, each.master) for each in self.wants if self.filters.exclude_wantlist}
        formats = set(self.filters.formats)
        every: set[str] = set()
        found: dict[str, Work] = {}
        for each in self.discography.read([year for year, _ in self.discography.years]):
            name = name_work(each.id, each.master)
            every.add(name)
            if name not in owned and name not in wanted and (not formats or not formats.isdisjoint(each.formats)):
                # Taken out first: the work is listed where its earliest release is, which comes last.
                found[name] = Work(each, found.pop(name).versions + 1 if name in found else 1)
        self.summary = {"total": len(every), "owned": len(every & owned), "missing": len(every - owned)}
        return list(found.values()) if self.is_known else []

    def list_missing(self) -> Iterator[Work]:
        """Yield everything that is missing and asked for."""
        if self.filters.by == "master" or not self.is_known:
            return iter(self.works)
        return self.read_missing([year for year, _ in self.discography.years])

    def find_page(self, limit: int, offset: int) -> tuple[list[Work], int]:
        """Return a page of what is missing, and how much there is in all."""
        if self.filters.by == "master" or not self.is_known:
            return self.works[offset : offset + limit], len(self.works)
        if self.filters.formats:
            found = list(self.list_missing())
            return found[offset : offset + limit], len(found)
        # The other years need only be counted.
        hidden = Counter(self.hidden.values())
        total, before = 0, 0
        years: list[Year] = []
        for year, count in self.discography.years:
            size = count - hidden[year]
            if total < offset + limit and total + size > offset:
                before = before if years else total
                years.append(year)
            total += size
        start = offset - before
        return list(islice(self.read_missing(years), start, start + limit)) if years else [], total

    def read_missing(self, years: Sequence[Year]) -> Iterator[Work]:
        """Yield the releases of some years that are missing and asked for."""
        formats = set(self.filters.formats)
        for each in self.discography.read(years):
            if each.id not in self.hidden and (not formats or not formats.isdisjoint(each.formats)):
                yield Work(each)

    def describe(self, works: Sequence[Work]) -> Rows:
        """Return what is shown of missing releases or works."""
        details = {each["id"]: each for each in gaps.describe_releases([each.release.id for each in works])}
        wanted = {each.release for each in self.wants}
        is_by_master = self.filters.by == "master"
        return [
            {
                **details[work.release.id],
                "on_wantlist": work.release.id in wanted,
                **({"master_id": work.release.master, "versions": work.versions} if is_by_master else {}),
            }
            for work in works
            # Between the two reads a load may have removed it.
            if work.release.id in details
        ]


def name_work(release: str, master: str | None) -> str:
    """Return what tells a work from others: its master, or its only release."""
    return f"master {master}" if master else release


def read_gaps(user: str, kind: str, id_: str, filters: Filters) -> Gaps:
    """Return what a user lacks of an entity.

    Raises:
        NotFound: there is no such entity.
    """
    found = gaps.summarise(user, kind, id_)
    if found is None:
        raise NotFound(f"{kind.capitalize()} {id_} not found")
    copies, wants = library.read_copies(user), library.read_wants(user)
    return Gaps(found["name"], found["is_known"], filters, read_discography(kind, id_), copies, wants)


def find_gaps(user: str, kind: str, id_: str, filters: Filters, limit: int, offset: int) -> dict[str, Any]:
    """Return a page of the releases of an entity that a user does not own, with a summary of the entity.

    Raises:
        NotFound: there is no such entity.
    """
    found = read_gaps(user, kind, id_, filters)
    works, total = found.find_page(limit, offset)
    results = found.describe(works)
    return {
        "entity": {"id": id_, "name": found.name, "type": kind},
        "summary": found.summary,
        "filters": {"formats": list(filters.formats), **({"by": filters.by} if filters.by != UNITS[0] else {})},
        "results": [{key: each[key] for key in each if key != LEFT_OUT[kind]} for each in results],
        "pagination": describe_page(len(results), total, limit, offset),
    }


def list_rows(user: str, kind: str, id_: str, filters: Filters) -> Iterator[dict[str, Any]]:
    """Return an iterator over all that a user lacks of an entity, as rows of a file, at most ``MOST_ROWS``.

    Raises:
        NotFound: there is no such entity.
    """
    found = read_gaps(user, kind, id_, filters)
    return (
        {**each, "formats": ", ".join(each["formats"] or ()), "genres": ", ".join(each["genres"])}
        for works in batches(islice(found.list_missing(), MOST_ROWS))
        for each in found.describe(works)
    )
