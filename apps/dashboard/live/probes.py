"""What the collector asks, and how often. Each question runs in a thread of its own and closes what it opened."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import connection
from django.db.models import Count

from apps.dashboard import backlog, health, overview, samples
from apps.ingest import folders, ledger
from apps.ingest.models import ENDED, Event, Run
from apps.ingest.progress import speed, summaries
from apps.ingest.runs import dead_letters
from apps.insights import reading

EVENTS = 50
RECENT_RUNS = 3
# Seconds that workers have for an answer, and in which a question that did not end counts as failed.
ANSWER_SECONDS = 0.7
LATE_SECONDS = 5.0
# Seconds after which a question that failed is asked again.
RETRY_SECONDS = 10.0

pool = ThreadPoolExecutor(max_workers=16, thread_name_prefix="status")


@dataclass(slots=True)
class Probe:
    """A question, the seconds between two of it, and the last answer."""

    ask: Callable[[], Any]
    seconds: float
    found: Any = None
    is_ok: bool | None = None
    ms: float = 0.0
    begun_at: float = float("-inf")
    future: Future[Any] | None = field(default=None, repr=False)

    def begin(self, now: float, least_seconds: float) -> None:
        """Ask, if it is time and the last question has ended."""
        pause = max(self.seconds, least_seconds, RETRY_SECONDS if self.is_ok is False else 0.0)
        if self.future is None and now - self.begun_at >= pause:
            self.begun_at = now
            self.future = pool.submit(self.run)

    def run(self) -> tuple[Any, float]:
        """Return the answer and its milliseconds, on a connection to PostgreSQL of this thread's own."""
        start = time.perf_counter()
        try:
            return self.ask(), round((time.perf_counter() - start) * 1000, 1)
        finally:
            connection.close()

    def take(self, now: float) -> None:
        """Take the answer if there is one. What was found before stays while there is none."""
        if self.future is None:
            return
        if not self.future.done():
            if now - self.begun_at > LATE_SECONDS:
                self.is_ok = False
            return
        future, self.future = self.future, None
        self.is_ok = future.exception() is None
        if self.is_ok:
            self.found, self.ms = future.result()


def make_probes() -> dict[str, Probe]:
    """Return all questions by name: cheap ones every two seconds, dear ones seldom."""
    return {
        "queues": Probe(backlog.measure_queues, 2),
        "runs": Probe(measure_runs, 2),
        "events": Probe(list_events, 2),
        "workers": Probe(inspect_workers, 10),
        **{name: Probe(ask, 10) for name, ask in health.CHECKS.items()},
        "postgresql size": Probe(measure_postgresql, 30),
        "cache size": Probe(measure_cache, 30),
        "disks": Probe(measure_disks, 30),
        "dead letters": Probe(count_dead_letters, 10),
        "insights": Probe(read_insights, 60),
        "neo4j size": Probe(samples.measure_neo4j, 300),
    }


def measure_postgresql() -> dict[str, int]:
    """Return the bytes of the database and its connections."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_database_size(current_database()),"
            " (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database())"
        )
        size, connections = cursor.fetchone()
    return {"bytes": size, "connections": connections}


def measure_cache() -> dict[str, Any]:
    """Return the bytes of the cache's server, and the share of hits, None before the first look-up."""
    client = health.get_cache_client()
    stats = client.info("stats")
    looks = stats["keyspace_hits"] + stats["keyspace_misses"]
    return {
        "bytes": client.info("memory")["used_memory"],
        "hit_rate": round(stats["keyspace_hits"] / looks, 3) if looks else None,
    }


def measure_disks() -> dict[str, dict[str, int]]:
    """Return free and total bytes of each disk that loading writes, by the settings of the folders on it."""
    disks: dict[int, tuple[list[str], Path]] = {}
    for name in folders.NAMES:
        folder = folders.folder_of(name)
        while folder is not None and not folder.exists():
            folder = folder.parent
        if folder is not None:
            disks.setdefault(folder.stat().st_dev, ([], folder))[0].append(name)
    found = {}
    for names, folder in disks.values():
        usage = shutil.disk_usage(folder)
        found[", ".join(names)] = {"free": usage.free, "total": usage.total}
    return found


def count_dead_letters() -> dict[str, int]:
    """Return queue → dead letters that were not replayed."""
    return dict(dead_letters.find_waiting().values_list("queue").annotate(Count("pk")))


def read_insights() -> dict[str, Any]:
    """Return when the oldest insight was computed, as ISO text, and the names of those that failed."""
    statuses = reading.list_statuses()
    times = [each["last_computed"] for each in statuses if each["last_computed"]]
    return {
        "oldest": min(times).isoformat() if times else None,
        "failed": [each["insight_type"] for each in statuses if each["status"] == "failed"],
    }


def list_events() -> list[dict[str, Any]]:
    """Return the newest events of the ledger, the newest first."""
    rows = Event.objects.select_related("run").order_by("-pk")[:EVENTS]
    return [
        {
            "id": each.pk,
            "at": each.at.isoformat(),
            "kind": each.kind,
            "message": each.message,
            "by": each.by,
            "source": each.run.source if each.run else "",
            "run": each.run_id,
            "version": each.run.version if each.run else "",
        }
        for each in rows
    ]


def measure_runs() -> list[dict[str, Any]]:
    """Return the unfinished runs and the last ended ones, the newest first, with the pace of each stage."""
    unfinished = Run.objects.exclude(state__in=ENDED).order_by("-pk")
    ended = Run.objects.filter(state__in=ENDED).order_by("-pk")[:RECENT_RUNS]
    return [*map(describe_run, unfinished), *(describe_ended(run.pk, run.completed_at) for run in ended)]


