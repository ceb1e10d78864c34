"""Which releases stand for all of an entity, where there are too many to be shown.

Releases have a fixed order in which any first part is spread over the years: one of each year before a second one of
any, and of the years always one that is far from those before it. So thirty more are added to those that are there, and
what is left out by a limit of years changes nothing about the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# Bits of a year that are turned round: 2,048 years.
YEAR_BITS = 11


@dataclass(frozen=True, slots=True)
class Year:
    """A year (0: unknown), how many releases it has, and works of it: (id of a release, what tells the work)."""

    year: int
    releases: int
    works: Sequence[tuple[str, str]]


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
