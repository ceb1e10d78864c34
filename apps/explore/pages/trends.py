"""Trends: how many releases names had in each year, up to four of them side by side."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from rest_framework.exceptions import ParseError

from apps.api.limits import Limit
from apps.explore import charts
from apps.explore.answers import beginnings, names, sources, trends
from apps.explore.answers.trends import MOST_SERIES, Series
from apps.explore.pages import states, tables
from apps.explore.pages.base import Page
from apps.explore.pages.states import NothingOfThatName
from apps.graph.readers import entities
from apps.graph.readers.expanding import LAST_YEAR
from apps.graph.reading import GraphTimeOut

YEAR = re.compile(r"[0-9]{4}")
KEY = re.compile(r"(artist|label|genre|style):(.{1,300})", re.DOTALL)
# Before it nothing was recorded: an earlier year of a release is a mistake.
FIRST_YEAR = 1860
NUMBERS = ("", "one other", "two others", "three others")
# Sizes in which a chart is drawn: letters are never scaled.
SIZES = {"wide": (1240, 420), "middle": (930, 380), "thin": (358, 300)}


class Trends(Page):
    """``GET /trends/``: the releases a year of ``series=artist:41``, up to four times.

    ``type`` with ``id`` or ``name`` adds one more. ``scale=share`` shows shares of all releases of a year, ``from`` and
    ``to`` are years.
    """

    template = "explore/trends.html"
    tab = "trends"
    lookup = "pages:trends"
    limits = (Limit(60),)

    all_series: list[Series]
    bounds: tuple[int, int]
    first: int
    last: int
    is_share: bool

    def compose(self, fragment: str) -> dict[str, Any]:  # noqa: ARG002
        """Return charts, tables and facts; without a series names to begin with."""
        self.read()
        if not self.all_series:
            return {"title": "Trends", "beginnings": self.beginnings()}
        shown, whole, state = self.scale_series()
        dated = any(each.counts for each in self.all_series)
        return {
            "kind": self.all_series[0].kind,
            "title": f"Trends: {', '.join(each.name for each in self.all_series)}",
            "series": [
                {
                    "kind": each.kind,
                    "id": each.id,
                    "name": each.name,
                    "number": number,
                    "address": self.address_without(number),
                }
                for number, each in enumerate(self.all_series, 1)
            ],
            "others": NUMBERS[len(self.all_series) - 1],
            "can_add": len(self.all_series) < MOST_SERIES,
            "is_dated": dated,
            "undated": sum(each.undated for each in self.all_series),
            "whole": whole,
            "unit": "in percent of the year" if whole == 100 else f"of {whole:,} releases of the year",
            "failure": state,
            "charts": self.draw(shown, whole) if dated else [],
            "decades": trends.sum_by_decade(self.all_series, self.first, self.last) if dated else [],
            "years": trends.list_by_year(shown, self.first, self.last) if dated else [],
            "facts": trends.find_highlights(self.all_series, self.first, self.last) if dated else [],
            "is_whole_range": (self.first, self.last) == self.bounds,
            "counts_address": self.address(scale=""),
            "share_address": self.address(scale="share"),
            "all_years_address": self.address(**{"from": "", "to": ""}),
            "csv_address": self.address(page="pages:trends-csv"),
        }

    def read(self) -> None:
        """Read the address, and the series that it names."""
        query = self.request.GET
        self.is_share = query.get("scale") == "share"
        keys = []
        for entry in query.getlist("series"):
            match = KEY.fullmatch(entry)
            if not match:
                raise ParseError("Give each series as artist:41, label:23528, genre:Electronic or style:IDM.")
            keys.append((match[1], match[2]))
        # Last, so that the new series has the last colour and the others keep theirs.
        if added := self.read_added():
            keys.append(added)
        # The newest ones, each once.
        self.all_series = [trends.get_series(*key) for key in list(dict.fromkeys(keys))[-MOST_SERIES:]]
        years = [min(max(year, FIRST_YEAR), LAST_YEAR) for each in self.all_series for year in each.counts]
        self.bounds = (min(years), max(years)) if years else (FIRST_YEAR, LAST_YEAR)
        first, last = sorted(
            min(max(int(asked), self.bounds[0]), self.bounds[1])
            if YEAR.fullmatch(asked := query.get(name, ""))
            else bound
            for name, bound in zip(("from", "to"), self.bounds, strict=True)
        )
        self.first, self.last = first, last

    def read_added(self) -> tuple[str, str] | None:
        """Return the kind and id of what is looked up in the address; None if nothing is."""
        query = self.request.GET
        kind, id_, name = (query.get(each, "").strip() for each in ("type", "id", "name"))
        kind = kind.lower() or "artist"
        if not (id_ or name):
            return None
        if kind not in entities.CATEGORIES:
            raise ParseError(f"Give one of {', '.join(entities.CATEGORIES)} as type.")
        if id_:
            return (kind, id_)
        found = entities.explore_entity(kind, name)
        if found is None:
            closest = [
                {**each, "address": self.address_with(each["kind"], each["id"])}
                for each in names.find_closest(kind, name)
            ]
            raise NothingOfThatName(kind, name, closest)
        return (kind, str(found["id"]))

    def address_with(self, kind: str, id_: str) -> str:
        """Return the address of what is asked for with one more series."""
        parameters = {"series": [*self.request.GET.getlist("series"), f"{kind}:{id_}"]}
        return f"{reverse('pages:trends')}?{urlencode(parameters, doseq=True)}"

    def beginnings(self) -> list[dict[str, str]]:
        """Return names to begin with, each with the address of its trend."""
        return [
            {**each, "address": self.address_with(each["kind"], each["id"])} for each in beginnings.find_beginnings()
        ]

    def scale_series(self) -> tuple[list[Series], int, str]:
        """Return the series as they are drawn, of how many releases a share is told (0: no shares), and what failed."""
        if not self.is_share:
            return self.all_series, 0, ""
        try:
            return *trends.compute_shares(self.all_series, trends.count_all_releases()), ""
        except GraphTimeOut:
            return self.all_series, 0, "Counting all releases takes too long now, so these are numbers of releases."

    def draw(self, shown: list[Series], whole: int) -> list[dict[str, str]]:
        """Return the chart in each size."""
        dumped = sources.get_versions()["discogs"]
        lines = [
            (each.name or "Untitled", [(year, each.count(year)) for year in range(self.first, self.last + 1)])
            for each in shown
        ]
        unit = f"Releases of {whole:,} of each year" if whole else "Releases a year"
        return [
            {
                "size": size,
                "svg": charts.lines(
                    lines,
                    first=self.first,
                    last=self.last,
                    partial=dumped.year if dumped else None,
                    width=width,
                    height=height,
                    unit=unit,
                ),
            }
            for size, (width, height) in SIZES.items()
        ]

    def address_without(self, number: int) -> str:
        """Return the address without the series of a number."""
        kept = [each for at, each in enumerate(self.all_series, 1) if at != number]
        return self.address(series=[f"{each.kind}:{each.id}" for each in kept])

    def address(self, page: str = "pages:trends", **changes: str | list[str]) -> str:
        """Return the address of these series with some of it changed."""
        first, last = self.bounds
        known: dict[str, str | list[str]] = {
            "series": [f"{each.kind}:{each.id}" for each in self.all_series],
            "scale": "share" if self.is_share else "",
            "from": "" if self.first == first else str(self.first),
            "to": "" if self.last == last else str(self.last),
        }
        parameters = {name: value for name, value in {**known, **changes}.items() if value}
        return f"{reverse(page)}{'?' if parameters else ''}{urlencode(parameters, doseq=True)}"


class TrendsTable(Trends):
    """``GET /trends.csv``: the same years as a table for other programs."""

    def get(self, request: HttpRequest, **_: Any) -> HttpResponse:
        """Answer with the table; what cannot be answered is told as the page tells it."""
        try:
            self.count()
            self.read()
            totals = trends.count_all_releases() if self.is_share else None
        except states.FAILURES:
            return super().get(request)
        return tables.respond("trends", trends.build_table(self.all_series, self.first, self.last, totals))
