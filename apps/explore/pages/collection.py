"""The pages of what a visitor has and wants: figures, taste, charts, and the list, sorted and filtered here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.timesince import timesince
from django.views.decorators.csrf import csrf_protect
from rest_framework import serializers
from rest_framework.exceptions import APIException

from apps.api.caching import SHORT, cache_json
from apps.api.limits import Limit
from apps.api.parameters import Parameters
from apps.api.responses import NotEnough
from apps.collections import keeping, notes
from apps.collections.answers import card, collecting, holdings, syncing, taste
from apps.collections.api import importing
from apps.collections.importing import Outcome
from apps.collections.serializers.collecting import CollectionQuery, EvolutionQuery, ListQuery
from apps.explore import charts
from apps.explore.pages import queries
from apps.explore.pages.base import PersonalPage
from apps.explore.pages.discogs import COOLING_DOWN

SIZE = 50
STARS = 5
# Of the heat map.
GENRES_SHOWN = 5
# Of the chart of genres, styles or labels over the years.
VALUES_SHOWN = 5
METRICS = (("genre", "Genres"), ("style", "Styles"), ("label", "Labels"))
# Sizes of a chart in half of the page, and on a phone: letters are never scaled down.
WIDE, NARROW = {"width": 640, "height": 200}, {"width": 358, "height": 180}
# Name of a column → its heading, its order if it has one, and the classes of its cells.
COLUMNS = {
    "artist": ("Artist", "artist", "who"),
    "title": ("Title", "title", "full"),
    "label": ("Label", "label", "opt"),
    "number": ("Cat. no.", "", "opt muted"),
    "year": ("Year", "year", "num"),
    "genre": ("Genre", "", "opt muted"),
    "style": ("Style", "", "opt muted"),
    "rating": ("Rating", "rating", ""),
    "folder": ("Folder", "", "opt muted"),
    "notes": ("My notes", "", "full noted"),
    "added": ("Added", "added", "num opt"),
}
ALWAYS = "title"
DEFAULT_COLUMNS = ("artist", "title", "label", "number", "year", "style", "rating", "added")
FILTERS = ("q", "genre", "decade", "format", "folder")
COOKIE, COOKIE_SECONDS = "columns", 365 * 24 * 3600


class ColumnsQuery(serializers.Serializer[Any]):
    """Which columns a list shows."""

    columns = serializers.ListField(child=serializers.ChoiceField(choices=tuple(COLUMNS)), default=list)


@method_decorator(csrf_protect, name="dispatch")
class ListPage(PersonalPage):
    """A list of what a visitor has or wants. What is chosen is in the address; a cookie keeps the columns.

    ``POST`` starts a synchronisation.
    """

    http_method_names = ["get", "head", "post"]  # noqa: RUF012 - as Django has it
    template = "collection/collection.html"
    fragments: ClassVar = {"list": "collection/list.html"}
    query_parameters: ClassVar[Parameters] = ListQuery
    columns: ClassVar[tuple[str, ...]] = tuple(each for each in COLUMNS if each != "folder")
    is_wanted: ClassVar[bool] = True
    message = ""
    imported: Outcome | None = None

    @property
    def home(self) -> str:
        """The address of the list."""
        return reverse(f"pages:{self.tab}")

    @property
    def limits(self) -> tuple[Limit, ...]:  # type: ignore[override]
        """Those of the API."""
        return (Limit(10),) if self.request.method == "POST" else (Limit(60),)

    def get(self, request: HttpRequest, **given: Any) -> HttpResponse:
        """Answer with the page, and keep the columns that are chosen."""
        response = super().get(request, **given)
        if self.visitor and "columns" in request.GET:
            chosen = ",".join(self.choose_columns())
            response.set_cookie(COOKIE, chosen, COOKIE_SECONDS, path=self.home, httponly=True, samesite="Lax")
        return response

    def post(self, request: HttpRequest) -> HttpResponse:
        """Start a synchronisation, or say why that is not possible now."""
        if self.visitor is None:
            return HttpResponse(status=401)
        try:
            syncing.start(self.user)
        except syncing.CoolingDown:
            self.message = COOLING_DOWN
        except APIException as error:
            self.message = str(error.detail)
        return self.get(request) if self.message else HttpResponseRedirect(self.home)

    def compose(self, fragment: str) -> dict[str, Any]:
        """Return the list; with what stands over it for the whole page."""
        shown = self.compose_list()
        if fragment == "list":
            return {"title": "", **shown}
        sync = holdings.describe_sync(self.user.pk)
        ended = sync["last"] and sync["last"]["completed_at"]
        return {
            **shown,
            "sync": sync,
            "since": timesince(ended, depth=1) if ended else "",
            "message": self.message,
            "imported": self.imported,
            "uncatalogued": holdings.list_uncatalogued(self.user.pk, wanted=self.is_wanted),
            "is_wanted": self.is_wanted,
        }

    def compose_list(self) -> dict[str, Any]:
        """Return the rows, how they are sorted and filtered, and where the pages before and after are."""
        query = queries.read_or_default(self.query_parameters, self.request.GET)
        found = self.find(query)
        offset, total = query["offset"], found["total"]
        chosen = {name: query[name] for name in FILTERS if query.get(name) not in (None, "")}
        columns = self.choose_columns()
        return {
            "rows": self.describe_rows(found["releases"], columns),
            "total": total,
            "chosen": chosen,
            "heads": [self.describe_head(each, query["sort"], chosen) for each in columns],
            "columns": [(each, COLUMNS[each][0], each in columns) for each in self.columns if each != ALWAYS],
            "sort": query["sort"],
            "previous": self.address(chosen, query["sort"], max(0, offset - SIZE)) if offset else "",
            "next": self.address(chosen, query["sort"], offset + SIZE) if found["has_more"] else "",
            "first": offset + 1,
            "last": offset + len(found["releases"]),
            "is_collection": not self.is_wanted,
        }

    def find(self, query: Mapping[str, Any]) -> dict[str, Any]:
        """Return a page of the list."""
        raise NotImplementedError

    def describe_rows(self, releases: Sequence[dict[str, Any]], columns: Sequence[str]) -> list[dict[str, Any]]:
        """Return the rows of a page, with what the visitor noted if that is shown."""
        rows = group_copies(releases, holdings.get_folder_names(self.user.pk))
        if "notes" in columns:
            noted = notes.list_notes(self.user.pk, [each["id"] for each in rows], wanted=self.is_wanted)
            for each in rows:
                each["notes"] = noted.get(each["id"], [])
        return rows

    def choose_columns(self) -> list[str]:
        """Return the columns that are shown, in their order: those of the address, of the cookie, or the usual ones."""
        given = queries.read_or_default(ColumnsQuery, self.request.GET)["columns"]
        given = given or self.request.COOKIES.get(COOKIE, "").split(",")
        wanted = {*given, ALWAYS} if set(given) & set(self.columns) else DEFAULT_COLUMNS
        return [each for each in self.columns if each in wanted]

    def describe_head(self, name: str, sort: str, chosen: Mapping[str, Any]) -> dict[str, Any]:
        """Return the head of a column: it sorts, and again the other way."""
        text, order, classes = COLUMNS[name]
        if not order:
            return {"name": name, "text": text, "classes": classes}
        is_down, is_current = sort == f"-{order}", sort.removeprefix("-") == order
        # Dates and stars begin with the largest.
        first = f"-{order}" if order in ("added", "rating") else order
        other = (order if is_down else f"-{order}") if is_current else first
        return {
            "name": name,
            "text": text,
            "classes": classes,
            "address": self.address(chosen, other, 0),
            "sorted": ("descending" if is_down else "ascending") if is_current else "",
        }

    def address(self, chosen: Mapping[str, Any], sort: str, offset: int) -> str:
        """Return the address of this list with other choices."""
        more = {"sort": sort, **({"offset": offset} if offset else {})}
        return f"{self.home}?{urlencode({**chosen, **more})}"


class Collection(ListPage):
    """``GET /collection/``: what a visitor has, and what that says."""

    tab = "collection"
    fragments: ClassVar = {**ListPage.fragments, "years": "collection/years.html"}
    query_parameters = CollectionQuery
    columns = tuple(COLUMNS)
    is_wanted = False

    def find(self, query: Mapping[str, Any]) -> dict[str, Any]:
        """Return a page of the copies."""
        selection = collecting.make_selection(query)
        return collecting.list_collection(str(self.user.pk), selection, SIZE, query["offset"])

    def compose(self, fragment: str) -> dict[str, Any]:
        """Return the figures, the taste, the charts and the list, or one of these."""
        if fragment == "years":
            return {"title": "", **self.compose_years()}
        found = super().compose(fragment)
        if fragment == "list":
            return found
        figures = found["figures"]
        return {
            "title": "My collection",
            "heading": "My collection",
            "oldest": min((each["decade"] for each in figures["by_decade"] if each["decade"]), default=None),
            "taste": self.describe_taste(),
            "missing_for_taste": taste.LEAST_COPIES - figures["total"],
            **(self.compose_years() if figures["total"] else {}),
            **found,
        }

    def compose_list(self) -> dict[str, Any]:
        """Return the list with what it can be filtered by."""
        figures = self.get_figures("statistics", lambda: collecting.compute_statistics(str(self.user.pk)))
        folders = holdings.list_folders(self.user.pk)
        return {
            "figures": figures,
            "genres": figures["by_genre"],
            "decades": [each for each in figures["by_decade"] if each["decade"]],
            "formats": collecting.list_formats(str(self.user.pk))["formats"],
            "folders": folders if len(folders) > 1 else [],
            **super().compose_list(),
        }

    def compose_years(self) -> dict[str, Any]:
        """Return the releases by year, and the copies by year and genre, style or label, drawn and as tables."""
        user = str(self.user.pk)
        metric = queries.read_or_default(EvolutionQuery, self.request.GET)["metric"]
        timeline = self.get_figures("timeline:year", lambda: collecting.build_timeline(user, "year"))
        evolution = self.get_figures(f"evolution:{metric}", lambda: collecting.count_evolution(user, metric))
        by_year = {each["year"]: each["values"] for each in evolution["data"]}
        totals: Counter[str] = Counter()
        for values in by_year.values():
            totals.update(values)
        names = [name for name, _ in totals.most_common(VALUES_SHOWN)]
        return {
            "metric": metric,
            "metrics": METRICS,
            "insights": timeline["insights"],
            "timeline": timeline["timeline"],
            "timeline_charts": draw_timeline(timeline["timeline"]),
            "evolution_charts": draw_evolution(by_year, names),
            "names": names,
            "evolution": [(year, [values.get(name, 0) for name in names]) for year, values in by_year.items()],
        }

    def describe_taste(self) -> dict[str, Any] | None:
        """Return the taste, its heat map drawn; None if there are too few copies for one."""
        try:
            found = self.get_figures("fingerprint", lambda: taste.get_fingerprint(str(self.user.pk)))
        except NotEnough:
            return None
        cells = {(each["genre"], each["decade"]): each["count"] for each in found["heatmap"]}
        genres = [name for name, _ in taste.sum_by("genre", found["heatmap"]).most_common(GENRES_SHOWN)]
        decades = sorted({decade for genre, decade in cells if genre in genres})
        shown = range(decades[0], decades[-1] + 1, 10) if decades else range(0)
        return {
            **found,
            "heat": charts.heat(genres, shown, cells, width=470) if decades else "",
            "tier": card.name_tier(found["obscurity"]["score"]),
            "drift": found["drift"][:: max(1, len(found["drift"]) - 1)],
        }

    def get_figures(self, name: str, compute: Any) -> Any:
        """Return figures over the whole collection, which are kept until it changes."""
        return cache_json(keeping.make_key(self.user.pk, name), SHORT, compute)


class Import(Collection):
    """``POST /collection/import/``: take a file of Discogs' export; show the collection with what came of it."""

    http_method_names = ["get", "head", "post"]  # noqa: RUF012 - as Django has it

    def post(self, request: HttpRequest) -> HttpResponse:
        """Store the copies of the file."""
        if self.visitor is None:
            return HttpResponse(status=401)
        try:
            self.imported = importing.import_file(self.user.pk, request)
        except APIException as error:
            self.message = str(error.detail)
        return self.get(request)


