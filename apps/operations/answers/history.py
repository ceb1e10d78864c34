"""Queues and servers over time, from the samples that are taken every five minutes.

Contract: docs/contract/rest.md#administration.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from rest_framework.exceptions import APIException

from apps.catalog import reading
from apps.catalog.reading import Rows

Found = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Range:
    """How far back, how far apart the points are, and over how long a time samples are averaged."""

    back: timedelta
    distance: timedelta
    granularity: str

    @property
    def bucket(self) -> timedelta:
        """The time over which samples are averaged: of raw ones, none."""
        return timedelta(seconds=1) if self.granularity == RAW else self.distance


RAW = "5min"
RANGES = {
    "1h": Range(timedelta(hours=1), timedelta(minutes=5), RAW),
    "6h": Range(timedelta(hours=6), timedelta(minutes=5), RAW),
    "24h": Range(timedelta(hours=24), timedelta(minutes=15), "15min"),
    "7d": Range(timedelta(days=7), timedelta(hours=1), "1hour"),
    "30d": Range(timedelta(days=30), timedelta(hours=6), "6hour"),
    "90d": Range(timedelta(days=90), timedelta(days=1), "1day"),
    "365d": Range(timedelta(days=365), timedelta(days=1), "1day"),
}
# Samples of one time are written together, so a second holds one of each queue.
QUEUES = """
SELECT
    queue, date_bin(%(bucket)s::interval, at, 'epoch')::text AS ts, round(avg(ready), 2)::float8, max(consumers),
    round(coalesce(avg(unacked), 0), 2)::float8, coalesce(avg(publish_rate), 0), coalesce(avg(deliver_rate), 0)
FROM dashboard_queuesample
WHERE at > now() - %(back)s::interval
GROUP BY queue, ts
ORDER BY queue, ts
"""
SERVERS = """
SELECT server, date_trunc('second', at)::text AS ts, ok, ms
FROM dashboard_healthsample
WHERE at > now() - %(back)s::interval
ORDER BY server, at
"""
# The largest value of each time: what a store holds is told of what it needed.
GROWTH = """
SELECT server, key, date_bin(%(bucket)s::interval, at, 'epoch')::text AS ts, max(value::float8)
FROM dashboard_healthsample, jsonb_each_text(sizes) AS size (key, value)
WHERE at > now() - %(back)s::interval AND jsonb_typeof(sizes->key) = 'number'
GROUP BY server, key, ts
ORDER BY server, key, ts
"""


class UnknownRange(APIException):
    """The range is none of ``RANGES``."""

    status_code = 422

    def __init__(self, name: str) -> None:
        super().__init__(f"Invalid range {name!r}: give one of {', '.join(RANGES)}")


def find_range(name: str) -> Range:
    """Return a range by its name.

    Raises:
        UnknownRange: there is none of that name.
    """
    if name not in RANGES:
        raise UnknownRange(name)
    return RANGES[name]


def read_queues(name: str) -> Found:
    """Return ``{range, granularity, queues, dlq_summary}``; a queue is ``{history, current}``.

    Rates are messages a second. They and what workers had taken are 0 while no collector of the live status ran.
    """
    wanted = find_range(name)
    found: dict[str, list[Found]] = {}
    for queue, ts, ready, consumers, taken, came, went in read(QUEUES, wanted):
        waiting, unacked = (int(ready), int(taken)) if wanted.granularity == RAW else (ready, taken)
        point = {"ts": ts, "ready": waiting, "unacked": unacked, "total": round(waiting + unacked, 2)}
        rates = {"publish_rate": round(came, 2), "deliver_rate": round(went, 2)}
        found.setdefault(queue, []).append({**point, **rates, "consumers": consumers})
    return {
        "range": name,
        "granularity": wanted.granularity,
        "queues": {queue: {"history": points, "current": describe_last(points)} for queue, points in found.items()},
        # Dead letters are rows, not queues.
        "dlq_summary": {},
    }


def describe_last(points: list[Found]) -> Found:
    """Return the last point without its time."""
    return {key: value for key, value in points[-1].items() if key != "ts"}


def read_health(name: str) -> Found:
    """Return ``{range, granularity, services, api_endpoints, endpoints}``; requests are not sampled."""
    wanted = find_range(name)
    found: dict[str, list[Found]] = {}
    for server, ts, is_healthy, ms in read(SERVERS, wanted):
        status = "healthy" if is_healthy else "unknown"
        found.setdefault(server, []).append({"ts": ts, "status": status, "response_time_ms": ms})
    return {
        "range": name,
        "granularity": wanted.granularity,
        "services": {
            server: {"history": points, "current": points[-1]["status"], "uptime_pct": measure_uptime(points)}
            for server, points in found.items()
        },
        "api_endpoints": {},
        "endpoints": [],
    }


def read_growth(name: str) -> dict[tuple[str, str], list[Found]]:
    """Return (server, what it holds, such as bytes) → its points ``{ts, value}``, the oldest first."""
    found: dict[tuple[str, str], list[Found]] = {}
    for server, key, ts, value in read(GROWTH, find_range(name)):
        found.setdefault((server, key), []).append({"ts": ts, "value": value})
    return found


def measure_uptime(points: list[Found]) -> float:
    """Return the percentage of samples in which a server was healthy."""
    healthy = [each for each in points if each["status"] == "healthy"]
    return round(len(healthy) / len(points) * 100, 2)


def read(statement: str, wanted: Range) -> Rows:
    """Return the rows of a statement over a range."""
    return reading.rows(statement, seconds=settings.SEARCH_SECONDS, back=wanted.back, bucket=wanted.bucket)
