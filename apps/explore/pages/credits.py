"""The pane about credits: who made the records, what a person did, when, and with whom."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from rest_framework.exceptions import NotFound, ParseError

from apps.api.caching import SHORT, cache_json
from apps.api.limits import Limit
from apps.api.tables import escape_formula
from apps.credits import answers
from apps.explore import charts
from apps.explore.answers import names
from apps.explore.answers.panels import read_part
from apps.explore.pages import addresses, states, tables
from apps.explore.pages.base import Page
from apps.explore.pages.states import NothingOfThatName
from apps.graph.readers import credits as readers

PAGE_NUMBER = re.compile("[1-9][0-9]{0,3}")
ORDERS = ("year", "-year")
ON_A_PAGE = 50
CONNECTIONS = 12
LEADERS = 8
SUGGESTED = 5
SHARED = 25
# Category of roles → who does that.
WHO = {
    "production": "Producers",
    "engineering": "Engineers",
    "mastering": "Mastering",
    "session": "Players",
    "design": "Designers",
    "management": "Managers",
    "other": "Others",
}
OTHER = "other"
# Of the table for other programs.
COLUMNS = ("release_id", "title", "year", "role", "category", "artists", "labels")
# The series of a chart that stands for all kinds that have none of their own.
REST = "other kinds"


class Credits(Page):
    """``GET /credits/?name=Daniel+Lanois``: a person's kinds of work, years, records and collaborators.

    ``role=production`` chooses a kind of work, ``order=-year`` the newest first, ``page=2`` further records;
    ``with=`` is another person, whose records in common are shown. ``id=`` is the same as ``name=``, as forms send it.
    Without a name there are those with most credits.
    """

    template = "explore/credits.html"
    tab = "credits"
    classes = "wrap figured"
    limits = (Limit(120),)

    def compose(self, fragment: str) -> dict[str, Any]:  # noqa: ARG002
        """Return a person, or those with most credits."""
        query = self.request.GET
        # As it is: a name may begin or end with a space.
        self.name = query.get("id", "") or query.get("name", "")
        if not self.name.strip():
            return {"title": "Credits", "leaders": [list_leaders(category) for category in WHO if category != OTHER]}
        try:
            profile = cache_json(f"credits:profile:{self.name}", SHORT, lambda: answers.get_profile(self.name))
        except NotFound as error:
            raise NothingOfThatName("person", self.name, find_closest(self.name)) from error
        categories = [each["category"] for each in profile["role_breakdown"]]
        other = query.get("with_id", "") or query.get("with", "")
        return {
            "title": f"{self.name}: credits",
            "canonical": addresses.get_page_address("person", self.name),
            "person": profile,
            "kinds": self.kinds_of_work(profile["role_breakdown"]),
            **self.compose_years(categories),
            **self.compose_records(categories),
            "csv_address": addresses.pane("credits-csv", name=self.name),
            "connections": read_part(
                f"credits:connections:{self.name}", lambda: readers.list_connections(self.name, CONNECTIONS)
            ),
            "top": list_leaders(next((each for each in categories if each != OTHER), OTHER)),
            **(self.compose_shared(other) if other.strip() else {}),
        }

    def kinds_of_work(self, breakdown: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the kinds of work with their counts, the number of their series, and the address that chooses them."""
        chosen = self.request.GET.get("role", "")
        return [
            {
                **each,
                "series": min(number, charts.SERIES),
                "is_chosen": each["category"] == chosen,
                "address": self.address(role="" if each["category"] == chosen else each["category"]),
            }
            for number, each in enumerate(breakdown, 1)
        ]

    def compose_years(self, categories: Sequence[str]) -> dict[str, Any]:
        """Return the chart of a person's years, and the same as rows of a table."""
        found = read_part(f"credits:years:{self.name}", lambda: readers.count_years(self.name))
        if not found:
            return {"years": found, "series": []}
        series, years = group_by_year(found, categories)
        return {
            "series": series,
            "years": [(year, [parts.get(each, 0) for each in series]) for year, parts in years.items()],
            "columns": charts.columns(years, series, min(years), max(years)),
        }

    def compose_records(self, categories: Sequence[str]) -> dict[str, Any]:
        """Return a page of a person's releases."""
        query = self.request.GET
        role, order, number = query.get("role", ""), query.get("order", "year"), query.get("page", "1")
        if role and role not in categories:
            raise ParseError(f"Give one of {', '.join(categories)} as role, and not {role!r}")
        if order not in ORDERS or not PAGE_NUMBER.fullmatch(number):
            raise ParseError(f"Give one of {', '.join(ORDERS)} as order, and a whole number as page")
        page = int(number)

        def read() -> Any:
            return readers.list_person_page(
                self.name,
                role or None,
                is_newest_first=order == "-year",
                offset=(page - 1) * ON_A_PAGE,
                limit=ON_A_PAGE + 1,
            )

        found = cache_json(f"credits:page:{role}:{order}:{page}:{self.name}", SHORT, read)
        return {
            "records": found[:ON_A_PAGE],
            "role": role,
            "is_newest_first": order == "-year",
            "turned": self.address(order="" if order == "-year" else "-year"),
            "before": self.address(page=str(page - 1) if page > 2 else "") if page > 1 else "",
            "after": self.address(page=str(page + 1)) if len(found) > ON_A_PAGE else "",
        }

    def compose_shared(self, other: str) -> dict[str, Any]:
        """Return the latest of what a person and another one worked on together.

        ``shared`` is None if that takes too long, ``more`` how many there are beyond them.
        """
        # The length keeps two names from reading as two others.
        key = f"credits:shared:{len(self.name)}:{self.name}:{other}"
        found = read_part(key, lambda: group_by_release(readers.list_shared_credits(self.name, other)))
        return {
            "other": other,
            "shared": found and found[:SHARED],
            "more": max(0, len(found or ()) - SHARED),
            "alone": self.address(),
        }

    def address(self, **changes: str) -> str:
        """Return the address of this person with other parameters; what changes begins at the first page again."""
        query = self.request.GET
        parameters = {"name": self.name, "role": query.get("role", ""), "order": query.get("order", ""), **changes}
        return addresses.pane("credits", **{key: value for key, value in parameters.items() if value})


