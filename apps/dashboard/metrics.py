"""Metrics of loading for Prometheus, from ledger and broker, beside those of django-prometheus."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.db.models import Count
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily

from apps.dashboard import backlog, health
from apps.ingest import folders, ledger
from apps.ingest.models import ENDED, Chunk, RecordType, Run, RunState
from apps.ingest.progress import speed
from apps.ingest.runs import dead_letters

# Gathering costs a query over all chunks of the newest runs and a connection to the broker.
# Several scrapers, and people who reload the page, get the same metrics for so long.
KEEP_SECONDS = 5.0
# The window of records per second.
RATE_SECONDS = 60


def collect_ledger_metrics() -> list[Metric]:
    """Return the metrics of PostgreSQL's ledger, on a connection of this thread's own."""
    try:
        # The newest run only: a label for each run would make a new time series with every load, for ever.
        runs = list(Run.objects.order_by("source", "-pk").distinct("source"))
        return [*collect_run_metrics(runs), *collect_stage_metrics(runs), count_dead_letters(), count_debts()]
    finally:
        connection.close()


def collect_run_metrics(runs: list[Run]) -> Iterator[Metric]:
    """Yield state and heartbeat of the newest run of each source."""
    state = GaugeMetricFamily(
        "linernotes_run_state", "1 for the state of a source's newest run", labels=("source", "state")
    )
    version = GaugeMetricFamily(
        "linernotes_run_info", "1 for a source's newest run", labels=("source", "run", "version")
    )
    heartbeat = GaugeMetricFamily(
        "linernotes_run_heartbeat_age_seconds", "Time since the ledger of an unfinished run moved", labels=("source",)
    )
    for run in runs:
        version.add_metric((run.source, str(run.pk), run.version), 1)
        # All states, not only the present one: an alert compares 0 with 1 and must not mistake a missing series for 0.
        for each in RunState:
            state.add_metric((run.source, each.value), int(run.state == each))
        if not run.is_ended:
            age = (datetime.now(UTC) - ledger.get_last_move(run)).total_seconds()
            heartbeat.add_metric((run.source,), max(age, 0.0))
    yield from (state, version, heartbeat)


def collect_stage_metrics(runs: list[Run]) -> Iterator[Metric]:
    """Yield records through each stage of the newest run of each source, their rate, and seconds a chunk."""
    labels = ("source", "type", "stage")
    records = CounterMetricFamily(
        "linernotes_run_records", "Records of the newest run that are through a stage", labels=labels
    )
    rate = GaugeMetricFamily(
        "linernotes_records_per_second", f"Records through a stage in the last {RATE_SECONDS} s", labels=labels
    )
    seconds = SummaryMetricFamily(
        "linernotes_stage_seconds", "How long the stages of the newest run's chunks took", labels=labels
    )
    for run in runs:
        for row in speed.sum_stages(run, datetime.now(UTC) - timedelta(seconds=RATE_SECONDS)):
            for stage in ledger.MARKS:
                values = (run.source, row["type"], stage)
                records.add_metric(values, row[f"{stage}_all_records"])
                rate.add_metric(values, row[f"{stage}_recent_records"] / RATE_SECONDS)
                seconds.add_metric(values, row[f"{stage}_timed"], row[f"{stage}_seconds_sum"])
    yield from (records, rate, seconds)


def count_dead_letters() -> Metric:
    """Return the number of dead letters that were not replayed."""
    metric = GaugeMetricFamily("linernotes_dead_letters", "Dead letters that were not replayed")
    metric.add_metric((), dead_letters.find_waiting().count())
    return metric


def count_debts() -> Metric:
    """Return the number of chunks of ended runs that did not reach the graph."""
    metric = GaugeMetricFamily(
        "linernotes_debt_chunks", "Chunks of ended runs whose changes did not reach the graph", labels=("type",)
    )
    owed = Chunk.objects.filter(ledger.UNPAID, file__run__state__in=ENDED)
    counts = dict(owed.values_list("file__type").annotate(Count("pk")))
    # A type without debts has the value 0, so that an alert ends when the debt is paid.
    for record_type in RecordType:
        metric.add_metric((record_type.value,), counts.get(record_type.value, 0))
    return metric


def collect_broker_metrics() -> list[Metric]:
    """Return the messages waiting in each queue."""
    metric = GaugeMetricFamily("linernotes_queue_messages", "Messages that no worker has taken", labels=("queue",))
    for name, each in backlog.measure_queues().items():
        metric.add_metric((name,), each.ready)
    return [metric]


def collect_folder_metrics() -> list[Metric]:
    """Return whether the folders of the loader can be written."""
    metric = GaugeMetricFamily(
        "linernotes_folder_writable", "1 if the site's processes may write a folder of the loader", labels=("setting",)
    )
    amiss = folders.problems()
    for name in folders.NAMES:
        metric.add_metric((name,), int(name not in amiss))
    return [metric]


PARTS: dict[str, Callable[[], list[Metric]]] = {
    "ledger": collect_ledger_metrics,
    "broker": collect_broker_metrics,
    "folders": collect_folder_metrics,
}


class Collector:
    """Gathers the metrics of all parts on demand, and keeps them for a few seconds.

    A part that does not answer in time is left out, and ``linernotes_collected`` says so.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.kept: list[Metric] = []
        self.gathered_at = float("-inf")

    def collect(self) -> list[Metric]:
        """Return the metrics of the last ``KEEP_SECONDS``, or gather them again."""
        # Held while gathering: a second scraper waits for the same metrics rather than asking the stores as well.
        with self.lock:
            if time.monotonic() - self.gathered_at > KEEP_SECONDS:
                self.kept = gather_metrics()
                self.gathered_at = time.monotonic()
            return self.kept

    def forget(self) -> None:
        """Drop the metrics: the next call gathers them again."""
        self.gathered_at = float("-inf")


def gather_metrics() -> list[Metric]:
    """Collect all parts at the same time, for two seconds at most."""
    collected = GaugeMetricFamily("linernotes_collected", "1 if a part could be asked", labels=("part",))
    metrics: list[Metric] = [collected]
    for name, answer in health.check_all(dict(PARTS)).items():
        collected.add_metric((name,), int(answer.ok))
        metrics += answer.found or []
    return metrics


collector = Collector()
# A registry of its own: django-prometheus may add up several processes; these metrics come from the ledger once.
registry = CollectorRegistry()
registry.register(collector)
