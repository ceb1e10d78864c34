"""What becomes of an error in a task: tried again, noted, or given up; but a task never raises."""

from dataclasses import replace

import neo4j
import psycopg
import pytest
import redis
from celery.exceptions import Retry
from django.db import DataError, InterfaceError, OperationalError
from kombu.exceptions import OperationalError as BrokerError
from neo4j.exceptions import (
    ClientError,
    ConstraintError,
    CypherSyntaxError,
    IncompleteCommit,
    ServiceUnavailable,
    TransientError,
)

from apps.ingest import ledger
from apps.ingest.errors import DumpError, SpoolError
from apps.ingest.models import DeadLetter, FileState, RunState
from tasks import settled
from tasks.extractor import extract_file, start_run
from tasks.pipelines import PIPELINES
from tasks.settled import is_transient, wait_seconds
from tasks.tableinator import load_table
from tests.loading import add_chunks, reload, start
from tests.records import artist

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("spooled")]


@pytest.fixture
def chunk():
    (made,) = add_chunks(start("artists"), "artists", [artist(1)])
    ledger.mark(made, "extract")
    return made


def fail_in_turn(monkeypatch, *errors):
    """Let loading fail with one error after the other, then succeed; return the chunks that it was called with."""
    calls = []

    def load(chunk):
        calls.append(chunk.attempts)
        if len(calls) <= len(errors):
            raise errors[len(calls) - 1]
        return {"new": 1}

    monkeypatch.setitem(PIPELINES, "discogs", replace(PIPELINES["discogs"], load=load))
    return calls


def add_cause(error, cause):
    error.__cause__ = cause
    return error


TRANSIENT = [
    OperationalError("server closed the connection"),
    InterfaceError("connection is closed"),
    ServiceUnavailable("away"),
    IncompleteCommit("lost in the middle of a commit"),
    TransientError("deadlock"),
    redis.exceptions.ConnectionError("away"),
    redis.exceptions.TimeoutError("slow"),
    BrokerError("away"),
    ConnectionResetError("gone"),
]
LASTING = [
    add_cause(OperationalError("too large"), psycopg.errors.ProgramLimitExceeded("too large")),
    DataError("invalid"),
    ConstraintError("twice"),
    CypherSyntaxError("what?"),
    ValueError("a bug"),
    KeyError("id"),
]


@pytest.mark.parametrize("error", TRANSIENT, ids=lambda error: type(error).__name__)
def test_what_is_transient(error):
    if isinstance(error, neo4j.exceptions.Neo4jError):
        error._neo4j_code = "Neo.TransientError.Transaction.DeadlockDetected"
    assert is_transient(error)


@pytest.mark.parametrize("code", settled.STOPPED)
def test_a_graph_that_is_being_stopped_is_transient(code):
    error = ClientError("stopped")
    error._neo4j_code = code

    assert is_transient(error)


@pytest.mark.parametrize("error", LASTING, ids=lambda error: type(error).__name__)
def test_what_is_not_transient(error):
    assert not is_transient(error)


def test_a_transient_error_is_tried_again_until_it_is_over(chunk, monkeypatch, settings):
    settings.INGEST_ATTEMPTS = 2
    calls = fail_in_turn(monkeypatch, *[OperationalError("away")] * 6)

    assert load_table.apply(args=[chunk.pk]).get() == {"status": "done", "new": 1}
    assert len(calls) == 7
    assert set(calls) == {0}
    assert not DeadLetter.objects.exists()


def test_a_transient_error_waits_longer_each_time_but_never_long():
    waits = [wait_seconds(retries) for retries in range(40)]

    assert 1.5 <= waits[0] <= 2.5
    assert 45 <= waits[-1] <= 75
    assert max(waits) <= 75


def test_a_task_that_waits_says_so_to_the_worker(chunk, monkeypatch):
    fail_in_turn(monkeypatch, OperationalError("away"))
    monkeypatch.setattr(load_table, "retry", lambda exc, countdown, **_: Retry(exc=exc, when=countdown))

    with pytest.raises(Retry):
        load_table.run(chunk.pk)
    assert reload(chunk).attempts == 0


