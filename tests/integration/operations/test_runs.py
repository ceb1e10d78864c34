"""The one door to runs: what it notes of who asked, and what it leaves when the broker is away."""

import os
import pwd
import socket
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from celery import current_app
from django.core.management import CommandError, call_command
from django.urls import reverse
from kombu import pools
from kombu.connection import Connection

from apps.accounts.models import User
from apps.ingest.models import DeadLetter, Event, Run, RunState
from apps.ingest.runs import starting
from apps.ingest.runs.starting import Options
from apps.operations import runs
from apps.stack import environment
from tasks import periodic
from tasks.watchdog import watch
from tests.loading import add_chunks, give_up, reload, start
from tests.records import artist

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("spooled")]

ROOT = Path(__file__).resolve().parents[3]
NOWHERE = "redis://127.0.0.1:1/0"
BY = f"command line of {pwd.getpwuid(os.getuid()).pw_name}@{socket.gethostname()}"
SAMPLE = Options("discogs", stores=["tables"])


@pytest.fixture
def broker_away(monkeypatch):
    """Tasks are published to a port where nothing listens."""
    monkeypatch.setattr(current_app.amqp, "_producer_pool", pools.producers[Connection(NOWHERE)])
    return monkeypatch


@pytest.fixture
def _empty_queues():
    for queue in ("extractor", "fetcher", "tableinator"):
        sent_to(queue)


def sent_to(queue):
    """Take the messages of a queue from the broker."""
    with current_app.connection_for_read() as connection:
        channel = connection.default_channel
        found = []
        while (message := channel.basic_get(queue)) is not None:
            channel.basic_ack(message.delivery_tag)
            found.append((message.headers["task"].rpartition(".")[2], message.decode()[0][0]))
        return found


def list_noted(run, kind):
    """Return who did what there is one event of."""
    return run.events.get(kind=kind).by


def chunk_that_gave_up():
    (chunk,) = add_chunks(start("artists"), "artists", [artist(1)])
    give_up(chunk, "extract")
    return chunk


# Who


@pytest.mark.usefixtures("_empty_queues")
def test_starting_enters_who_did_it_in_one_event_and_sends_the_run():
    run = runs.start(SAMPLE, folder=ROOT / "sample", by="ada@example.com")

    assert list_noted(run, "started") == run.started_by == "ada@example.com"
    assert sent_to("extractor") == [("start_run", run.pk)]


@pytest.mark.usefixtures("_empty_queues")
def test_resuming_and_cancelling_from_the_command_line_enter_user_and_host():
    run = start("artists")
    call_command("runs", "resume", str(run.pk), stdout=StringIO())
    call_command("runs", "cancel", str(run.pk), stdout=StringIO())

    assert list_noted(run, "resumed") == list_noted(run, "cancelled") == BY
    assert sent_to("extractor") == [("start_run", run.pk)]


@pytest.mark.usefixtures("_empty_queues")
def test_replaying_from_the_command_line_enters_user_and_host():
    chunk = chunk_that_gave_up()

    call_command("replay", "--run", str(chunk.file.run_id), stdout=StringIO())

    assert list_noted(chunk.file.run, "replayed") == BY
    assert sent_to("extractor") == [("extract_chunk", chunk.pk)]


@pytest.mark.usefixtures("_empty_queues")
def test_a_replay_by_another_run_says_who_started_that(tmp_path):
    run = runs.start(SAMPLE, folder=ROOT / "sample", by="schedule")
    letter = DeadLetter.objects.create(run=run, stage="extract", file=run.files.first(), queue="extractor", error="x")
    Run.objects.update(state=RunState.FAILED, completed_at=run.started_at)

    run.refresh_from_db()

    runs.replay(run, [letter], by="ada@example.com")

    assert Run.objects.latest("pk").started_by == "ada@example.com"


@pytest.mark.usefixtures("_empty_queues", "graph")
def test_making_the_graph_again_enters_who_did_it():
    starting.complete(start("artists"))

    assert runs.rebuild_graph(by="ada@example.com").started_by == "ada@example.com"


@pytest.mark.usefixtures("_empty_queues")
def test_the_schedule_and_the_watchdog_are_named(publisher, settings):
    periodic.check_for_dumps.apply(args=["discogs"], throw=True).get()
    settings.INGEST_STALL_SECONDS = -1
    watch.apply(throw=True).get()

    run = Run.objects.get()
    assert run.started_by == "schedule"
    assert list_noted(run, "stalled") == "watchdog"


@pytest.mark.usefixtures("_empty_queues")
def test_the_command_and_the_page_of_a_run_show_who_started_it(admin_client):
    run = runs.start(SAMPLE, folder=ROOT / "sample", by="<b>ada@example.com")
    listed, shown = StringIO(), StringIO()
    call_command("runs", stdout=listed)
    call_command("runs", str(run.pk), stdout=shown)
    page = admin_client.get(reverse("admin:ingest_run_change", args=[run.pk])).content.decode()

    assert " by <b>ada@example.com  0 new" in listed.getvalue()
    assert "by        <b>ada@example.com\n" in shown.getvalue()
    assert "started by" in page.lower()
    assert page.count("&lt;b&gt;ada@example.com") == 2


