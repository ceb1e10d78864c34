"""Readiness of the site.

It is ready if both stores answer and all migrations are applied. It is degraded if only something fails that readers do
not need: the API works without the cache, and broker and folders are for loading.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from apps.api import warming
from apps.dashboard import backlog, health
from apps.dashboard.health import Check
from apps.ingest import folders


def find_missing_migrations() -> list[str]:
    """Return the migrations that the database lacks, such as ``ingest.0001_initial``."""
    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]
    finally:
        connection.close()


def find_working_queues() -> set[str]:
    """Return the queues with work in progress, on a connection of this thread's own."""
    try:
        return backlog.find_working_queues()
    finally:
        connection.close()


QUESTIONS: dict[str, Callable[[], object]] = {
    "migrations": find_missing_migrations,
    "backlog": backlog.measure_queues,
    "working": find_working_queues,
    "folders": folders.problems,
}
# Without these there is nothing to read.
STORES = ("postgresql", "neo4j")
READY, DEGRADED, NOT_READY = "ready", "degraded", "not ready"


def ask_everything() -> dict[str, Check]:
    """Run all checks of servers and all questions at the same time, for two seconds at most."""
    return health.check_all({**health.CHECKS, **QUESTIONS})


def get_status(answers: dict[str, Check]) -> str:
    """Return whether the site is ready, degraded or not ready."""
    if not all(answers[name].ok for name in STORES) or not has_nothing(answers["migrations"]):
        return NOT_READY
    is_whole = all(answers[name].ok for name in health.CHECKS) and has_nothing(answers["folders"])
    return READY if is_whole else DEGRADED


def has_nothing(check: Check) -> bool:
    """Tell whether a check ended and found no problem."""
    return check.ok and not check.found


def summarise(answers: dict[str, Check]) -> dict[str, Any]:
    """Return the public part of the answer.

    ``warm`` tells whether the answering process has warmed up.
    """
    return {
        "status": get_status(answers),
        "service": "linernotes",
        "timestamp": datetime.now(UTC).isoformat(),
        "warm": warming.is_warm(),
    }


def describe_details(answers: dict[str, Check]) -> dict[str, Any]:
    """Return the part for operators: versions and times of servers, migrations, folders, and queues."""
    migrations = answers["migrations"]
    servers = {name: answers[name] for name in health.CHECKS}
    return {
        "checks": {name: {"ok": each.ok, "ms": each.ms, "version": each.found} for name, each in servers.items()},
        "migrations": {"ok": has_nothing(migrations), "missing": migrations.found},
        "folders": {"ok": has_nothing(answers["folders"]), "problems": answers["folders"].found},
        "queues": describe_queues(answers["backlog"], answers["working"]),
    }


def describe_queues(asked: Check, worked: Check) -> dict[str, Any]:
    """Return state and depth of each queue; empty without the broker; without the ledger, by messages alone."""
    busy = worked.found or set()
    return {
        name: {
            "state": "working" if each.ready or name in busy else "idle",
            "depth": each.ready,
            "consumers": each.consumers,
        }
        for name, each in (asked.found or {}).items()
    }