def test_a_bug_becomes_a_dead_letter_and_the_task_returns(chunk, monkeypatch):
    calls = fail_in_turn(monkeypatch, *[ValueError("a bug")] * 10)

    outcome = load_table.apply(args=[chunk.pk]).get()

    assert outcome == {"status": "failed", "error": "a bug"}
    assert len(calls) == 1 + settled.BUG_RETRIES
    letter = DeadLetter.objects.get()
    assert (letter.stage, letter.error, letter.record_id) == ("table", "ValueError: a bug", "")
    assert reload(chunk).failed_stage == "table"


def test_an_outage_leaves_a_bug_its_tries(chunk, monkeypatch):
    fail_in_turn(monkeypatch, *[OperationalError("away")] * 10, *[ValueError("a bug")] * settled.BUG_RETRIES)

    assert load_table.apply(args=[chunk.pk]).get() == {"status": "done", "new": 1}
    assert not DeadLetter.objects.exists()


def test_a_bug_between_outages_is_given_up_after_its_tries(chunk, monkeypatch):
    outages = [OperationalError("away")] * 2
    fail_in_turn(monkeypatch, *[each for _ in range(9) for each in (ValueError("a bug"), *outages)])

    assert load_table.apply(args=[chunk.pk]).get() == {"status": "failed", "error": "a bug"}
    assert DeadLetter.objects.count() == 1


def test_a_task_whose_followers_cannot_be_sent_is_tried_again(chunk, monkeypatch):
    run = chunk.file.run
    replaced = []

    def replace(task, canvas):
        replaced.append(canvas)
        if len(replaced) < 3:
            raise redis.exceptions.ConnectionError("away")
        return {"status": "replaced"}

    monkeypatch.setattr("celery.app.task.Task.replace", replace)

    assert start_run.apply(args=[run.pk]).get() == {"status": "replaced"}
    assert len(replaced) == 3


def test_a_bug_that_goes_away_is_none(chunk, monkeypatch):
    fail_in_turn(monkeypatch, ValueError("a bug"))

    assert load_table.apply(args=[chunk.pk]).get() == {"status": "done", "new": 1}
    assert not DeadLetter.objects.exists()


@pytest.mark.parametrize("error", [DumpError("damaged"), SpoolError("no room")])
def test_a_damaged_dump_and_a_lost_blob_fail_the_file_at_once(chunk, monkeypatch, error):
    calls = fail_in_turn(monkeypatch, error)

    outcome = load_table.apply(args=[chunk.pk]).get()

    assert outcome == {"status": "failed", "error": str(error)}
    assert len(calls) == 1
    file = reload(chunk).file
    assert (file.state, file.error) == (FileState.FAILED, str(error))
    assert not DeadLetter.objects.exists()


def test_a_chunk_that_kills_its_worker_is_given_up(chunk, settings):
    settings.INGEST_ATTEMPTS = 0

    assert load_table.apply(args=[chunk.pk]).get()["status"] == "failed"
    assert "GaveUpError" in DeadLetter.objects.get().error


def test_a_file_that_cannot_be_split_fails(chunk):
    file = chunk.file
    type(file).objects.update(split_at=None, path="/nowhere/artists.xml.gz")

    outcome = extract_file.apply(args=[file.pk]).get()

    assert outcome["status"] == "failed"
    file.refresh_from_db()
    assert "cannot be read: No such file" in file.error


def test_a_run_that_cannot_be_started_fails(chunk, monkeypatch):
    run = chunk.file.run
    monkeypatch.setattr("tasks.extractor.ledger.find_incomplete_files", lambda _: 1 / 0)

    assert start_run.apply(args=[run.pk]).get()["status"] == "failed"
    run.refresh_from_db()
    assert (run.state, run.error) == (RunState.FAILED, "start_run: division by zero")
