"""The pages of what a visitor has and wants: figures, taste, and the list, sorted and filtered by the server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlencode

from apps.api.caching import SHORT, cache_json
from apps.api.parameters import Parameters
from apps.api.responses import NotEnough
from apps.collections import keeping
from apps.collections.answers import collecting, taste
from apps.collections.serializers.collecting import CollectionQuery, ListQuery
from apps.explore import charts
from apps.explore.pages import queries
from apps.explore.pages.base import PersonalPage

SIZE = 50
STARS = 5
# Of the heat map.
GENRES_SHOWN = 5
# Order → its column, and the classes of that; the style has no order.
COLUMNS = (
    ("artist", "Artist", ""),
    ("title", "Title", ""),
    ("label", "Label", "opt"),
    ("year", "Year", "num"),
    ("", "Style", "opt"),
    ("rating", "Rating", ""),
    ("added", "Added", "num opt"),
)
FILTERS = ("q", "genre", "decade", "format", "folder")
# Least score → how rare a collection is.
TIERS = ((0.75, "Deep cuts"), (0.5, "Obscure"), (0.25, "Eclectic"), (0.0, "Mainstream"))


class ListPage(PersonalPage):
    """A list of what a visitor has or wants. All that is chosen is in the address."""

    template = "collection/collection.html"
    query_parameters: ClassVar[Parameters] = ListQuery

    def compose_list(self) -> dict[str, Any]:
        """Return the rows, how they are sorted and filtered, and where the pages before and after are."""
        query = queries.read_or_default(self.query_parameters, self.request.GET)
        found = self.find(query)
        offset, total = query["offset"], found["total"]
        chosen = {name: query[name] for name in FILTERS if query.get(name) not in (None, "")}
        return {
            "rows": [{**each, "stars": get_stars(each["rating"])} for each in found["releases"]],
            "total": total,
            "chosen": chosen,
            "columns": self.list_columns(query, chosen),
            "sort": query["sort"],
            "previous": self.address(chosen, query["sort"], max(0, offset - SIZE)) if offset else "",
            "next": self.address(chosen, query["sort"], offset + SIZE) if found["has_more"] else "",
            "first": offset + 1,
            "last": offset + len(found["releases"]),
        }

    def find(self, query: Mapping[str, Any]) -> dict[str, Any]:
        """Return a page of the list."""
        raise NotImplementedError

    def list_columns(self, query: Mapping[str, Any], chosen: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the heads of the table: each sorts, and again the other way."""
        current, found = query["sort"], []
        for order, text, classes in COLUMNS:
            is_down = current == f"-{order}"
            # Dates and stars begin with the largest.
            first = f"-{order}" if order in ("added", "rating") else order
            other = (order if is_down else f"-{order}") if current.removeprefix("-") == order else first
            found.append(
                {
                    "text": text,
                    "classes": classes,
                    "address": self.address(chosen, other, 0) if order else "",
                    "sorted": ("descending" if is_down else "ascending") if current.removeprefix("-") == order else "",
                }
            )
        return found

    def address(self, chosen: Mapping[str, Any], sort: str, offset: int) -> str:
        """Return the address of this list with other choices."""
        more = {"sort": sort, **({"offset": offset} if offset else {})}
        return f"{self.request.path}?{urlencode({**chosen, **more})}"


class Collection(ListPage):
    """``GET /collection/``: what a visitor has, and what that says."""

    tab = "collection"
    query_parameters = CollectionQuery

    def find(self, query: Mapping[str, Any]) -> dict[str, Any]:
        """Return a page of the copies."""
        selection = collecting.make_selection(query)
        return collecting.list_collection(str(self.user.pk), selection, SIZE, query["offset"])

    def compose(self, fragment: str) -> dict[str, Any]:  # noqa: ARG002 - there is one page
        """Return the figures, the taste and the list."""
        figures = self.get_figures("statistics", lambda: collecting.compute_statistics(str(self.user.pk)))
        decades = [each["decade"] for each in figures["by_decade"] if each["decade"]]
        return {
            "title": "My collection",
            "heading": "My collection",
            "figures": figures,
            "oldest": min(decades, default=None),
            "genres": [each["name"] for each in figures["by_genre"]],
            "decades": sorted(decades),
            "formats": collecting.list_formats(str(self.user.pk))["formats"],
            "taste": self.describe_taste(),
            **self.compose_list(),
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
        score = found["obscurity"]["score"]
        shown = range(decades[0], decades[-1] + 1, 10) if decades else range(0)
        return {
            **found,
            "heat": charts.heat(genres, shown, cells, width=470) if decades else "",
            "tier": next(text for least, text in TIERS if score >= least),
            "drift": found["drift"][:: max(1, len(found["drift"]) - 1)],
        }

    def get_figures(self, name: str, compute: Any) -> Any:
        """Return figures over the whole collection, which are kept until it changes."""
        return cache_json(keeping.make_key(self.user.pk, name), SHORT, compute)


class Wantlist(ListPage):
    """``GET /wantlist/``: what a visitor wants."""

    tab = "wantlist"

    def find(self, query: Mapping[str, Any]) -> dict[str, Any]:
        """Return a page of the wants."""
        return collecting.list_wantlist(str(self.user.pk), collecting.make_selection(query), SIZE, query["offset"])

    def compose(self, fragment: str) -> dict[str, Any]:  # noqa: ARG002 - there is one page
        """Return the list."""
        return {"title": "My wantlist", "heading": "My wantlist", **self.compose_list()}


def get_stars(rating: int | None) -> tuple[str, str]:
    """Return the full and the empty stars of a rating; none if there is no rating."""
    return ("★" * rating, "★" * (STARS - rating)) if rating else ("", "")
