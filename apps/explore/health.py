"""Health: whether each server that the site needs answers, and how fast."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from celery import current_app
from django.core.cache import cache
from django.db import connection

from apps.graph.session import session

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 2.0
# Servers that are away hold a thread each for as long as their driver waits. The pool bounds those threads; with all of
# them held, the next check ends by its time-out, which is the right answer too.
pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="health")


@dataclass(frozen=True, slots=True)
class Check:
    """What became of one check."""

    ok: bool
    ms: float


def report() -> dict[str, Any]:
    """Return the health of the site in the shape of ``/health``."""
    checks = check_all(CHECKS)
    is_healthy = all(check.ok for check in checks.values())
    return {
        "status": "healthy" if is_healthy else "unhealthy",
        "service": "linernotes",
        "timestamp": datetime.now(UTC).isoformat(),
        "checks": {name: {"ok": check.ok, "ms": check.ms} for name, check in checks.items()},
    }


def check_all(checks: dict[str, Callable[[], object]]) -> dict[str, Check]:
    """Run all checks at the same time; what has not ended after ``TIMEOUT_SECONDS`` has failed."""
    running = {name: pool.submit(timed, check) for name, check in checks.items()}
    wait(running.values(), timeout=TIMEOUT_SECONDS)
    return {name: outcome(name, future) for name, future in running.items()}


def timed(check: Callable[[], object]) -> float:
    """Return how many milliseconds a check took."""
    began = time.perf_counter()
    check()
    return round((time.perf_counter() - began) * 1000, 1)


def outcome(name: str, future: Future[float]) -> Check:
    """Tell how a check ended. The error goes to the log, because the answer is public."""
    if not future.done():
        future.cancel()
        logger.warning("%s did not answer within %s s", name, TIMEOUT_SECONDS)
        return Check(ok=False, ms=TIMEOUT_SECONDS * 1000)
    if error := future.exception():
        logger.warning("%s is not healthy: %s", name, error)
        return Check(ok=False, ms=0.0)
    return Check(ok=True, ms=future.result())


def ask_postgresql() -> None:
    """Ask PostgreSQL for an answer, on a connection of this thread's own."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        connection.close()


def ask_neo4j() -> None:
    """Ask Neo4j for an answer, without the driver's own retries."""
    with session() as opened:
        opened.run("RETURN 1").consume()


def ask_broker() -> None:
    """Connect to the broker of the tasks."""
    with current_app.connection_for_read() as opened:
        opened.ensure_connection(max_retries=1, timeout=TIMEOUT_SECONDS)


def ask_cache() -> None:
    """Ask the cache for an answer."""
    cache.get("health")


CHECKS: dict[str, Callable[[], object]] = {
    "postgresql": ask_postgresql,
    "neo4j": ask_neo4j,
    "broker": ask_broker,
    "cache": ask_cache,
}
