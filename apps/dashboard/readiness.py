"""Whether the site can do its work: every server answers and the tables are those of this version."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from apps.dashboard import backlog, health
from apps.dashboard.health import Check


def missing_migrations() -> list[str]:
    """Return the migrations that the database lacks, such as ``ingest.0002_new_ids``."""
    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]
    finally:
        connection.close()


def working() -> set[str]:
    """Ask the ledger which queues are worked on, on a connection of this thread's own."""
    try:
        return backlog.working()
    finally:
        connection.close()


QUESTIONS: dict[str, Callable[[], object]] = {
    "migrations": missing_migrations,
    "backlog": backlog.of_queues,
    "working": working,
}


def ask() -> dict[str, Check]:
    """Ask every server and the questions beside, all at the same time and each for two seconds at most."""
    return health.check_all({**health.CHECKS, **QUESTIONS})


def is_ready(answers: dict[str, Check]) -> bool:
    """Tell whether every server answered and no migration is missing."""
    migrations = answers["migrations"]
    return all(answers[name].ok for name in health.CHECKS) and migrations.ok and not migrations.found


def summary(answers: dict[str, Check]) -> dict[str, Any]:
    """Return what everybody may know."""
    status = "ready" if is_ready(answers) else "not ready"
    return {"status": status, "service": "linernotes", "timestamp": datetime.now(UTC).isoformat()}


def details(answers: dict[str, Check]) -> dict[str, Any]:
    """Return what operators may know: versions and times of servers, migrations, and what the queues do."""
    migrations = answers["migrations"]
    servers = {name: answers[name] for name in health.CHECKS}
    return {
        "checks": {name: {"ok": each.ok, "ms": each.ms, "version": each.found} for name, each in servers.items()},
        "migrations": {"ok": migrations.ok and not migrations.found, "missing": migrations.found},
        "queues": queues(answers["backlog"], answers["working"]),
    }


def queues(asked: Check, worked: Check) -> dict[str, Any]:
    """Return state and depth of each queue; none if the broker did not tell, and only waiting ones without a ledger."""
    busy = worked.found or set()
    return {
        name: {
            "state": "working" if each.ready or name in busy else "idle",
            "depth": each.ready,
            "consumers": each.consumers,
        }
        for name, each in (asked.found or {}).items()
    }
