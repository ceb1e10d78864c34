"""The scheduler of ``celery beat``. Its entries are in the database, where the admin changes them.

``CELERY_BEAT_SCHEDULE`` has only the initial values of an entry. An existing entry stays as an operator left it. A
deleted entry is created again at the next start, so disable an entry that you do not want.
"""

from __future__ import annotations

import json
import logging
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from celery.beat import SchedulingError
from celery.schedules import maybe_schedule
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django_celery_beat.models import IntervalSchedule, PeriodicTask, PeriodicTasks
from django_celery_beat.schedulers import DatabaseScheduler

logger = logging.getLogger(__name__)

WAIT_SECONDS = 2
# The least time between two checks of a publisher's site, however often the process is restarted.
COOL_DOWN = timedelta(minutes=10)
CHECK = "tasks.periodic.check_for_dumps"
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
DAY_SECONDS = 86_400
AWAY = (DatabaseError, InterfaceError)


class Scheduler(DatabaseScheduler):  # type: ignore[misc] # it has no types
    """Reads the schedule from the database and survives an outage of the database or the broker."""

    def setup_schedule(self) -> None:
        """Wait for the database, create the missing entries, and read all entries."""
        while True:
            try:
                create_missing(self.app.conf.beat_schedule)
                if settings.RUN_ON_START:
                    make_check_due()
                entries = sorted(self.schedule)
            except AWAY as error:
                logger.warning("the schedule waits for the database: %s", str(error).strip().splitlines()[0])
                connection.close()
                self._initial_read = True
                time.sleep(WAIT_SECONDS)
            else:
                logger.info("schedule read", extra={"entries": entries})
                return

    def all_as_schedule(self) -> dict[str, Any]:
        """Return the entries; while the database is away, return the last ones read as a fallback."""
        try:
            return super().all_as_schedule()  # type: ignore[no-any-return]
        except AWAY:
            if self._schedule is None:
                raise
            connection.close()
            return self._schedule  # type: ignore[no-any-return]

    def apply_async(self, entry: Any, producer: Any = None, advance: bool = True, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002
        """Send the task of an entry; if the broker does not take it, leave the entry due.

        Celery moves ``last_run_at`` before it sends, whether the broker answers or not. A check of a publisher's site
        would come an interval later, which is weeks. With the old time the entry is due again as soon as the schedule
        is read anew, which happens every five minutes and at a restart.
        """
        try:
            return super().apply_async(entry, producer=producer, advance=advance, **kwargs)
        except SchedulingError:
            entry.model.last_run_at = entry.last_run_at
            # The time that Celery moved may be written already.
            self._dirty.add(entry.name)
            raise


def create_missing(defaults: dict[str, dict[str, Any]]) -> None:
    """Create the entries that are not in the database."""
    there = set(PeriodicTask.objects.values_list("name", flat=True))
    for name in sorted(defaults.keys() - there):
        entry = defaults[name]
        PeriodicTask.objects.get_or_create(
            name=name,
            defaults={
                "task": entry["task"],
                "kwargs": json.dumps(entry.get("kwargs", {})),
                "interval": make_interval(maybe_schedule(entry["schedule"]).run_every.total_seconds()),
                "expire_seconds": int(entry.get("options", {}).get("expires", 0)) or None,
            },
        )


def make_interval(seconds: float) -> IntervalSchedule:
    """Return the interval of ``seconds``, at least one second; whole days are stored as days."""
    whole = max(round(seconds), 1)
    every, period = (
        (whole // DAY_SECONDS, IntervalSchedule.DAYS) if whole % DAY_SECONDS == 0 else (whole, IntervalSchedule.SECONDS)
    )
    found = IntervalSchedule.objects.filter(every=every, period=period).first()
    return found or IntervalSchedule.objects.create(every=every, period=period)


def make_check_due() -> None:
    """Make the checks of publishers' sites due now, except those that are disabled or ran within ``COOL_DOWN``."""
    checks = PeriodicTask.objects.filter(task=CHECK, enabled=True)
    if checks.exclude(last_run_at__gt=datetime.now(UTC) - COOL_DOWN).update(last_run_at=LONG_AGO):
        PeriodicTasks.update_changed()