class CreditsTable(Credits):
    """``GET /credits.csv?name=``: all credits of a person as a table for other programs, the latest first."""

    def get(self, request: HttpRequest, **_: Any) -> HttpResponse:
        """Answer with the table; what cannot be answered is told as the page tells it."""
        try:
            self.count()
            found = answers.list_person_credits(request.GET.get("name", ""))["credits"]
        except states.FAILURES:
            return super().get(request)
        return tables.respond("credits", [COLUMNS, *([cell(each[name]) for name in COLUMNS] for each in found)])


def cell(value: Any) -> Any:
    """Return a value for a table: several texts as one, and none that a spreadsheet takes for a formula."""
    return escape_formula("; ".join(value) if isinstance(value, list) else value)


def list_leaders(category: str) -> dict[str, Any]:
    """Return those with the most releases in a category, ``people`` None if that takes too long."""
    people = read_part(f"credits:leaders:{category}:{LEADERS}", partial(readers.list_leaders, category, LEADERS))
    return {"category": category, "who": WHO[category], "people": people}


def group_by_release(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return one row for each release of ``readers.shared``, with all roles of both people, in the same order."""
    found: dict[str, dict[str, Any]] = {}
    for each in rows:
        row = found.setdefault(each["release_id"], {**each, "roles1": {}, "roles2": {}})
        row["roles1"][each["person1_role"]] = row["roles2"][each["person2_role"]] = True
    return [{**each, "roles1": list(each["roles1"]), "roles2": list(each["roles2"])} for each in found.values()]


def group_by_year(
    points: Sequence[dict[str, Any]], categories: Sequence[str]
) -> tuple[list[str], dict[int, dict[str, int]]]:
    """Return series for a chart and its years with the count of each series.

    ``points`` are ``{year, category, count}``; of more categories than a chart has series, the last ones are added up.
    """
    series = list(categories)
    if len(series) > charts.SERIES:
        series = [*series[: charts.SERIES - 1], REST]
    years: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for each in points:
        name = each["category"] if each["category"] in series else REST
        years[each["year"]][name] = years[each["year"]].get(name, 0) + each["count"]
    return series, dict(sorted(years.items()))


def find_closest(name: str) -> list[dict[str, Any]]:
    """Return people whose names have words of one that nobody has, with the addresses of their credits."""
    words = sorted(name.split(), key=len, reverse=True)
    for text in (name, *words[:2]):
        if found := names.complete_names("person", text, SUGGESTED):
            return [{**each, "address": addresses.pane("credits", name=each["name"])} for each in found]
    return []
