"""The ledger: marks that are set once, attempts that are bounded, debts that are paid, locks that one has."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now

from apps.ingest import ledger
from apps.ingest.errors import RunError
from apps.ingest.models import Chunk, DeadLetter, Debt, FileState, Run, RunState
from apps.ingest.runs import starting
from apps.ingest.sources.discogs_ids import LAST_ID
from tests.loading import add_chunk, add_file, give_up, reload, start

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("spooled")]


@pytest.fixture
def chunk():
    return reload(add_chunk(start("artists"), "artists"))


def debt(low_id, high_id, *, stray_ids=(), record_type="artists", **fields):
    """Return a chunk of an ended run that did not get to the graph."""
    run = start(record_type)
    ledger.end(run, RunState.CANCELLED)
    made = add_chunk(run, record_type, low_id=low_id, high_id=high_id)
    Chunk.objects.filter(pk=made.pk).update(for_graph=1, stray_ids=list(stray_ids), extracted_at=Now(), **fields)
    return reload(made)


# Marks and attempts


@pytest.mark.parametrize("stage", ledger.MARKS)
def test_a_mark_is_set_once(chunk, stage):
    assert ledger.mark(chunk, stage, nodes_written=1)
    assert not ledger.mark(chunk, stage, nodes_written=2)

    assert getattr(reload(chunk), ledger.MARKS[stage])
    assert reload(chunk).nodes_written == 1


def test_of_two_connections_one_sets_the_mark(chunk):
    with transaction.atomic():
        assert ledger.mark(chunk, "table")
        twin = Connected(lambda: ledger.mark(chunk, "table"))
        twin.join(0.3)
        assert twin.is_alive()
    twin.join()

    assert twin.outcome is False


class Connected(threading.Thread):
    """Something done at the same time, on a connection of its own."""

    def __init__(self, function):
        super().__init__()
        self.function = function
        self.start()

    def run(self):
        try:
            self.outcome = self.function()
        finally:
            connection.close()


@pytest.mark.parametrize("stage", ledger.BEFORE)
def test_a_stage_does_not_begin_before_the_one_before_it_is_done(chunk, stage):
    assert ledger.begin(chunk.pk, stage) is None


def test_a_stage_that_a_worker_is_at_does_not_begin_a_second_time(chunk):
    def attempt():
        with ledger.attempt(chunk.pk, "extract") as mine:
            return mine

    with ledger.attempt(chunk.pk, "extract") as mine:
        twin = Connected(attempt)
        twin.join()

    assert (mine, twin.outcome) == (chunk, None)
    assert reload(chunk).attempts == 1


def test_a_stage_that_is_done_does_not_begin(chunk):
    assert ledger.begin(chunk.pk, "extract") == chunk
    ledger.mark(chunk, "extract")

    assert ledger.begin(chunk.pk, "extract") is None
    assert ledger.begin(chunk.pk, "table") == chunk


@pytest.mark.parametrize("state", [RunState.CANCELLED, RunState.FAILED, RunState.COMPLETED])
def test_nothing_begins_in_a_run_that_has_ended(chunk, state):
    ledger.end(chunk.file.run, state)

    assert ledger.begin(chunk.pk, "extract") is None


def test_nothing_begins_in_a_file_that_failed(chunk):
    ledger.fail_file(chunk.file, "damaged")

    assert ledger.begin(chunk.pk, "extract") is None


def test_a_dead_letter_ends_a_chunk_until_the_run_is_resumed(chunk):
    give_up(chunk, "extract")
    assert ledger.begin(chunk.pk, "extract") is None
    assert not ledger.mark(chunk, "extract")

    starting.resume(chunk.file.run)

    assert ledger.begin(chunk.pk, "extract") == chunk
    assert DeadLetter.objects.get().replayed_at


def test_a_stage_that_never_ends_is_given_up(chunk, settings):
    settings.INGEST_ATTEMPTS = 3
    for _ in range(3):
        ledger.begin(chunk.pk, "extract")

    with pytest.raises(ledger.GaveUpError, match="died 3 times"):
        ledger.begin(chunk.pk, "extract")


def test_attempts_count_for_one_stage(chunk, settings):
    settings.INGEST_ATTEMPTS = 1
    ledger.begin(chunk.pk, "extract")
    ledger.mark(chunk, "extract")

    assert ledger.begin(chunk.pk, "table") == chunk


def test_an_outage_does_not_count_as_an_attempt(chunk, settings):
    settings.INGEST_ATTEMPTS = 1
    for _ in range(5):
        assert ledger.begin(chunk.pk, "extract")
        ledger.undo_attempt(chunk.pk)
    ledger.undo_attempt(chunk.pk)

    assert reload(chunk).attempts == 0


def test_the_same_dead_letter_twice_is_one(chunk):
    give_up(chunk, "table")
    first = DeadLetter.objects.get()
    give_up(chunk, "table")

    again = DeadLetter.objects.get()
    assert again.first_seen == first.first_seen
    assert again.last_seen > first.last_seen


# What is left


def test_what_is_unsettled_and_what_is_unlinked():
    run = start("artists")
    extracted, tabled, graphed, linked, dead = (add_chunk(run, "artists") for _ in range(5))
    for each, stages in ((extracted, 1), (tabled, 2), (graphed, 3), (linked, 4)):
        for stage in list(ledger.MARKS)[:stages]:
            ledger.mark(each, stage)
    give_up(dead, "extract")

    assert [*ledger.find_unsettled(run.files.get())] == [extracted, tabled]
    assert [*ledger.find_unlinked(run)] == [extracted, tabled, graphed]


def test_a_run_without_a_graph_waits_for_no_nodes():
    run = start("artists", stores=["tables"])
    made = add_chunk(run, "artists")
    ledger.mark(made, "extract")
    ledger.mark(made, "table")

    assert not ledger.find_unsettled(run.files.get()).exists()


# Debts


def test_debts_are_the_ids_of_chunks_that_did_not_reach_the_graph():
    debt(11, 20)
    debt(5, 10)
    debt(100, 99, stray_ids=[2**62, 22, 7])

    assert ledger.list_debts(start("artists").files.get()) == [(5, 20), (22, 22), (2**62, 2**62)]


def test_what_the_graph_may_lack_is_owed_as_well():
    ledger.owe("artists", [(4, 6), (9, LAST_ID)])
    debt(5, 7)

    assert ledger.list_debts(start("artists").files.get()) == [(4, 7), (9, LAST_ID)]
    assert ledger.list_debts(add_file(Run.objects.latest("pk"), "labels")) == []


@pytest.mark.parametrize(
    "fields",
    [{"linked_at": Now()}, {"paid_at": Now()}, {"record_type": "labels"}],
    ids=["linked", "paid", "of another type"],
)
def test_what_is_no_debt(fields):
    debt(1, 10, **fields)

    assert ledger.list_debts(start("artists").files.get()) == []


def test_a_chunk_that_had_nothing_for_the_graph_is_no_debt():
    made = debt(1, 10)
    Chunk.objects.filter(pk=made.pk).update(for_graph=0)

    assert ledger.list_debts(start("artists").files.get()) == []


def test_debts_are_paid_by_a_run_that_linked_everything():
    owed = debt(1, 10)
    ledger.owe("artists", [(1, 10)])
    run = start("artists")
    made = add_chunk(run, "artists")
    run.files.update(state=FileState.COMPLETED)

    ledger.close_debts(run)
    assert reload(owed).paid_at is None
    assert Debt.objects.exists()

    ledger.mark(made, "link")
    ledger.close_debts(run)
    assert reload(owed).paid_at
    assert not Debt.objects.exists()


def test_a_run_of_another_type_pays_nothing():
    owed = debt(1, 10)
    run = start("labels")
    run.files.update(state=FileState.COMPLETED)

    ledger.close_debts(run)

    assert reload(owed).paid_at is None


def test_nodes_may_be_missing_where_a_chunk_never_got_to_the_graph_or_something_is_owed():
    debt(11, 20, graphed_at=Now())
    assert not ledger.may_lack_nodes("discogs", "artists")

    debt(1, 10, record_type="labels")
    ledger.owe("masters", [(1, 10)])

    found = [ledger.may_lack_nodes("discogs", each) for each in ("artists", "labels", "masters")]
    assert found == [False, True, True]


# Runs and locks


def test_one_unfinished_run_per_source():
    first = start("artists")

    with pytest.raises(IntegrityError):
        start("artists")
    ledger.end(first, RunState.COMPLETED)
    start("artists")


def test_a_run_ends_once():
    run = start("artists")

    assert ledger.end(run, RunState.CANCELLED)
    assert not ledger.end(run, RunState.COMPLETED)
    assert Run.objects.get().state == RunState.CANCELLED
    with pytest.raises(RunError, match="has ended"):
        starting.resume(run)


def test_a_warning_is_told_once():
    run = start("artists")
    ledger.warn(run, "careful")
    ledger.warn(run, "careful")

    assert Run.objects.get().warnings == ["careful"]
    assert run.events.count() == 1


def test_only_one_connection_has_the_lock():
    def take():
        with ledger.hold_lock("split", 1) as is_ours:
            return is_ours

    with ledger.hold_lock("split", 1) as is_ours, ledger.hold_lock("split", 2) as is_another:
        twin = Connected(take)
        twin.join()

    assert (is_ours, is_another, twin.outcome) == (True, True, False)
    later = Connected(take)
    later.join()
    assert later.outcome is True


def test_a_failure_gives_the_lock_back():
    with pytest.raises(ValueError, match="inside"), ledger.hold_lock("split", 1):
        raise ValueError("inside")

    twin = Connected(lambda: ledger.hold_lock("split", 1).__enter__())
    twin.join()
    assert twin.outcome is True


def test_the_ledger_moves_with_every_mark(chunk):
    run = chunk.file.run
    Run.objects.update(heartbeat_at=Now() - timedelta(hours=1))
    run.refresh_from_db()
    before = ledger.get_last_move(run)

    ledger.mark(chunk, "table")

    assert ledger.get_last_move(run) - before > timedelta(minutes=59)


@pytest.mark.parametrize(("setting", "value"), [("idle", "60"), ("interval", "10"), ("count", "3")])
def test_the_locks_of_a_host_that_vanished_go_within_minutes(setting, value):
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW tcp_keepalives_{setting}")
        assert cursor.fetchone() == (value,)
