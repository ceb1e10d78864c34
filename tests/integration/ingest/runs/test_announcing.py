"""Other apps are told of every run that is complete, whatever happens meanwhile."""

import pytest

from apps.ingest.models import COMPLETE, Run, RunState
from apps.ingest.runs import announcing
from tasks.extractor import start_run
from tasks.maintenance import maintain
from tasks.watchdog import watch
from tests.loading import add_chunks, start
from tests.records import artist

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("spooled")]


@pytest.fixture
def told():
    """The runs that an app was told of, in order."""
    runs = []

    def receive(run, **_):
        runs.append((run.pk, Run.objects.get(pk=run.pk).state))

    announcing.run_completed.connect(receive)
    yield runs
    announcing.run_completed.disconnect(receive)


@pytest.fixture
def broken():
    """An app that fails as often as this list is long."""
    failures = []

    def receive(**_):
        if failures:
            raise failures.pop()

    announcing.run_completed.connect(receive)
    yield failures
    announcing.run_completed.disconnect(receive)


def apply(task, *args):
    return task.apply(args=args, throw=True).get()


def load():
    """Load a chunk to the end of its run."""
    run = start("artists", stores=["tables"])
    add_chunks(run, "artists", [artist(1)])
    apply(start_run, run.pk)
    return run


def test_a_run_is_told_of_when_it_is_complete(told):
    run = load()

    assert told == [(run.pk, RunState.COMPLETED)]


def test_it_is_told_of_once(told):
    run = load()

    apply(maintain, run.pk)
    apply(watch)

    assert len(told) == 1


def test_one_whose_worker_died_before_is_told_of_by_the_watchdog(told):
    run = start("artists", stores=["tables"])
    Run.objects.update(state=RunState.COMPLETED_WITH_WARNINGS)

    apply(watch)
    apply(watch)

    assert told == [(run.pk, RunState.COMPLETED_WITH_WARNINGS)]


@pytest.mark.parametrize("state", sorted(set(RunState) - set(COMPLETE)))
def test_a_run_that_is_not_complete_is_never_told_of(told, state):
    announcing.announce(start("artists", state=state))

    assert told == []


def test_an_app_that_fails_keeps_no_run_from_ending_and_is_told_again(told, broken):
    broken.append(ZeroDivisionError())
    run = load()
    run.refresh_from_db()
    assert run.state == RunState.COMPLETED
    assert run.announced_at is None

    apply(watch)

    run.refresh_from_db()
    assert run.announced_at is not None
    assert [pk for pk, _ in told] == [run.pk, run.pk]
