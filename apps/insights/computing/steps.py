"""Take a computation through its steps (decision 180).

A step is a statement, done once or page by page over the ids of a table. Each page is a transaction that also moves the
position in the computation's row, so an interrupted computation goes on behind its last page. What the steps find stays
in staged tables of the schema ``insights``; the last transaction puts it in place of the earlier result.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now

from apps.graph import differences
from apps.ingest.models import COMPLETE, Run
from apps.insights import keeping
from apps.insights.models import Computation, ComputationStatus

logger = logging.getLogger(__name__)

# Ids of a page. A page of releases takes a second or two.
PAGE_IDS = 20_000
# Staged tables are as safe from a crash as the position is, and a crash may lose the last page of both: nothing waits
# for the disk.
PREPARE = "SET LOCAL synchronous_commit = off; SET LOCAL work_mem = '128MB'; SET LOCAL jit = off"
LAST_OF_PAGE = """
SELECT max(data_id)
FROM (SELECT data_id FROM {table} WHERE data_id > %(after)s ORDER BY data_id LIMIT %(size)s) AS page
"""
SET_DURATION = """
UPDATE insights.computation_log
SET duration_ms = extract(epoch FROM completed_at - started_at) * 1000
WHERE id = %s
"""
LONGEST_ERROR = 2000


class Superseded(Exception):  # noqa: N818 - what happened is no error of the program
    """The computation was ended while it was being worked on."""


@dataclass(frozen=True, slots=True)
class Step:
    """A statement of a computation.

    ``over``: the table over whose ids the statement goes page by page; it finds the bounds of a page as ``after`` and
    ``upto``. Every statement also finds ``year``, ``month`` (of the day, in UTC, on which the computation began) and
    ``milestones``.
    """

    statement: str
    over: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What replaces the rows of a table: a query over the staged tables, whose columns are those of the table.

    ``replaced``: condition for the rows that go, all by default. ``key``: of a large table, whose rows are only written
    where they differ.
    """

    table: str
    columns: tuple[str, ...]
    query: str
    replaced: str = "true"
    key: str = ""


@dataclass(frozen=True, slots=True)
class Insight:
    """A computation: its steps, the tables that they stage, and its results. The first result is the public one."""

    steps: tuple[Step, ...]
    staged: tuple[str, ...]
    results: tuple[Result, ...]


def start(name: str, insight: Insight) -> Computation:
    """Return the running computation of an insight, to go on with, or begin a new one; the caller holds its lock."""
    with transaction.atomic():
        running = Computation.objects.filter(insight_type=name, status=ComputationStatus.RUNNING)
        for each in running.order_by("-pk"):
            if is_of_use(each):
                return each
            end(each, ComputationStatus.FAILED, error_message="Superseded: a later one began from the start")
        drop_staged(insight)
        return Computation.objects.create(insight_type=name)


def is_of_use(computation: Computation) -> bool:
    """Tell whether a computation may go on: it is of this month, not old, and no load has ended since it began."""
    began, now = computation.started_at, datetime.now(UTC)
    if now - began > timedelta(hours=settings.INSIGHTS_SCHEDULE_HOURS) or (began.year, began.month) != (
        now.year,
        now.month,
    ):
        return False
    return not Run.objects.filter(state__in=COMPLETE, completed_at__gt=began).exists()


def advance(computation: Computation, insight: Insight, seconds: float) -> bool:
    """Work on a computation for some seconds; return True when it is completed.

    Raises:
        Superseded: the computation was ended meanwhile.
    """
    until = time.monotonic() + seconds
    while computation.step < len(insight.steps):
        take_page(computation, insight.steps[computation.step])
        if time.monotonic() > until:
            return False
    complete(computation, insight)
    return True


def take_page(computation: Computation, step: Step) -> None:
    """Do a page of a step, or the whole of a step without pages, and move the position."""
    values = {**get_values(computation), "after": computation.position, "size": PAGE_IDS}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(PREPARE)
        if step.over:
            cursor.execute(LAST_OF_PAGE.format(table=step.over), values)
            (values["upto"],) = cursor.fetchone()
        if step.over and values["upto"] is None:
            move(computation, computation.step + 1, 0)
            return
        cursor.execute(step.statement, values)
        move(computation, computation.step if step.over else computation.step + 1, values.get("upto", 0))


def move(computation: Computation, step: int, position: int) -> None:
    """Store how far a computation is."""
    running = Computation.objects.filter(pk=computation.pk, status=ComputationStatus.RUNNING)
    if not running.update(step=step, position=position):
        raise Superseded(str(computation))
    computation.step, computation.position = step, position


def get_values(computation: Computation) -> dict[str, Any]:
    """Return the parameters that all statements of a computation find."""
    began = computation.started_at.astimezone(UTC)
    return {"year": began.year, "month": began.month, "milestones": settings.INSIGHTS_MILESTONE_YEARS}


def complete(computation: Computation, insight: Insight) -> None:
    """Put the results in place of the earlier ones and end the computation, in one transaction."""
    values = get_values(computation)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(PREPARE)
        counts = [replace_rows(cursor, result, values) for result in insight.results]
        note = None if counts[0] else "It found nothing, so the earlier result stays"
        end(computation, ComputationStatus.COMPLETED, rows_affected=counts[0], error_message=note)
        drop_staged(insight)
    # After the commit: a reader that misses the cache from now on finds the new rows.
    keeping.invalidate(computation.insight_type)
    logger.info("insight computed", extra={"insight": computation.insight_type, "rows": counts[0]})


def replace_rows(cursor: Any, result: Result, values: Mapping[str, Any]) -> int:
    """Replace the rows of a table by those of a query; return their number. No row replaces nothing."""
    columns = ", ".join(result.columns)
    cursor.execute(f"CREATE TEMPORARY TABLE result ON COMMIT DROP AS {result.query}", values)
    cursor.execute("SELECT count(*) FROM pg_temp.result")
    (count,) = cursor.fetchone()
    if count and result.key:
        values_of_row = [column for column in result.columns if column != result.key]
        differences.write(cursor, result.table, "result", keys=(result.key,), values=values_of_row)
    elif count:
        cursor.execute(f"DELETE FROM {result.table} WHERE {result.replaced}", values)
        cursor.execute(f"INSERT INTO {result.table} ({columns}) SELECT {columns} FROM pg_temp.result")
    cursor.execute("DROP TABLE pg_temp.result")
    return int(count)


def fail(computation: Computation, insight: Insight, error: BaseException) -> None:
    """End a computation that failed. The earlier result stays."""
    with transaction.atomic():
        message = f"{type(error).__name__}: {error}"[:LONGEST_ERROR].replace("\0", "")
        end(computation, ComputationStatus.FAILED, error_message=message)
        drop_staged(insight)
    logger.error("insight %s failed", computation.insight_type, exc_info=error)


def end(computation: Computation, status: str, **fields: Any) -> None:
    """Enter into the log how a running computation ended."""
    running = Computation.objects.filter(pk=computation.pk, status=ComputationStatus.RUNNING)
    if not running.update(status=status, completed_at=Now(), **fields):
        raise Superseded(str(computation))
    with connection.cursor() as cursor:
        cursor.execute(SET_DURATION, [computation.pk])


def drop_staged(insight: Insight) -> None:
    """Drop the staged tables of an insight."""
    with connection.cursor() as cursor:
        for table in insight.staged:
            cursor.execute(f"DROP TABLE IF EXISTS {table}")
