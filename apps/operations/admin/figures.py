"""Pages of the admin with the figures of ``/api/admin/``: queues, servers, stores, users; each chart has its table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path

from apps.collections.answers import figures
from apps.explore import charts
from apps.operations.answers import history, storage

DEFAULT_RANGE = "24h"
SIZE = {"width": 640, "height": 64}
MOST_KEYS = 50
QUEUE_KEYS = ("ready", "unacked", "publish_rate", "deliver_rate", "consumers")
# Of the samples of a server, the newest ones.
MOST_SAMPLES = 300

Section = dict[str, Any]
Page = Callable[[HttpRequest], dict[str, Any]]


def make_section(
    title: str, note: str, headers: Sequence[str], rows: Iterable[Sequence[Any]], chart: str = ""
) -> Section:
    """Return a part of a page: a line of figures, maybe a chart, and the table of the same figures."""
    return {"title": title, "note": note, "chart": chart, "table": {"headers": headers, "rows": list(rows)}}


def draw(
    points: Sequence[Mapping[str, Any]], key: str, range_name: str, unit: str, distance: timedelta | None = None
) -> str:
    """Return a chart of a figure over a range, up to now: a bar for each point.

    ``distance``: how far apart the points are, if not as the range says.
    """
    wanted = history.RANGES[range_name]
    seconds = int((distance or wanted.distance).total_seconds())
    last = int(datetime.now(UTC).timestamp()) // seconds
    # Of points that share a bar the largest counts: a year of samples has a hundred thousand.
    found: dict[int, int] = {}
    for each in points:
        at, value = int(datetime.fromisoformat(each["ts"]).timestamp()) // seconds, ceil(each[key])
        found[at] = max(value, found.get(at, 0))
    most = max(found.values(), default=0)
    label = f"{unit} over {range_name}, {most:,} at most"
    first = last - int(wanted.back.total_seconds()) // seconds
    return charts.spark(list(found.items()), first, last, label=label, **SIZE)


def find_range(request: HttpRequest) -> str:
    """Return the range that is asked for; the usual one, with a message, if there is none of that name."""
    name = request.GET.get("range", DEFAULT_RANGE)
    if name in history.RANGES:
        return name
    messages.warning(request, f"There is no such range: this is {DEFAULT_RANGE}")
    return DEFAULT_RANGE


def show_queues(request: HttpRequest) -> dict[str, Any]:
    """Return what waited in each queue, over a range."""
    found = history.read_queues(find_range(request))
    sections = []
    for name, each in found["queues"].items():
        points, now = each["history"], each["current"]
        consumers = "" if now["consumers"] is None else f", consumers: {now['consumers']}"
        sections.append(
            make_section(
                name,
                f"{show(now['ready'])} waiting{consumers}",
                ("Time", "Waiting", "Taken", "Came a second", "Done a second", "Consumers"),
                ((point["ts"], *(show(point[key]) for key in QUEUE_KEYS)) for point in reversed(points)),
                draw(points, "ready", found["range"], f"Messages waiting in {name}"),
            )
        )
    return {"title": "Queues over time", "range": found["range"], "sections": sections}


def show_health(request: HttpRequest) -> dict[str, Any]:
    """Return how each server answered, over a range."""
    found = history.read_health(find_range(request))
    sections = [
        make_section(
            name,
            f"{each['current']}, {each['uptime_pct']:g} % of {len(each['history']):,} samples healthy. "
            f"The table has the newest {MOST_SAMPLES} at most",
            ("Time", "Status", "Milliseconds"),
            (
                (point["ts"], point["status"], show(point["response_time_ms"]))
                for point in each["history"][: -MOST_SAMPLES - 1 : -1]
            ),
            draw(each["history"], "response_time_ms", found["range"], f"Milliseconds of {name}"),
        )
        for name, each in found["services"].items()
    ]
    return {"title": "Servers over time", "range": found["range"], "sections": sections}


def show_storage(request: HttpRequest) -> dict[str, Any]:
    """Return how much each store holds now, and how that grew over a range."""
    name = find_range(request)
    sections = []
    for (server, what), points in history.read_growth(name).items():
        first, last = points[0]["value"], points[-1]["value"]
        sections.append(
            make_section(
                f"{server}: {what}",
                f"{last:,.0f}, {last - first:+,.0f} since {points[0]['ts']}",
                ("Time", what.capitalize()),
                ((point["ts"], f"{point['value']:,.0f}") for point in reversed(points)),
                draw(points, "value", name, f"{what.capitalize()} of {server}"),
            )
        )
    return {"title": "Storage", "range": name, "sections": [*show_stores(storage.measure()), *sections]}


def show_stores(found: Mapping[str, Any]) -> list[Section]:
    """Return a section for what each store holds; one that does not answer says so."""
    graph, tables, cache = found["neo4j"], found["postgresql"], found["redis"]
    return [
        make_section(
            "Neo4j",
            graph.get("error", f"{sum(each['count'] for each in graph.get('nodes', ())):,} nodes"),
            ("Kind", "Count"),
            (
                (each.get("label") or each["type"], f"{each['count']:,}")
                for each in (*graph.get("nodes", ()), *graph.get("relationships", ()))
            ),
        ),
        make_section(
            "PostgreSQL",
            tables.get("error", tables.get("total_size", "")),
            ("Table", "Rows, about", "Size", "Of it indexes"),
            (
                (each["name"], f"{each['row_count']:,}", each["size"], each["index_size"])
                for each in tables.get("tables", ())
            ),
        ),
        make_section(
            "Cache",
            cache.get("error")
            or f"{cache['memory_used']}, {cache['memory_peak']} at most, {cache['total_keys']:,} keys",
            ("Keys that begin with", "Count"),
            [(key, f"{count:,}") for key, count in cache.get("keys_by_prefix", {}).items()][:MOST_KEYS],
        ),
    ]


def show_users(_: HttpRequest) -> dict[str, Any]:
    """Return how many users there are, who came when, and how synchronisations went."""
    users, syncs = figures.count_users(), figures.count_syncs()
    registered = users["registrations"]
    days = [{"ts": f"{each['date']}T00:00+00:00", "count": each["count"]} for each in registered["daily"]]
    periods = {"7 days": syncs["period_7d"], "30 days": syncs["period_30d"]}
    sections = [
        make_section(
            "Users",
            f"{users['total_users']:,} users, {users['oauth_rate']:g} % linked to Discogs",
            ("Active in", "Users"),
            (("7 days", users["active_7d"]), ("30 days", users["active_30d"])),
        ),
        make_section(
            "Registrations by day",
            "Of the last 30 days",
            ("Day", "Users"),
            ((each["date"], each["count"]) for each in reversed(registered["daily"])),
            draw(days, "count", "30d", "Registrations a day", timedelta(days=1)),
        ),
        make_section(
            "Registrations by week and month",
            "Weeks by their Monday",
            ("Begin", "Users"),
            (
                (each.get("week_start") or each["month"], each["count"])
                for each in (*registered["weekly"], *registered["monthly"])
            ),
        ),
        make_section(
            "Synchronisations",
            "That began in the last days",
            ("In", "Synchronisations", "A day", "Items of one", "Failed", "Share"),
            (
                (
                    name,
                    each["total_syncs"],
                    each["syncs_per_day"],
                    each["avg_items_synced"],
                    each["total_failures"],
                    f"{each['failure_rate'] * 100:.1f} %",
                )
                for name, each in periods.items()
            ),
        ),
    ]
    return {"title": "Users in figures", "sections": sections}


def show(number: float | None) -> str:
    """Return a number as text, with two decimals at most; a dash for what is not known."""
    return "-" if number is None else f"{number:,.2f}".rstrip("0").rstrip(".")


def make_view(page: Page) -> Callable[[HttpRequest], HttpResponse]:
    """Return the view of a page, which is for superusers, as its API is."""

    def view(request: HttpRequest) -> HttpResponse:
        if not request.user.is_superuser:
            raise PermissionDenied
        ranges = list(history.RANGES)
        return TemplateResponse(
            request, "admin/figures.html", {**admin.site.each_context(request), "ranges": ranges, **page(request)}
        )

    return admin.site.admin_view(view)


urlpatterns = [
    path("queues/", make_view(show_queues), name="figures_queues"),
    path("health/", make_view(show_health), name="figures_health"),
    path("storage/", make_view(show_storage), name="figures_storage"),
    path("users/", make_view(show_users), name="figures_users"),
]
