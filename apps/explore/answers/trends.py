"""Releases by year of several entities, for comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rest_framework.exceptions import NotFound

from apps.api.caching import DAY, SHORT, cache_json
from apps.api.tables import escape_formula
from apps.explore.answers import expanding, maps
from apps.graph.readers import counting
from apps.graph.readers import maps as readers

# As many as a reader can distinguish; each has its own dash and colour.
MOST_SERIES = 4
# A share is given per so many releases: the smallest of these that makes the largest share ``LEAST_PEAK`` or more.
WHOLES = (100, 1_000, 10_000, 100_000, 1_000_000)
LEAST_PEAK = 20


@dataclass(frozen=True, slots=True)
class Series:
    """The releases of an entity by year; ``undated`` counts those without one."""

    kind: str
    id: str
    name: str
    counts: dict[int, int]
    undated: int = 0

    def count(self, year: int) -> int:
        """Return how many releases a year has."""
        return self.counts.get(year, 0)


def get_series(kind: str, id_: str) -> Series:
    """Return the series of an entity.

    Raises:
        NotFound: there is no such entity.
    """
    centre = cache_json(f"centre:{kind}:{id_}", SHORT, lambda: readers.get_centre(kind, id_))
    if centre is None:
        raise NotFound(f"{kind.capitalize()} {id_} not found")
    years = expanding.list_works(kind, id_, max(maps.FIRST_SIZES))
    counts = {each.year: each.releases for each in years if each.year}
    return Series(
        kind, str(centre["id"]), centre["name"], counts, sum(each.releases for each in years if not each.year)
    )


def count_all_releases() -> dict[int, int]:
    """Return how many releases the catalogue has of each year.

    Raises:
        GraphTimeOut: it takes too long to count them.
    """
    # For a day, because counting reads every release; a load invalidates it all the same.
    return dict(cache_json("releases-by-year", DAY, counting.count_releases_by_year))


def compute_shares(all_series: Sequence[Series], totals: dict[int, int]) -> tuple[list[Series], int]:
    """Return series as shares of all releases of a year, and the whole that they are shares of, one of ``WHOLES``."""

    def share(each: Series, year: int, whole: int) -> int:
        return round(whole * each.count(year) / totals[year]) if totals.get(year) else 0

    peak = max(
        (each.count(year) / totals[year] for each in all_series for year in each.counts if totals.get(year)), default=0
    )
    # A share of one in ten thousand would round to 0 percent. The whole is as large as the peak needs to be seen.
    whole = next((each for each in WHOLES if peak * each >= LEAST_PEAK), WHOLES[-1])
    return [
        Series(each.kind, each.id, each.name, {year: share(each, year, whole) for year in each.counts}, each.undated)
        for each in all_series
    ], whole


def sum_by_decade(all_series: Sequence[Series], first: int, last: int) -> list[tuple[int, list[int]]]:
    """Return the decades from one year to another, each with the sum of each series within these years."""
    found = []
    for decade in range(first // 10 * 10, last + 1, 10):
        years = range(max(first, decade), min(last, decade + 9) + 1)
        found.append((decade, [sum(map(each.count, years)) for each in all_series]))
    return found


def list_by_year(all_series: Sequence[Series], first: int, last: int) -> list[tuple[int, list[int]]]:
    """Return the years from one to another, each with the number of each series."""
    return [(year, [each.count(year) for each in all_series]) for year in range(first, last + 1)]


def find_highlights(all_series: Sequence[Series], first: int, last: int) -> list[tuple[str, str, str]]:
    """Return up to three facts about series between two years: (fact, name or an empty text, value)."""
    years = range(first, last + 1)
    found = []
    for each in all_series[:2]:
        peak = max(years, key=each.count)
        if each.count(peak):
            found.append(("Most of", each.name, f"{peak}, {format_releases(each.count(peak))}"))
    if len(all_series) == 1:
        decade, (count,) = max(sum_by_decade(all_series, first, last), key=lambda entry: entry[1])
        silent = sum(not all_series[0].count(year) for year in years)
        found.append(("Busiest decade", "", f"{decade}s, {format_releases(count)}"))
        found.append(("Years without a release", "", f"{silent} of {len(years)}"))
    elif len(all_series) > 1:
        found.append(describe_lead(all_series[0], all_series[1], years))
    return found


def describe_lead(one: Series, other: Series, years: range) -> tuple[str, str, str]:
    """Return when one of two series first passed the other, or which one is always ahead."""
    lead: Series | None = None
    for year in years:
        # A year of equal numbers changes nothing: neither of the two has passed the other.
        ahead = one if one.count(year) > other.count(year) else other if other.count(year) > one.count(year) else None
        if ahead and lead and ahead is not lead:
            return (f"{ahead.name} passed", lead.name, f"first in {year}")
        lead = ahead or lead
    if lead is None:
        return ("Never apart", "", "in any year")
    ahead_years = sum(lead.count(year) > (other if lead is one else one).count(year) for year in years)
    return ("Always ahead", lead.name, f"{ahead_years} of {len(years)} years")


def format_releases(count: int) -> str:
    """Write a number of releases."""
    return f"{count:,} release{'' if count == 1 else 's'}"


def build_table(all_series: Sequence[Series], first: int, last: int, totals: dict[int, int] | None) -> list[list[Any]]:
    """Return a table of years for CSV, with a header; with ``totals``, also all releases of each year."""
    header: list[Any] = ["year", *(escape_formula(each.name) for each in all_series)]
    table = [[year, *counts] for year, counts in list_by_year(all_series, first, last)]
    if totals is not None:
        header.append("all releases")
        table = [[*line, totals.get(line[0], 0)] for line in table]
    return [header, *table]
