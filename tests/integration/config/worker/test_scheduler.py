"""The schedule's clock on a database, where an operator may change it."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from celery import current_app
from django.db import connection
from django.urls import reverse
from django_celery_beat.models import IntervalSchedule, PeriodicTask
from kombu.connection import Connection

from apps.accounts.models import User
from config.worker.scheduler import CHECK, LONG_AGO, Scheduler, create_missing, make_check_due

pytestmark = pytest.mark.django_db(transaction=True)
NOWHERE = "redis://127.0.0.1:1/0"
DEFAULTS = {
    "watchdog": {"task": "tasks.watchdog.watch", "schedule": 30.0, "options": {"expires": 30.0}},
    "check": {"task": CHECK, "schedule": 15 * 86_400},
}


def open_clock():
    """Return a clock as ``celery beat`` has one, without its last word when the process ends: the tables are gone."""
    clock = Scheduler(app=current_app._get_current_object())
    clock._finalize.cancel()
    return clock


def test_entries_are_made_from_the_settings():
    create_missing(DEFAULTS)

    watchdog, check = PeriodicTask.objects.get(name="watchdog"), PeriodicTask.objects.get(name="check")
    assert (watchdog.task, str(watchdog.interval), watchdog.expire_seconds) == (
        "tasks.watchdog.watch",
        "every 30 seconds",
        30,
    )
    assert str(check.interval) == "every 15 days"
    assert watchdog.enabled
    assert check.enabled


def test_an_interval_below_a_second_is_one():
    create_missing({"watchdog": {"task": "tasks.watchdog.watch", "schedule": 0.2}})

    assert str(PeriodicTask.objects.get(name="watchdog").interval) == "every second"


def test_what_an_operator_changed_survives_a_restart():
    open_clock()
    slow = IntervalSchedule.objects.create(every=7, period=IntervalSchedule.MINUTES)
    PeriodicTask.objects.filter(name="watchdog").update(interval=slow)
    PeriodicTask.objects.filter(name="tidy").update(enabled=False)

    again = open_clock()

    assert again.schedule["watchdog"].schedule.run_every == timedelta(minutes=7)
    assert "tidy" not in again.schedule


def test_a_change_is_taken_while_the_clock_runs():
    clock = open_clock()
    assert clock.schedule["watchdog"].schedule.run_every.total_seconds() != 420
    entry = PeriodicTask.objects.get(name="watchdog")
    entry.interval = IntervalSchedule.objects.create(every=7, period=IntervalSchedule.MINUTES)
    entry.save()

    assert clock.schedule["watchdog"].schedule.run_every == timedelta(minutes=7)


def test_what_was_sent_last_survives_a_restart():
    create_missing(DEFAULTS)
    sent = datetime.now(UTC) - timedelta(days=14, hours=23)
    PeriodicTask.objects.filter(name="check").update(last_run_at=sent)

    assert open_clock().schedule["check"].last_run_at == sent


@pytest.mark.parametrize(
    ("last", "enabled", "is_due"),
    [(None, True, True), (timedelta(days=1), True, True), (timedelta(minutes=5), True, False), (None, False, False)],
)
def test_a_start_makes_the_check_due_unless_there_was_one_just_now(last, enabled, is_due):
    create_missing(DEFAULTS)
    when = last and datetime.now(UTC) - last
    PeriodicTask.objects.filter(name="check").update(last_run_at=when, enabled=enabled)

    make_check_due()

    entry = open_clock().schedule.get("check")
    assert bool(entry and entry.is_due().is_due) is is_due


def test_the_clock_goes_on_with_what_it_read_while_the_database_is_away():
    clock = open_clock()
    before = set(clock.schedule)
    clock._last_full_sync = datetime.min  # noqa: DTZ901 - as the library keeps it
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE django_celery_beat_periodictask RENAME TO elsewhere")
    try:
        during = set(clock.schedule)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE elsewhere RENAME TO django_celery_beat_periodictask")

    assert before
    assert during == before


@pytest.mark.parametrize("is_restarted", [False, True], ids=["goes on", "restarted"])
def test_a_check_that_no_broker_took_is_sent_when_the_broker_is_back(is_restarted):
    create_missing({"check": {**DEFAULTS["check"], "kwargs": {"source": "discogs"}}})
    open_clock()
    PeriodicTask.objects.exclude(name="check").update(enabled=False)
    PeriodicTask.objects.filter(name="check").update(last_run_at=LONG_AGO)
    take_sources()
    clock = open_clock()
    clock.producer = current_app.amqp.Producer(Connection(NOWHERE))

    clock.tick()

    assert take_sources() == []
    if is_restarted:
        clock.sync()
        clock = open_clock()
    else:
        del clock.producer
        clock._last_full_sync = datetime.min  # noqa: DTZ901 - five minutes later
    clock.tick()
    clock.tick()
    assert take_sources() == ["discogs"]


def take_sources():
    """Take the checks out of their queue; return their sources."""
    with current_app.connection_for_read() as opened_connection:
        found = []
        while (message := opened_connection.default_channel.basic_get("fetcher", no_ack=True)) is not None:
            found.append(message.decode()[1]["source"])
        return found


def test_the_admin_shows_and_changes_the_schedule(client):
    client.force_login(User.objects.create(email="admin@example.com", is_staff=True, is_superuser=True))
    create_missing(DEFAULTS)
    entry = PeriodicTask.objects.get(name="watchdog")

    listed = client.get(reverse("admin:django_celery_beat_periodictask_changelist"))
    page = client.get(reverse("admin:django_celery_beat_periodictask_change", args=[entry.pk]))
    form = page.context["adminform"].form
    values = {name: value for name, value in form.initial.items() if value is not None and name in form.fields}
    seven = IntervalSchedule.objects.create(every=7, period=IntervalSchedule.MINUTES)
    saved = client.post(page.request["PATH_INFO"], {**values, "interval": seven.pk})

    assert "watchdog" in listed.content.decode()
    assert "tasks.periodic.tidy" in page.content.decode()
    assert saved.status_code == 302
    assert PeriodicTask.objects.get(name="watchdog").interval == seven
    for other in ("intervalschedule", "crontabschedule", "clockedschedule", "solarschedule"):
        assert client.get(reverse(f"admin:django_celery_beat_{other}_changelist")).status_code == 200
    assert client.get(reverse("admin:ingest_sourcecheck_changelist")).status_code == 200


@pytest.mark.parametrize(
    ("days", "names"), [("0", "[]"), ("3", "['check for dumps', 'check for dumps of musicbrainz']")]
)
def test_a_check_is_on_the_schedule_only_where_one_is_wanted(days, names):
    code = "from django.conf import settings as s; print([n for n in s.CELERY_BEAT_SCHEDULE if 'check' in n])"
    environment = {**os.environ, "PERIODIC_CHECK_DAYS": days}
    root = Path(__file__).parents[4]
    printed = subprocess.run(
        [sys.executable, "-c", code], cwd=root, env=environment, stdout=subprocess.PIPE, check=True
    )

    assert printed.stdout.decode().strip() == names