@lru_cache(maxsize=2 * RECENT_RUNS)
def describe_ended(run_id: int, _: datetime | None) -> dict[str, Any]:
    """Describe a run that has ended, once: adding up its chunks is the dearest question of all."""
    return describe_run(Run.objects.get(pk=run_id))


def describe_run(run: Run) -> dict[str, Any]:
    """Return a run as JSON; ``stages`` is empty once it has ended."""
    now = datetime.now(UTC)
    (summary,) = summaries.summarise_runs([run]).values()
    rows = list(speed.sum_stages(run, now - speed.WINDOW))
    stages = [] if run.is_ended else describe_stages(run, rows, now)
    lefts = [each["seconds_left"] for each in stages if each["seconds_left"] is not None]
    busy = next((each for each in reversed(stages) if each["state"] == "busy"), None)
    duration = overview.measure_duration(run)
    return {
        "id": run.pk,
        "source": run.source,
        "source_name": run.get_source_display(),
        "version": run.version,
        "state": run.state,
        "phase": busy["name"] if busy else str(run.get_state_display()).lower(),
        "is_ended": run.is_ended,
        "percentage": summary.percent,
        "records": summary.records,
        "new": summary.new,
        "changed": summary.changed,
        "removed": summary.removed,
        "dead_letters": summary.dead_letters,
        "warnings": len(run.warnings),
        "started_at": run.started_at.isoformat(),
        "duration": overview.format_duration(duration),
        "records_per_second": busy and busy["records_per_second"],
        # The slowest stage decides when the run ends.
        "eta_seconds": max(lefts) if lefts else None,
        "left": overview.format_duration(timedelta(seconds=max(lefts))) if lefts else "",
        "stages": stages,
        "extracted": {row["type"]: row["extract_all_records"] for row in rows},
        "extracted_at": {row["type"]: row["extract_last"].isoformat() for row in rows if row["extract_last"]},
        "error": run.error,
    }


def describe_stages(run: Run, rows: list[Any], now: datetime) -> list[dict[str, Any]]:
    """Return each stage over all files of a run: percentage, records a second and seconds left."""
    files = list(run.files.all())
    weight = sum(file.bytes for file in files) or 1
    found = []
    if any(file.url for file in files):
        found.append(describe_stage("fetch", sum(file.fetched_share * file.bytes for file in files) / weight))
    split_share = sum(file.split_share * file.bytes for file in files) / weight
    found.append(describe_stage("split", split_share))
    for stage in ledger.MARKS if run.has_graph else summaries.TABLE_STAGES:
        paces = [speed.measure_stage(row, stage, now) for row in rows]
        chunks = sum(pace.chunks for pace in paces)
        # Chunks of what is not split yet are not in the ledger.
        share = split_share * sum(pace.done for pace in paces) / chunks if chunks else 0.0
        running = [pace for pace in paces if pace.done < pace.chunks]
        rate = sum(pace.records_per_second or 0 for pace in running)
        left = sum(pace.seconds_left or 0 for pace in running)
        found.append(describe_stage(speed.TITLES.get(stage, stage), share, rate, left))
    return found


def describe_stage(name: str, share: float, rate: float = 0, left: float = 0) -> dict[str, Any]:
    """Return a stage as JSON; its state is done, busy or waiting."""
    percentage = int(share * 100)
    return {
        "name": name,
        "percentage": percentage,
        "state": "done" if percentage >= 100 else "busy" if share or rate else "waiting",
        "records_per_second": round(rate, 1) or None,
        "seconds_left": round(left) or None,
    }


def inspect_workers() -> list[dict[str, Any]]:
    """Ask every worker what it is and does; return one dict each, by name.

    ``queues`` has for each of its queues the tasks that it holds; ``done`` the tasks that it ended since it began.
    """
    inspector = current_app.control.inspect(timeout=ANSWER_SECONDS)
    stats = inspector.stats() or {}
    queues = inspector.active_queues() or {}
    active, reserved = inspector.active() or {}, inspector.reserved() or {}
    now = datetime.now(UTC).isoformat()
    return [
        {
            "name": name,
            "last_seen": now,
            "queues": sorted(each["name"] for each in queues.get(name, ())),
            "pool": found.get("pool", {}).get("max-concurrency"),
            "active": count_by_queue(active.get(name, ())),
            "reserved": count_by_queue(reserved.get(name, ())),
            "done": sum_by_queue(found.get("total", {})),
        }
        for name, found in sorted(stats.items())
    ]


def count_by_queue(tasks: Any) -> dict[str, int]:
    """Return queue → number of tasks."""
    return sum_by_queue({each["id"]: 1 for each in tasks}, {each["id"]: each["name"] for each in tasks})


def sum_by_queue(counts: dict[str, int], names: dict[str, str] | None = None) -> dict[str, int]:
    """Return queue → sum of the counts by task; ``names`` has the task of each key."""
    found: dict[str, int] = {}
    for key, count in counts.items():
        name = names[key] if names else key
        queue = find_queue(name)
        found[queue] = found.get(queue, 0) + count
    return found


def find_queue(task: str) -> str:
    """Return the queue to which a task is routed."""
    routed = current_app.amqp.router.route({}, task)["queue"]
    return str(getattr(routed, "name", routed)) if routed else settings.CELERY_TASK_DEFAULT_QUEUE
