"""What a user lacks of a label, an artist or a master."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, compress, filterfalse, islice, repeat
from typing import Any, NamedTuple

from rest_framework.exceptions import NotFound

from apps.collections import library
from apps.collections.answers.collecting import describe_page
from apps.collections.library import Items
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
# A file has so many rows at most; so many are read at first, so that it begins soon.
MOST_ROWS, FIRST_ROWS = 100_000, 50

Year = int | None


@dataclass(frozen=True, slots=True)
class Discography:
    """The releases of an entity by year: those without one first, then the latest.

    ``years``: (year, releases). ``known``: the releases of each year, if they are few enough to be read at once.
    """

    kind: str
    id: str
    years: list[tuple[Year, int]]
    known: dict[Year, Listed]

    def read(self, years: Iterable[Year] | None = None) -> Iterator[Listed]:
        """Yield the releases of each of some years, or of all, by title and id."""
        wanted = [year for year, _ in self.years] if years is None else list(years)
        if self.known:
            return (self.known[year] for year in wanted)
        return large_discographies.read_releases(self.kind, self.id, wanted)

    def find(self, items: Items) -> dict[int, Year]:
        """Return release → year of these releases that a user has or wants."""
        if self.kind == "master":
            flags = items.list_flags("master", lambda master: master == self.id)
        else:
            flags = items.list_flags(f"{self.kind}s", lambda entities: any(id_ == self.id for id_, _ in entities))
        columns = (items.list_values("release"), items.list_values("year"), flags)
        return {int(release): year for release, year, is_here in zip(*columns, strict=True) if is_here}


def read_discography(kind: str, id_: str) -> Discography:
    """Return the discography of an entity."""
    if years := large_discographies.list_years(kind, id_):
        return Discography(kind, id_, years, {})
    known: dict[Year, Listed] = {}
    for year, release, master, formats in gaps.list_releases(kind, id_):
        of_year = known.setdefault(year, Listed([], [], [], []))
        of_year.ids.append(int(release))
        of_year.masters.append(None if master is None else int(master))
        of_year.places.append(len(of_year.names))
        of_year.names.append(formats)
    return Discography(kind, id_, [(year, len(found.ids)) for year, found in known.items()], known)


class Work(NamedTuple):
    """Releases of a master that a user lacks: the one that stands for them, the master, and how many there are."""

    release: int
    master: int | None = None
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
    copies: Items
    wants: Items
    summary: dict[str, int] = field(init=False)
    # Release → year of the discography's releases that the user has, or wants if these are excluded.
    hidden: dict[int, Year] = field(init=False, default_factory=dict)
    # If works are asked for: those that are missing, work → its earliest release, work → its releases.
    works: list[int] = field(init=False, default_factory=list)
    earliest: dict[int, int] = field(init=False, default_factory=dict)
    versions: Counter[int] = field(init=False, default_factory=Counter)

    def __post_init__(self) -> None:
        """Count what there is and what the user has."""
        if self.filters.by == "master":
            self.find_works()
            return
        total = sum(count for _, count in self.discography.years)
        self.hidden = self.discography.find(self.copies)
        owned = len(self.hidden) if self.is_known else 0
        self.summary = {"total": total, "owned": owned, "missing": total - owned}
        if self.filters.exclude_wantlist:
            self.hidden |= self.discography.find(self.wants)

    def find_works(self) -> None:
        """Find the works that the user has no release of, each by its earliest release; and count them all."""
        owned = list_works(self.copies) if self.is_known else set()
        hidden = owned | list_works(self.wants) if self.filters.exclude_wantlist else owned
        formats = self.filters.formats
        every: set[int] = set()
        # Releases that are asked for and their works, the latest first.
        ids: list[int] = []
        names: list[int] = []
        for found in self.discography.read():
            of_year = [master or -id_ for id_, master in zip(found.ids, found.masters, strict=True)]
            every.update(of_year)
            flags = found.list_flags(formats) if formats else repeat(object=True)
            ids += compress(found.ids, flags)
            names += compress(of_year, flags)
        self.summary = {"total": len(every), "owned": len(every & owned), "missing": len(every - owned)}
        if self.is_known:
            self.earliest, self.versions = dict(zip(names, ids, strict=True)), Counter(names)
            # A work is listed where its earliest release is.
            self.works = [each for each in dict.fromkeys(reversed(names)) if each not in hidden][::-1]

    def describe_work(self, name: int) -> Work:
        """Return a work."""
        return Work(self.earliest[name], name if name > 0 else None, self.versions[name])

    def list_missing(self) -> Iterator[Work]:
        """Yield everything that is missing and asked for."""
        if self.filters.by == "master" or not self.is_known:
            return map(self.describe_work, self.works)
        return map(Work, self.read_missing())

    def find_page(self, limit: int, offset: int) -> tuple[list[Work], int]:
        """Return a page of what is missing, and how much there is in all."""
        if self.filters.by == "master" or not self.is_known:
            return list(map(self.describe_work, self.works[offset : offset + limit])), len(self.works)
        if self.filters.formats:
            found = list(self.read_missing())
            return list(map(Work, found[offset : offset + limit])), len(found)
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
        page = islice(self.read_missing(years), start, start + limit) if years else ()
        return list(map(Work, page)), total

    def read_missing(self, years: Iterable[Year] | None = None) -> Iterator[int]:
        """Yield the releases of some years, or of all, that are missing and asked for."""
        formats = self.filters.formats
        for found in self.discography.read(years):
            ids = compress(found.ids, found.list_flags(formats)) if formats else found.ids
            yield from filterfalse(self.hidden.__contains__, ids)

    def describe(self, works: Sequence[Work]) -> Rows:
        """Return what is shown of missing releases or works."""
        details = {each["id"]: each for each in gaps.describe_releases([str(each.release) for each in works])}
        wanted = set(self.wants.list_distinct("release"))
        is_by_master = self.filters.by == "master"
        return [
            {
                **details[id_],
                "on_wantlist": id_ in wanted,
                **({"master_id": master and str(master), "versions": versions} if is_by_master else {}),
            }
            for id_, master, versions in ((str(each.release), each.master, each.versions) for each in works)
            # Between the two reads a load may have removed it.
            if id_ in details
        ]


def list_works(items: Items) -> set[int]:
    """Return the works that a user has or wants a release of: masters, and releases without one as negative numbers."""
    pairs = zip(items.list_values("release"), items.list_values("master"), strict=True)
    return {int(master) if master else -int(release) for release, master in pairs}


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
    missing = islice(found.list_missing(), MOST_ROWS)
    return (
        {**each, "formats": ", ".join(each["formats"] or ()), "genres": ", ".join(each["genres"])}
        for works in chain([list(islice(missing, FIRST_ROWS))], batches(missing))
        for each in found.describe(works)
    )
