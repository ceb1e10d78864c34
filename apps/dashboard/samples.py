"""Takes samples of queues and servers, and deletes old ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from apps.dashboard import backlog, health, overview
from apps.dashboard.models import HealthSample, QueueSample


def measure_postgresql() -> dict[str, int]:
    """Return how many bytes the database has on disk."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            return {"bytes": cursor.fetchone()[0]}
    finally:
        connection.close()


def measure_neo4j() -> dict[str, int]:
    """Return how many nodes and relationships the graph has, from its count store."""
    size = overview.measure_graph()
    return {"nodes": size.nodes, "relationships": size.relationships}


def measure_cache() -> dict[str, int]:
    """Return how many bytes of memory the cache's server uses."""
    return {"bytes": health.get_cache_client().info("memory")["used_memory"]}


SIZES: dict[str, Callable[[], dict[str, int]]] = {
    "postgresql": measure_postgresql,
    "neo4j": measure_neo4j,
    "cache": measure_cache,
}


def collect(live: Mapping[str, Mapping[str, Any]]) -> dict[str, int]:
    """Take a sample of every server and queue; return ``{taken, pruned}``, numbers of rows.

    A server that does not answer is a sample too; without the broker there are no samples of queues.
    ``live``: queue → the columns of its sample that only the live status knows.
    """
    at = datetime.now(UTC)
    # Sizes are asked only of servers that answer: each of the others would cost its time-out once more.
    servers = health.check_all(health.CHECKS)
    sizes: dict[str, Any] = health.check_all({name: ask for name, ask in SIZES.items() if servers[name].ok})
    health_samples = [
        HealthSample(
            at=at, server=name, ok=each.ok, ms=each.ms, sizes=(sizes[name].found or {}) if name in sizes else {}
        )
        for name, each in servers.items()
    ]
    asked = health.check_all({"backlog": backlog.measure_queues})["backlog"]
    queue_samples = [
        QueueSample(at=at, queue=name, ready=each.ready, consumers=each.consumers, **live.get(name, {}))
        for name, each in (asked.found or {}).items()
    ]
    HealthSample.objects.bulk_create(health_samples)
    QueueSample.objects.bulk_create(queue_samples)
    return {"taken": len(health_samples) + len(queue_samples), "pruned": prune(at)}


def prune(now: datetime) -> int:
    """Delete the samples that are older than ``METRICS_RETENTION_DAYS``; return how many."""
    before = now - timedelta(days=settings.METRICS_RETENTION_DAYS)
    # With every sample, so that a deletion is always small.
    return sum(model.objects.filter(at__lt=before).delete()[0] for model in (HealthSample, QueueSample))
