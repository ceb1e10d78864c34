"""The collector: asks, keeps ten minutes of the queues, and publishes a snapshot. One at a time, by a lock in Redis."""

from __future__ import annotations

import logging
import time
from collections import deque
from concurrent.futures import wait
from datetime import UTC, datetime
from pathlib import Path
from threading import Event as Signal
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import Error, connection

from apps.dashboard.live import probes, snapshots, store
from apps.dashboard.live.snapshots import Found
from apps.ingest import ledger

logger = logging.getLogger(__name__)

# Seconds between two rounds, and between two questions of a kind while nobody looks.
ROUND_SECONDS = 2.0
IDLE_SECONDS = 30.0
# A round waits so long for its answers; what comes later is in the next snapshot.
WAIT_SECONDS = 0.8
# The line of a queue: ten minutes, a point each ten seconds.
HISTORY_SECONDS = 600
POINT_SECONDS = 10
# A worker that does not answer for so long is lost, also while nobody looks and questions are rare. Since one that was
# stopped says so to nobody, it is forgotten some minutes later.
LOST_SECONDS = 75
FORGET_SECONDS = 900


class Collector:
    """Measures in rounds and publishes what it finds."""

    def __init__(self) -> None:
        self.owner = uuid4().hex
        self.probes = probes.make_probes()
        # Queue → (seconds since 1970, messages that wait), oldest first.
        self.history: dict[str, deque[tuple[int, int]]] = {}
        self.workers: dict[str, Found] = {}
        self.rates: dict[str, float] = {}
        self.inspected_at = 0.0
        self.done: dict[str, dict[str, int]] = {}
        self.lost_servers: set[str] = set()
        self.last_event: int | None = None
        self.published_at = float("-inf")
        self.was_holding = False

    def run(self, stop: Signal) -> None:
        """Measure until ``stop`` is set. Without the lock, wait: another collector has it."""
        try:
            while not stop.is_set():
                began = time.monotonic()
                self.touch_liveness_file()
                if store.hold_lock(self.owner):
                    self.measure(began, is_watched=store.is_watched())
                else:
                    self.was_holding = False
                stop.wait(max(ROUND_SECONDS - (time.monotonic() - began), 0.1))
        finally:
            store.release_lock(self.owner)

    def touch_liveness_file(self) -> None:
        """Touch ``LIVENESS_FILE``, for the health check of a container."""
        if settings.LIVENESS_FILE:
            Path(settings.LIVENESS_FILE).touch()

    def measure(self, now: float, *, is_watched: bool) -> None:
        """Ask what is due, and publish a snapshot if something new was found."""
        if not self.was_holding:
            self.was_holding = True
            self.take_over()
        pause = 0.0 if is_watched else IDLE_SECONDS
        if not is_watched and now - self.published_at < IDLE_SECONDS:
            return
        for probe in self.probes.values():
            probe.begin(now, pause)
        self.wait(is_watched=is_watched)
        for probe in self.probes.values():
            probe.take(time.monotonic())
        self.note_changes()
        # First, since queues have the rates of their workers.
        workers = self.describe_workers()
        snapshot = snapshots.compose(self.probes, self.describe_queues(), workers)
        store.publish([snapshot, *self.find_new_events(snapshot)], snapshot)
        self.published_at = now

    def wait(self, *, is_watched: bool) -> None:
        """Wait for the answers of this round: for a moment, or for all of them if the next round is far off."""
        awaited = [each for each in self.probes.values() if not is_watched or each.seconds <= ROUND_SECONDS]
        futures = [each.future for each in awaited if each.future is not None]
        wait(futures, timeout=WAIT_SECONDS if is_watched else probes.LATE_SECONDS)

    def take_over(self) -> None:
        """Go on with the history and the workers of the collector before this one."""
        before = store.read_snapshot()
        if before is None:
            return
        for queue in before["data"]["queues"]:
            self.history[queue["name"]] = deque(map(tuple, queue["history"]))
        self.workers = {each["name"]: each for each in before["data"]["workers"]}
        self.last_event = max((each["id"] for each in before["data"]["events"]), default=0)

    # Queues

    def describe_queues(self) -> list[Found]:
        """Return each queue with the keys of the seed's message, its history, and its dead letters."""
        now = int(time.time())
        found: dict[str, Any] = self.probes["queues"].found or {}
        dead: dict[str, int] = self.probes["dead letters"].found or {}
        return [self.describe_queue(name, each, now, dead.get(name, 0)) for name, each in found.items()]

    def describe_queue(self, name: str, found: Any, now: int, dead: int) -> Found:
        """Return one queue, and note how much waits in it."""
        points = self.history.setdefault(name, deque())
        if not points or now - points[-1][0] >= POINT_SECONDS:
            points.append((now, found.ready))
        while points and now - points[0][0] > HISTORY_SECONDS:
            points.popleft()
        healthy = [each for each in self.workers.values() if each["status"] == "healthy"]
        taken = sum(each[kind].get(name, 0) for each in healthy for kind in ("active", "reserved"))
        consumers = found.consumers
        if consumers is None:
            # Redis and Valkey know no consumers.
            consumers = sum(name in each["queues"] for each in healthy)
        rate = self.rates.get(name, 0.0)
        # What came is what went and what there is more of.
        growth = (points[-1][1] - points[0][1]) / max(points[-1][0] - points[0][0], 1)
        return {
            "name": name,
            "messages": found.ready + taken,
            "messages_ready": found.ready,
            "messages_unacknowledged": taken,
            "consumers": consumers,
            "message_rate": round(max(rate + growth, 0.0), 2),
            "ack_rate": round(rate, 2),
            "dead": dead,
            "history": list(points),
        }

    # Workers

    def describe_workers(self) -> list[Found]:
        """Return the workers that answer and those that were lost lately."""
        answer: list[Found] = self.probes["workers"].found or []
        if self.probes["workers"].is_ok and self.probes["workers"].begun_at != self.inspected_at:
            self.measure_rates(answer, self.probes["workers"].begun_at - self.inspected_at)
            self.inspected_at = self.probes["workers"].begun_at
            for each in answer:
                known = self.workers.get(each["name"])
                if known and known["status"] == "lost":
                    self.note("worker back", f"Worker {each['name']} is back")
                self.workers[each["name"]] = {**each, "status": "healthy", "load": measure_load(each)}
        now = datetime.now(UTC)
        for name, each in list(self.workers.items()):
            silent = (now - datetime.fromisoformat(each["last_seen"])).total_seconds()
            if silent > FORGET_SECONDS:
                del self.workers[name]
            elif silent > LOST_SECONDS and each["status"] == "healthy":
                self.workers[name] = {**each, "status": "lost", "active": {}, "reserved": {}, "load": 0.0}
                self.note("worker lost", f"Worker {name} does not answer")
        return sorted(self.workers.values(), key=lambda each: each["name"])

    def measure_rates(self, answer: list[Found], seconds: float) -> None:
        """Compute the tasks a second that ended, by queue, since the last inspection."""
        counts: dict[str, int] = {}
        for each in answer:
            before = self.done.get(each["name"]) or each["done"]
            for queue, done in each["done"].items():
                # A worker that began anew counts from 0.
                counts[queue] = counts.get(queue, 0) + max(done - before.get(queue, 0), 0)
        self.done = {each["name"]: each["done"] for each in answer}
        self.rates = {queue: count / seconds for queue, count in counts.items()} if seconds > 0 else {}

    # Events

    def note_changes(self) -> None:
        """Write an event for a server that stopped or began to answer."""
        for name, title in snapshots.TITLES.items():
            if self.probes[name].is_ok is False and name not in self.lost_servers:
                self.lost_servers.add(name)
                self.note("server lost", f"{title} does not answer")
            elif self.probes[name].is_ok and name in self.lost_servers:
                self.lost_servers.remove(name)
                self.note("server back", f"{title} answers again")

    def note(self, kind: str, message: str) -> None:
        """Write an event into the ledger; if PostgreSQL is the one that is away, into the log alone."""
        logger.warning("%s", message)
        try:
            ledger.note(None, kind, message, by="collector")
        except Error as error:
            logger.warning("the ledger could not take it: %s", error)
        finally:
            connection.close()

    def find_new_events(self, snapshot: Found) -> list[Found]:
        """Return the events since the last snapshot as messages, the oldest first."""
        events = snapshot["data"]["events"]
        before, self.last_event = self.last_event, max((each["id"] for each in events), default=0)
        if before is None:
            return []
        return [{"type": "event", "data": each} for each in reversed(events) if each["id"] > before]


def measure_load(worker: Found) -> float:
    """Return the part of a worker's processes that is busy, 0 … 1."""
    busy: int = sum(worker["active"].values())
    return round(min(busy / (worker["pool"] or 1), 1.0), 2)