def test_a_run_whose_events_are_deleted_was_started_by_nobody_known(admin_client):
    run = start("artists")
    Event.objects.all().delete()

    assert run.started_by == ""
    assert admin_client.get(reverse("admin:ingest_run_change", args=[run.pk])).status_code == 200


# The broker is away


def send_what_is_due(monkeypatch, settings):
    """Let the broker be back and the watchdog look after runs that stand still."""
    monkeypatch.undo()
    settings.INGEST_STALL_SECONDS = -1
    watch.apply(throw=True).get()


@pytest.mark.usefixtures("_empty_queues")
def test_a_start_without_a_broker_is_kept_and_sent_by_the_watchdog(broker_away, settings):
    with pytest.raises(runs.DispatchError, match=r"The broker does not answer.*manage\.py runs resume"):
        runs.start(SAMPLE, folder=ROOT / "sample", by="ada@example.com")

    run = Run.objects.get()
    assert run.started_by == "ada@example.com"
    assert sent_to("extractor") == []
    send_what_is_due(broker_away, settings)
    assert ("start_run", run.pk) in sent_to("extractor")


@pytest.mark.usefixtures("_empty_queues")
def test_a_resume_without_a_broker_is_kept_and_sent_by_the_watchdog(broker_away, settings):
    run = start("artists")
    with pytest.raises(CommandError, match="The broker does not answer"):
        call_command("runs", "resume", str(run.pk), stdout=StringIO())

    assert list_noted(run, "resumed") == BY
    send_what_is_due(broker_away, settings)
    assert ("start_run", run.pk) in sent_to("extractor")


@pytest.mark.usefixtures("_empty_queues")
def test_a_replay_without_a_broker_is_kept_and_sent_by_the_watchdog(broker_away, settings):
    chunk = chunk_that_gave_up()
    with pytest.raises(CommandError, match="The broker does not answer"):
        call_command("replay", "--run", str(chunk.file.run_id), stdout=StringIO())

    assert reload(chunk).failed_stage == ""
    assert list_noted(chunk.file.run, "replayed") == BY
    send_what_is_due(broker_away, settings)
    assert ("start_run", chunk.file.run_id) in sent_to("extractor")


@pytest.mark.usefixtures("broker_away")
def test_a_graph_that_is_made_again_without_a_broker_is_kept(graph):
    starting.complete(start("artists"))
    graph.run("CREATE (:Artist {id: '1'})").consume()
    with pytest.raises(runs.DispatchError):
        runs.rebuild_graph(by="ada@example.com")

    assert Run.objects.latest("pk").state == RunState.EXTRACTING
    assert graph.run("MATCH (node:Artist) RETURN count(node)").single().value() == 0


@pytest.mark.usefixtures("broker_away")
def test_cancelling_needs_no_broker():
    run = start("artists")
    call_command("runs", "cancel", str(run.pk), stdout=StringIO())

    run.refresh_from_db()
    assert run.state == RunState.CANCELLED
    assert list_noted(run, "cancelled") == BY


@pytest.mark.usefixtures("broker_away")
def test_a_cancel_that_is_refused_notes_nothing():
    run = start("artists")
    runs.cancel(run, by="ada@example.com")
    with pytest.raises(CommandError, match="has ended"):
        call_command("runs", "cancel", str(run.pk), stdout=StringIO())

    assert list_noted(run, "cancelled") == "ada@example.com"


@pytest.mark.usefixtures("broker_away")
def test_the_admin_says_that_the_broker_is_away_and_cancels_all_the_same(client):
    run = start("artists")
    client.force_login(User.objects.create(email="root@example.com", is_staff=True, is_superuser=True))

    def act(action):
        chosen = {"action": action, "_selected_action": [run.pk], "confirmed": "yes"}
        return client.post(reverse("admin:ingest_run_changelist"), chosen, follow=True).content.decode()

    assert "The broker does not answer" in act("resume")
    assert "was cancelled" in act("cancel")
    assert list_noted(run, "resumed") == list_noted(run, "cancelled") == "root@example.com"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("away", ["CELERY_BROKER_URL", "CELERY_RESULT_BACKEND"])
def test_a_command_of_its_own_process_says_without_a_traceback_that_a_server_is_away(away):
    run = start("artists")
    database = environment.read()["DATABASE_URL"].rpartition("/")[0] + "/test_linernotes"

    done = subprocess.run(
        [sys.executable, "manage.py", "runs", "resume", str(run.pk)],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database, away: NOWHERE},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    # Celery logs each of its tries to reach the store of results.
    assert done.stderr.splitlines()[-1].startswith("CommandError: The broker does not answer. The ledger has what run ")
    assert "Traceback" not in done.stderr
    assert list_noted(run, "resumed") == BY
