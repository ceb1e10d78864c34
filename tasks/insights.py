"""Celery tasks of the insights (queue ``insights``). A computation is a task that replaces itself until it is done."""

from __future__ import annotations

from typing import Any

from celery import Task, chord, shared_task
from django.db import connection

from apps.insights import community
from apps.insights.computing import running
from tasks.settled import is_transient, wait_seconds

# Seconds of work of one message: brokers deliver a message again that takes too long.
STEP_SECONDS = 60
# After so many tries, some ten minutes, a server that is away makes a computation fail; the next one comes by itself.
MOST_RETRIES = 12
# Seconds until a computation goes on whose worker was killed, or that another process works on.
LOOK_AGAIN_SECONDS = 10


@shared_task(name="tasks.insights.compute_all", ignore_result=True, acks_on_failure=True)
def compute_all() -> None:
    """Compute all insights: the five at once, and then what needs them or takes long (sent by beat and after a run)."""
    chord([compute_insight.si(name) for name in running.FIRST], compute_later.si())()


@shared_task(name="tasks.insights.compute_later", ignore_result=True, acks_on_failure=True)
def compute_later() -> None:
    """Compute the insights that come after the five."""
    for name in running.INSIGHTS.keys() - running.FIRST.keys():
        compute_insight.delay(name)
    fetch_community.delay()


@shared_task(
    name="tasks.insights.compute_insight",
    bind=True,
    max_retries=MOST_RETRIES,
    default_retry_delay=LOOK_AGAIN_SECONDS,
    acks_on_failure=True,
)
def compute_insight(task: Task[Any, Any], name: str, number: int | None = None) -> dict[str, str]:
    """Work on an insight for a minute, and replace itself until it is computed.

    It never raises: a header task that raises would keep the callback of its chord from running.
    """
    try:
        number, wait = running.compute(name, number, seconds=STEP_SECONDS), 0
    except running.Busy:
        # Maybe one that was killed: its message can come back before PostgreSQL has ended its last statement.
        number, wait = number or running.find_running(name), LOOK_AGAIN_SECONDS
    except Exception as error:
        connection.close()
        if is_transient(error) and task.request.retries < MOST_RETRIES:
            raise task.retry(exc=error, countdown=wait_seconds(task.request.retries)) from error
        running.give_up(name, error)
        return {"status": "failed", "error": str(error)}
    if number is not None:
        raise task.replace(compute_insight.si(name, number).set(countdown=wait))
    return {"status": "done"}


# acks_on_failure: a failed message does not become a dead letter, since the schedule begins or goes on with a run.
@shared_task(name="tasks.insights.fetch_community", ignore_result=True, acks_on_failure=True)
def fetch_community(number: int | None = None) -> None:
    """Ask Discogs for the counts of one release, and send the task of the next one."""
    step = community.take_step(number)
    if step is not None:
        number, seconds = step
        fetch_community.apply_async((number,), countdown=seconds)
