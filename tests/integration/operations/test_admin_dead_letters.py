"""Dead letters in the admin: who may replay and purge them, what must be typed, and what is noted."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse
from kombu.exceptions import OperationalError as BrokerError

from apps.accounts.models import User
from apps.ingest import ledger
from apps.ingest.models import DeadLetter, Event, RunState
from apps.operations import runs
from tasks.extractor import start_run
from tests.loading import add_chunks, give_up, reload, start
from tests.records import artist

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("spooled")]

LIST = "admin:ingest_deadletter_changelist"
REPLAY = "admin:ingest_deadletter_replay_all"
RUN = "admin:ingest_run_change"


@pytest.fixture
def operator(client):
    """A client of somebody who is an operator."""
    user = User.objects.create(email="ada@example.com", is_staff=True)
    user.groups.add(Group.objects.get(name="Operator"))
    client.force_login(user)
    return client


@pytest.fixture
def viewer(client):
    """A client of somebody who may look at dead letters and do nothing."""
    user = User.objects.create(email="viewer@example.com", is_staff=True)
    user.user_permissions.add(
        *Permission.objects.filter(codename__in=["view_deadletter", "view_run"], content_type__app_label="ingest")
    )
    client.force_login(user)
    return client


@pytest.fixture
def chunk():
    """A chunk whose extraction gave up."""
    (made,) = add_chunks(start("artists"), "artists", [artist(1)])
    give_up(made, "extract")
    return made


@pytest.fixture
def letter(chunk):
    return DeadLetter.objects.get()


class Stages:
    """The stages of a chunk, noted instead of sent; or the broker is away."""

    def __init__(self, found, error=None):
        self.found, self.error = found, error

    def __call__(self, chunk):
        self.found.append(chunk.pk)
        return self

    def delay(self):
        if self.error:
            raise self.error


@pytest.fixture
def dispatched(monkeypatch):
    found = []
    monkeypatch.setattr(runs, "chain_missing_stages", Stages(found))
    monkeypatch.setattr(start_run, "delay", found.append)
    return found


def act(client, action, *letters, **more):
    chosen = {"action": action, "_selected_action": [letter.pk for letter in letters]}
    return client.post(reverse(LIST), {**chosen, **more}, follow=True)


def test_replaying_dispatches_and_notes_who(operator, chunk, letter, dispatched):
    page = act(operator, "replay", letter)

    assert dispatched == [chunk.pk]
    assert reload(chunk).failed_stage == ""
    assert Event.objects.get(kind="replayed").by == "ada@example.com"
    assert f"1 chunks of run {chunk.file.run_id} go on" in page.content.decode()


def test_what_was_replayed_is_not_replayed_again(operator, letter, dispatched):
    act(operator, "replay", letter)

    page = act(operator, "replay", letter)

    assert len(dispatched) == 1
    assert "None of them waits to be replayed" in page.content.decode()


def test_replaying_without_a_broker_says_so(operator, chunk, letter, monkeypatch):
    monkeypatch.setattr(runs, "chain_missing_stages", Stages([], BrokerError()))

    page = act(operator, "replay", letter)

    assert "The broker does not answer" in page.content.decode()
    assert reload(chunk).failed_stage == ""


def test_what_cannot_be_replayed_is_said(operator, chunk, letter, dispatched):
    ledger.fail_file(chunk.file, "damaged")

    page = act(operator, "replay", letter)

    assert "replay them when it has ended" in page.content.decode()
    assert dispatched == []


@pytest.mark.parametrize("choice", ["run", "record_type", "stage"])
def test_all_of_a_run_a_type_or_a_stage_are_replayed(operator, chunk, dispatched, choice):
    given = {"run": chunk.file.run_id, "record_type": "artists", "stage": "extract"}

    assert operator.get(reverse(REPLAY)).status_code == 200
    operator.post(reverse(REPLAY), {choice: given[choice]})

    assert dispatched == [chunk.pk]


@pytest.mark.parametrize("chosen", [{"record_type": "labels"}, {"stage": "link"}])
def test_others_are_let_alone(operator, chunk, dispatched, chosen):
    operator.post(reverse(REPLAY), chosen)

    assert dispatched == []


@pytest.mark.parametrize("chosen", [{}, {"run": "999999"}, {"record_type": "cats"}])
def test_a_choice_that_makes_no_sense_replays_nothing(operator, chunk, dispatched, chosen):
    page = operator.post(reverse(REPLAY), chosen)

    assert page.context["form"].errors
    assert dispatched == []


def test_the_page_of_a_run_offers_to_replay_its_dead_letters(operator, chunk, dispatched):
    address = reverse(RUN, args=[chunk.file.run_id])
    assert reverse(REPLAY) in operator.get(address).content.decode()

    operator.post(reverse(REPLAY), {"run": chunk.file.run_id})

    assert reverse(REPLAY) not in operator.get(address).content.decode()


# Purging


@pytest.fixture
def ended(letter):
    ledger.end(letter.run, RunState.FAILED, "damaged")
    return letter


def test_purging_asks_for_a_word_first(operator, ended):
    page = act(operator, "purge", ended)

    assert page.context["phrase"] == "purge 1"
    assert DeadLetter.objects.exists()


def test_another_word_purges_nothing(operator, ended):
    page = act(operator, "purge", ended, typed="purge 2")

    assert "Nothing is deleted" in page.content.decode()
    assert DeadLetter.objects.exists()


def test_the_word_purges_and_notes_who(operator, ended):
    page = act(operator, "purge", ended, typed="purge 1")

    assert "1 dead letters were purged" in page.content.decode()
    assert not DeadLetter.objects.exists()
    assert Event.objects.get(kind="purged").by == "ada@example.com"


def test_all_that_a_list_has_are_purged_by_one_word(operator, ended):
    ledger.record_dead_records(ended.chunk, "table", "tests", [(each, "refused", "") for each in range(100)])

    page = act(operator, "purge", ended, select_across="1")
    act(operator, "purge", ended, select_across=page.context["select_across"], typed=page.context["phrase"])

    assert page.context["phrase"] == "purge 101"
    assert not DeadLetter.objects.exists()


def test_what_guards_an_unfinished_run_is_not_purged(operator, letter):
    page = act(operator, "purge", letter, typed="purge 1")

    assert "is unfinished" in page.content.decode()
    assert DeadLetter.objects.exists()


def test_who_may_only_look_can_do_neither(viewer, ended, dispatched):
    act(viewer, "replay", ended)
    act(viewer, "purge", ended, typed="purge 1")

    assert viewer.get(reverse(LIST)).status_code == 200
    assert viewer.post(reverse(REPLAY), {"stage": "extract"}).status_code == 403
    assert reverse(REPLAY) not in viewer.get(reverse(RUN, args=[ended.run_id])).content.decode()
    assert dispatched == []
    assert DeadLetter.objects.get().replayed_at is None
