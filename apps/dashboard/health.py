"""Health checks: whether each server that the site needs answers, and how fast."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from django.conf import settings
from django.core.cache import cache
from django.db import connection

from apps.graph.session import session
from apps.ingest.feed import broker, queues

logger = logging.getLogger(__name__)

HEALTHY, STARTING = "healthy", "starting"
TIMEOUT_SECONDS = 2.0
# A check of a server that is away blocks a thread for as long as its driver waits. The pool bounds these threads; if
# all are blocked, the next check ends by its time-out, which is right too.
pool = ThreadPoolExecutor(max_workers=16, thread_name_prefix="health")
# Keyed by the function itself, so that pages, metrics and probes that ask at the same time share one run.
# Check → its last run.
begun: dict[Callable[[], object], Future[Check]] = {}
beginning = threading.Lock()


@dataclass(frozen=True, slots=True)
class Check:
    """The outcome of one check."""

    ok: bool
    ms: float
    # The return value of the check.
    found: Any = None


def report_health() -> dict[str, str]:
    """Return the body of ``/health``: ``starting`` while PostgreSQL does not answer."""
    is_healthy = check_all({"postgresql": ask_postgresql})["postgresql"].ok
    return {
        "status": HEALTHY if is_healthy else STARTING,
        "service": "api",
        "timestamp": datetime.now(UTC).isoformat(timespec="microseconds"),
    }


def check_all(checks: dict[str, Callable[[], object]]) -> dict[str, Check]:
    """Run all checks at the same time; a check that has not ended after ``TIMEOUT_SECONDS`` has failed."""
    running = {name: begin_check(check) for name, check in checks.items()}
    # One time-out for all: they run side by side, so the slowest of them bounds the answer.
    wait(running.values(), timeout=TIMEOUT_SECONDS)
    return {name: read_outcome(name, future) for name, future in running.items()}


def begin_check(check: Callable[[], object]) -> Future[Check]:
    """Begin a check, or return its run that is still going on: a server that hangs blocks only one thread."""
    with beginning:
        future = begun.get(check)
        # Probes come every few seconds and a hanging driver may block for minutes. Without this each probe would block
        # one more thread of the pool.
        if future is None or future.done():
            future = begun[check] = pool.submit(time_check, check)
    return future


def time_check(check: Callable[[], object]) -> Check:
    """Run a check and measure its milliseconds."""
    start = time.perf_counter()
    found = check()
    return Check(ok=True, ms=round((time.perf_counter() - start) * 1000, 1), found=found)


def read_outcome(name: str, future: Future[Check]) -> Check:
    """Return the outcome of a check. Its error goes to the log, because the answer is public."""
    if not future.done():
        logger.warning("%s did not answer within %s s", name, TIMEOUT_SECONDS)
        return Check(ok=False, ms=TIMEOUT_SECONDS * 1000)
    if error := future.exception():
        logger.warning("%s is not healthy: %s", name, error)
        return Check(ok=False, ms=0.0)
    return future.result()


def ask_postgresql() -> str:
    """Ask PostgreSQL for its version, on a connection of this thread's own."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('server_version')")
            return str(cursor.fetchone()[0])
    finally:
        connection.close()


def ask_neo4j() -> str:
    """Ask Neo4j for its version, without the driver's own retries."""
    with session() as opened:
        return opened.run("RETURN 1").consume().server.agent.removeprefix("Neo4j/")


def ask_broker() -> str:
    """Ask the broker of the tasks for its name and version."""
    with broker.connect(TIMEOUT_SECONDS) as opened:
        if queues.is_rabbitmq(settings.CELERY_BROKER_URL):
            server = opened.connection.server_properties
            return f"{server['product']} {server['version']}"
        channel: Any = opened.default_channel
        return format_redis_version(channel.client.info("server"))


def ask_cache() -> str:
    """Ask the cache for its name and version."""
    return format_redis_version(get_cache_client().info("server"))


def get_cache_client() -> Any:
    """Return the client of the cache's Redis or Valkey."""
    return cast("Any", cache).client.get_client()


def format_redis_version(server: dict[str, Any]) -> str:
    """Return name and version of a Redis or a Valkey; Valkey reports its own beside that of Redis."""
    name = str(server.get("server_name", "redis"))
    return f"{name} {server.get(f'{name}_version', server['redis_version'])}"


CHECKS: dict[str, Callable[[], object]] = {
    "postgresql": ask_postgresql,
    "neo4j": ask_neo4j,
    "broker": ask_broker,
    "cache": ask_cache,
}
