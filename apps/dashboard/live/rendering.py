"""The part of the status page that changes, as HTML: the page shows it, and the stream brings it anew."""

from __future__ import annotations

from datetime import datetime
from math import log10
from typing import Any

from django.template import loader
from django.utils.safestring import SafeString

from apps.dashboard.live import snapshots
from apps.dashboard.live.collecting import HISTORY_SECONDS
from apps.dashboard.live.snapshots import Found
from apps.explore import charts

FRAGMENT = "status"
TEMPLATE = "dashboard/live.html"
WIDTH, HEIGHT = 160, 28
# Status of the message → the class of a state's word (static/css/parts.css).
CLASSES = {
    "operational": "good",
    "healthy": "good",
    "done": "good",
    "extracting": "busy",
    "busy": "busy",
    "note": "busy",
    "degraded": "warn",
    "lost": "warn",
    "warning": "warn",
    "unhealthy": "bad",
    "offline": "bad",
    "error": "bad",
}
# Minutes before now in the table of a queue's line.
MINUTES = (10, 8, 6, 4, 2, 0)


def render(snapshot: Found, *, is_staff: bool, problems: bool = False) -> str:
    """Return the part as HTML, with what anyone may see or, for staff, all of it."""
    return loader.render_to_string(TEMPLATE, prepare(snapshot, is_staff=is_staff, problems=problems))


def prepare(snapshot: Found, *, is_staff: bool, problems: bool = False) -> dict[str, Any]:
    """Return the context of the template; with ``problems`` only the events that are some."""
    data = (snapshot if is_staff else snapshots.make_public(snapshot))["data"]
    events = [each for each in data["events"] if not problems or each["level"] in snapshots.PROBLEMS]
    return {
        "status": data,
        "overall_class": CLASSES.get(data["overall"]["status"], "idle"),
        "at": datetime.fromisoformat(data["timestamp"]),
        "is_staff": is_staff,
        "only_problems": problems,
        "runs": [each for each in data["runs"] if not each["is_ended"]],
        "queues": draw_queues(data["queues"]),
        "minutes": MINUTES,
        "services": list_services(data, is_staff=is_staff),
        "events": [
            {**each, "class": CLASSES[each["level"]], "time": datetime.fromisoformat(each["at"])} for each in events
        ],
    }


def draw_queues(queues: list[Found]) -> list[Found]:
    """Return the queues with their bars and their lines, all on one logarithmic axis and over one time."""
    most = max((number for each in queues for _, number in each["history"]), default=0)
    most = max(most, *(each["messages_ready"] for each in queues), 10) if queues else 10
    end = max((each["history"][-1][0] for each in queues if each["history"]), default=0)
    return [
        {
            **each,
            "bar": charts.meter(scale(each["messages_ready"]), scale(most), label=f"{each['messages_ready']:,} wait"),
            "line": draw_line(each, end, most),
            "numbers": [find_number(each["history"], end - 60 * minute) for minute in MINUTES],
        }
        for each in queues
    ]


def scale(number: float) -> float:
    """Return where a number stands on the axis: a backlog of four million would hide all others on a linear one."""
    return log10(1 + number)


def draw_line(queue: Found, end: int, most: int) -> SafeString:
    """Draw what waited in a queue during the last ten minutes."""
    begin = end - HISTORY_SECONDS
    points = [
        f"{(at - begin) / HISTORY_SECONDS * WIDTH:.1f} {HEIGHT - 2 - scale(number) / scale(most) * (HEIGHT - 4):.1f}"
        for at, number in queue["history"]
        if at >= begin
    ]
    numbers = [number for _, number in queue["history"]] or [0]
    line = f'<path class="s1 line" d="M{"L".join(points)}"/>' if points else ""
    label = f"{queue['name']}, the last ten minutes: from {min(numbers):,} to {max(numbers):,}"
    axis = f'<path class="grid" d="M0 {HEIGHT - 0.5}H{WIDTH}"/>'
    return charts.svg(WIDTH, HEIGHT, axis + line, label, classes="chart ten-minutes")


def find_number(history: list[Any], at: int) -> int | None:
    """Return how much waited at a time; None from before the first point."""
    before = [number for when, number in history if when <= at + 1]
    return before[-1] if before else None


def list_services(data: Found, *, is_staff: bool) -> list[tuple[str, str, str, str]]:
    """Return name, class and word of the state, and figures of each server, the workers, disks and insights."""
    found = []
    for each in [*data["databases"], *data["app"]["servers"]]:
        figures = [each["size"]] if each["size"] else []
        if each["connection_count"]:
            count = each["connection_count"]
            figures.append(f"{count} connection{'s' if count > 1 else ''}")
        if each.get("hit_rate") is not None:
            figures.append(f"{each['hit_rate']:.0%} hits")
        if each["version"]:
            figures.append(str(each["version"]))
        if each["id"] == "broker":
            waiting = sum(queue["messages_ready"] for queue in data["queues"])
            figures.insert(0, f"{waiting:,} messages")
        found.append((each["name"], each["status"], ", ".join(figures)))
    workers = data["workers"]
    healthy = sum(each["status"] == "healthy" for each in workers)
    state = "unknown" if not workers else "healthy" if healthy == len(workers) else "degraded"
    found.append(("Workers", state, f"{healthy} of {len(workers)}" if workers else "none seen"))
    for name, disk in data["app"]["disks"].items():
        is_full = disk["free"] < snapshots.LEAST_FREE * disk["total"]
        free = f"{snapshots.write_bytes(disk['free'])} free of {snapshots.write_bytes(disk['total'])}"
        found.append((f"Disk of {name}" if is_staff else name.capitalize(), "degraded" if is_full else "healthy", free))
    insights = data["app"]["insights"]
    if insights:
        oldest = insights["oldest"]
        age = f"computed {datetime.fromisoformat(oldest):%-d %b, %H:%M}" if oldest else "not computed yet"
        found.append(("Insights", "degraded" if insights["failed"] else "healthy" if oldest else "unknown", age))
    return [(name, CLASSES.get(state, "idle"), state, figures) for name, state, figures in found]