class Wantlist(ListPage):
    """``GET /wantlist/``: what a visitor wants."""

    tab = "wantlist"

    def find(self, query: Mapping[str, Any]) -> dict[str, Any]:
        """Return a page of the wants."""
        return collecting.list_wantlist(str(self.user.pk), collecting.make_selection(query), SIZE, query["offset"])

    def compose_list(self) -> dict[str, Any]:
        """Return the list with what it can be filtered by."""
        return {**holdings.count_wants(self.user.pk), **super().compose_list()}

    def compose(self, fragment: str) -> dict[str, Any]:
        """Return the list."""
        return {"title": "My wantlist", "heading": "My wantlist", **super().compose(fragment)}


def group_copies(releases: Iterable[dict[str, Any]], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the rows of a page, copies of one release as one, the first of them, with how many these are."""
    found: dict[str, dict[str, Any]] = {}
    for each in releases:
        row = {
            **each,
            "stars": get_stars(each["rating"]),
            "folder": holdings.name_folder(each.get("folder_id"), names),
            "added": write_date(each["date_added"] or ""),
        }
        found.setdefault(each["id"], {**row, "copies": 0})["copies"] += 1
    return list(found.values())


def write_date(text: str) -> str:
    """Return the day of a time as Discogs sends it: ``15 Jan 2026``; what is no time as it is."""
    try:
        return f"{date.fromisoformat(text[:10]):%-d %b %Y}"
    except ValueError:
        return text[:10]


def get_stars(rating: int | None) -> tuple[str, str]:
    """Return the full and the empty stars of a rating; none if there is no rating."""
    return ("★" * rating, "★" * (STARS - rating)) if rating else ("", "")


def draw_timeline(timeline: list[dict[str, Any]]) -> list[Any]:
    """Return a bar for each year, for wide and for narrow screens."""
    points = [(each["year"], each["count"]) for each in timeline]
    if not points:
        return []
    first, last = points[0][0] // 10 * 10, points[-1][0]
    label = f"Releases by year, {points[0][0]} to {last}"
    return [charts.bars(points, first, last, label=label, **size) for size in (WIDE, NARROW)]


def draw_evolution(by_year: Mapping[int, Mapping[str, int]], names: list[str]) -> list[Any]:
    """Return stacked areas of the names, for wide and for narrow screens."""
    if not names:
        return []
    label = f"Copies by year: {', '.join(names)}"
    return [charts.areas(by_year, names, min(by_year), max(by_year), label=label, **size) for size in (WIDE, NARROW)]
