"""Synchronisation with a Discogs of our own, that also fails: nothing doubled, nothing lost, nothing wiped."""

import io
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connections
from django.utils import timezone

from apps.api.responses import NotAvailable
from apps.collections import importing, syncing
from apps.collections.answers import holdings
from apps.collections.answers import syncing as api
from apps.collections.discogs import application, bucket, links
from apps.collections.discogs.application import Application
from apps.collections.models import AppConfig, CollectionItem, DueEdge, Link, Sync, SyncStatus, WantlistItem
from tests.discogs_site import KEY, SECRET, Failure, make_item, make_want, serving

pytestmark = pytest.mark.django_db(transaction=True)

TOO_FAST = Failure(429, {"Retry-After": "7"})


@pytest.fixture(scope="module")
def running_site():
    with serving() as site:
        yield site


@pytest.fixture
def discogs(running_site, settings, graph):
    running_site.forget()
    settings.DISCOGS_API_URL = running_site.url
    settings.DISCOGS_REQUESTS_PER_MINUTE = 1_000_000
    settings.ENCRYPTION_MASTER_KEY = "a" * 43 + "="
    application.store(Application(KEY, SECRET))
    cache.clear()
    return running_site


@pytest.fixture
def linked(discogs, user):
    """A user who has linked the account of the site's member."""
    link(discogs, user)
    discogs.asked.clear()
    return user


def link(discogs, user):
    """Link the account of the site's member."""
    state = links.authorize(user.pk)["state"]
    links.verify(user, state, discogs.allow(state))


def run(user, kind=syncing.FULL, most=1000):
    """Do all pages of a synchronisation as the worker does, without waiting; return it and the waits."""
    sync, _ = syncing.start(user, kind)
    waits = []
    for _ in range(most):
        seconds = syncing.take_step(sync.pk)
        if seconds is None:
            break
        if seconds:
            waits.append(seconds)
            bucket_key = bucket.make_key(user.pk)
            forget(bucket_key)
    sync.refresh_from_db()
    return sync, waits


def forget(key):
    from django_redis import get_redis_connection  # noqa: PLC0415 - only here

    get_redis_connection("default").delete(key)


def fill(discogs, count, first=1):
    """Give the member so many copies, the first release the newest."""
    discogs.member.collection = [
        make_item(number, number, f"2026-01-01T{99999 - number:05}") for number in range(first, first + count)
    ]


def owned(user):
    return sorted(CollectionItem.objects.filter(user=user).values_list("release_id", "instance_id"))


def test_a_user_links_an_account(discogs, user):
    begun = links.authorize(user.pk)
    assert begun["authorize_url"] == f"https://www.discogs.com/oauth/authorize?oauth_token={begun['state']}"
    assert begun["callback_mode"] == "oob"
    assert discogs.callbacks == ["oob"]

    found = links.verify(user, begun["state"], discogs.allow(begun["state"]))

    assert found == {"connected": True, "discogs_username": "digger", "discogs_user_id": "1578108"}
    stored = Link.objects.get()
    assert not {stored.access_token, stored.access_secret} & set(discogs.tokens)
    assert links.describe_link(user.pk)["connected_at"] == stored.updated_at
    links.revoke(user.pk)
    assert links.describe_link(user.pk) == {"connected": False}


def test_a_state_is_taken_once_and_by_its_user(discogs, user, other):
    state = links.authorize(user.pk)["state"]
    code = discogs.allow(state)

    with pytest.raises(links.PermissionDenied, match="different user"):
        links.verify(other, state, code)
    with pytest.raises(links.ParseError, match="unknown or expired"):
        links.verify(user, state, code)


def test_a_wrong_code_makes_no_link(discogs, user):
    state = links.authorize(user.pk)["state"]
    discogs.allow(state)

    with pytest.raises(links.ParseError, match="code"):
        links.verify(user, state, "wrong")
    assert not Link.objects.exists()


def test_a_discogs_that_is_away_is_a_bad_gateway(discogs, user, settings):
    settings.DISCOGS_API_URL = "http://127.0.0.1:1"

    with pytest.raises(links.BadGateway, match="does not answer"):
        links.authorize(user.pk)


def test_a_site_without_an_application_links_nobody(discogs, user, settings):
    AppConfig.objects.all().delete()
    with pytest.raises(NotAvailable, match="discogs_setup"):
        links.authorize(user.pk)
    with pytest.raises(CommandError, match="discogs_setup"):
        call_command("discogs_setup", show=True)

    out = io.StringIO()
    call_command("discogs_setup", consumer_key="abcdef", consumer_secret="s", stdout=out)
    call_command("discogs_setup", show=True, stdout=out)
    assert "abcd…" in out.getvalue()
    assert "abcdef" not in AppConfig.objects.get(key=application.KEY).value

    settings.ENCRYPTION_MASTER_KEY = "b" * 43 + "="
    with pytest.raises(NotAvailable, match="cannot be read"):
        links.authorize(user.pk)


def test_a_collection_and_a_wantlist_come_whole(discogs, linked):
    fill(discogs, 250)
    discogs.member.collection.append(make_item(1, 9000, "2020"))
    discogs.member.wants = [make_want(each) for each in range(1000, 1120)]

    sync, _ = run(linked)

    assert (sync.status, sync.error_message) == ("completed", None)
    assert (sync.items_synced, sync.added, sync.changed, sync.removed, sync.pages_fetched) == (371, 371, 0, 0, 5)
    assert owned(linked) == sorted([*((each, each) for each in range(1, 251)), (1, 9000)])
    assert WantlistItem.objects.count() == 120
    item = CollectionItem.objects.get(instance_id=7)
    assert (item.title, item.artist, item.label, item.condition, item.notes, item.year) == (
        "Title 7",
        "Artist 3",
        "Label 2",
        "Mint (M)",
        "signed",
        1977,
    )
    assert item.metadata["artists"] == ["Artist 3", "Another"]
    assert item.metadata["catalog_number"] == "CAT 7"
    assert item.formats == [{"name": "Vinyl", "qty": "1", "descriptions": ["LP"]}]


def test_a_second_run_says_what_changed_and_deletes_what_is_gone(discogs, linked):
    fill(discogs, 150)
    discogs.member.wants = [make_want(1000), make_want(1001)]
    run(linked)
    discogs.member.collection[3]["rating"] = 5
    del discogs.member.collection[10:12]
    discogs.member.collection.append(make_item(500, 500, "2027"))
    discogs.member.wants = [make_want(1001)]

    sync, _ = run(linked)

    assert (sync.status, sync.added, sync.changed, sync.removed) == ("completed", 1, 1, 3)
    assert CollectionItem.objects.get(instance_id=4).rating == 5
    assert not CollectionItem.objects.filter(instance_id__in=(11, 12)).exists()
    again, _ = run(linked)
    assert (again.added, again.changed, again.removed) == (0, 0, 0)


def test_what_changed_is_in_the_graph(discogs, linked, graph, loaded):
    fill(discogs, 5)
    run(linked)
    discogs.member.collection = discogs.member.collection[1:]
    run(linked)

    found = graph.run("MATCH (user:User)-[edge:COLLECTED]->(release) RETURN user.discogs_username, release.id")
    assert {tuple(each) for each in found} == {("digger", str(each)) for each in range(2, 6)}
    assert not DueEdge.objects.exists()


def test_names_of_folders_and_fields_are_kept_and_renamed(discogs, linked):
    fill(discogs, 3)
    discogs.folders[7] = "Jazz \0<b>"
    discogs.fields[4] = "Bought at"
    discogs.member.collection[0] |= {"folder_id": 7, "notes": [{"field_id": 4, "value": "a fair"}]}
    sync, _ = run(linked)

    link = Link.objects.get()
    assert (sync.status, sync.phase) == ("completed", "done")
    assert link.folders == {"0": "All", "1": "Uncategorized", "7": "Jazz <b>"}
    assert link.fields["4"] == "Bought at"
    assert CollectionItem.objects.get(folder_id=7).metadata["fields"] == {"4": "a fair"}
    assert {each["name"] for each in holdings.list_folders(linked.pk)} == {"Uncategorized", "Jazz <b>"}

    discogs.folders[7] = "Blues"
    run(linked)
    assert Link.objects.get().folders["7"] == "Blues"


@pytest.mark.parametrize(
    "failure",
    [Failure(500), Failure(404), Failure(body=b"[]"), Failure(body=b'{"folders": [7, {"id": "x"}, {"id": 7}]}')],
)
def test_without_names_of_folders_a_run_completes(discogs, linked, failure):
    fill(discogs, 3)
    discogs.failures.extend([None, None, failure])

    sync, _ = run(linked)

    assert (sync.status, sync.added) == ("completed", 3)
    assert Link.objects.get().fields["3"] == "Notes"


def test_a_quick_run_stops_at_a_page_that_is_known_and_deletes_nothing(discogs, linked):
    fill(discogs, 350)
    run(linked)
    discogs.asked.clear()
    discogs.member.collection.insert(0, make_item(900, 900, "2027"))
    discogs.member.collection.pop()

    sync, _ = run(linked, syncing.QUICK)

    assert (sync.status, sync.added, sync.removed) == ("completed", 1, 0)
    assert len([each for each in discogs.asked if "folders/0" in each]) == 2


def test_the_first_run_of_a_link_is_full_and_replaces_the_copies_of_a_file(discogs, user):
    fill(discogs, 3)
    rows = [f"{number},Title {number}" for number in (1, 2, 3, 7)]
    importing.import_copies(user.pk, ["release_id,Title", *rows])
    assert len(owned(user)) == 4
    link(discogs, user)

    sync, _ = run(user, syncing.QUICK)

    assert (sync.sync_type, sync.status, sync.added, sync.removed) == ("full", "completed", 3, 4)
    assert owned(user) == [(1, 1), (2, 2), (3, 3)]


@pytest.mark.parametrize("is_revoked", [True, False], ids=["revoked", "another account"])
def test_a_link_that_is_made_anew_begins_with_a_full_run(discogs, linked, is_revoked):
    fill(discogs, 150)
    run(linked)
    if is_revoked:
        links.revoke(linked.pk)
    else:
        Link.objects.update(provider_user_id="1")
    link(discogs, linked)
    fill(discogs, 150, first=101)

    first, _ = run(linked, syncing.QUICK)
    second, _ = run(linked, syncing.QUICK)

    assert (first.sync_type, first.added, first.removed) == ("full", 100, 100)
    assert (second.sync_type, second.added) == ("quick", 0)


@pytest.mark.parametrize(
    "failure",
    [
        Failure(500),
        Failure(502, body=b"<html>"),
        Failure(body=b"{"),
        Failure(body=b"[]"),
        Failure(body=b"{}"),
        Failure(cut=True),
        Failure(body=json.dumps({"pagination": {"pages": 2, "items": 150}, "releases": []}).encode()),
        Failure(body=json.dumps({"pagination": {"pages": 2, "items": 1}, "releases": [{"id": 1}]}).encode()),
    ],
)
def test_a_page_that_fails_is_tried_again_and_no_other(discogs, linked, failure):
    fill(discogs, 150)
    discogs.failures.extend([None, failure, failure])

    sync, waits = run(linked)

    assert (sync.status, sync.added, sync.removed) == ("completed", 150, 0)
    assert waits == [2.0, 4.0]
    pages = [each.partition("page=")[2].partition("&")[0] for each in discogs.asked if "folders/0" in each]
    assert pages == ["1", "2", "2", "2"]


def test_three_failures_in_a_row_fail_the_run_and_delete_nothing(discogs, linked):
    fill(discogs, 150)
    run(linked)
    discogs.member.collection = discogs.member.collection[:120]
    discogs.failures.extend([None, *[Failure(500)] * 3])

    sync, _ = run(linked)

    assert sync.status == "failed"
    assert "500" in sync.error_message
    assert CollectionItem.objects.count() == 150


def test_waiting_for_a_busy_discogs_uses_up_no_try(discogs, linked):
    fill(discogs, 50)
    discogs.failures.extend([TOO_FAST, TOO_FAST, TOO_FAST, Failure(500), TOO_FAST, Failure(500)])

    assert run(linked)[0].status == "completed"


def test_a_busy_discogs_is_waited_for_as_it_asks(discogs, linked):
    fill(discogs, 150)
    discogs.failures.extend([TOO_FAST, Failure(429), None, TOO_FAST])

    sync, waits = run(linked)

    assert sync.status == "completed"
    assert [round(each) for each in waits] == [7, 60, 7]


def test_a_discogs_that_stays_busy_is_left_alone(discogs, linked):
    discogs.failures.extend([TOO_FAST] * 6)

    sync, waits = run(linked)

    assert (sync.status, len(waits)) == ("failed", 5)


def test_a_link_that_is_not_accepted_any_more_is_marked(discogs, linked):
    discogs.tokens.clear()

    sync, _ = run(linked)

    assert sync.status == "failed"
    assert "link the account again" in sync.error_message
    assert Link.objects.get().is_broken


def test_without_a_link_a_run_fails_with_a_message(discogs, user):
    sync, _ = run(user)

    assert (sync.status, sync.error_message[:16]) == ("failed", "There is no link")


def test_an_empty_list_wipes_nothing(discogs, linked):
    fill(discogs, 5)
    run(linked)
    discogs.member.collection = []

    sync, _ = run(linked)

    assert sync.status == "failed"
    assert "nothing was deleted" in sync.error_message
    assert CollectionItem.objects.count() == 5


def test_who_never_had_anything_may_have_nothing(discogs, linked):
    assert run(linked)[0].status == "completed"


def test_a_list_that_changes_between_pages_is_read_again(discogs, linked):
    fill(discogs, 250)
    run(linked)

    def remove_first():
        # What was item 101 is now on page 1, which was read already.
        del discogs.member.collection[0]

    discogs.failures.extend([None, Failure(change=remove_first)])
    sync, _ = run(linked)

    assert (sync.status, sync.restarts) == ("completed", 0)
    assert sync.removed == 1
    assert owned(linked) == [(each, each) for each in range(2, 251)]


def test_an_exchange_between_pages_is_noticed_though_the_number_stays(discogs, linked):
    fill(discogs, 250)
    run(linked)

    def exchange():
        # What was item 100 is now on page 2 as well, and the new one is on page 1, which was read already.
        del discogs.member.collection[219]
        discogs.member.collection.append(make_item(999, 999, "2027"))

    discogs.failures.extend([None, Failure(change=exchange)])
    sync, _ = run(linked)

    assert (sync.status, sync.added, sync.removed) == ("completed", 1, 1)
    assert owned(linked) == [*((each, each) for each in range(1, 251) if each != 220), (999, 999)]


def test_a_list_that_never_rests_fails_the_run_and_deletes_nothing(discogs, linked):
    fill(discogs, 250)
    run(linked)
    discogs.failures.extend([None, Failure(change=lambda: discogs.member.collection.pop(0))] * 10)

    sync, _ = run(linked)

    assert sync.status == "failed"
    assert "keeps changing" in sync.error_message
    assert CollectionItem.objects.count() == 250


def test_a_page_that_comes_twice_is_stored_once(discogs, linked):
    fill(discogs, 150)
    sync, _ = syncing.start(linked)
    row = Sync.objects.get(pk=sync.pk)
    page = syncing.fetch_page(row)
    assert isinstance(page, syncing.Page)

    assert syncing.store_page(row, page)
    assert not syncing.store_page(row, page)

    sync.refresh_from_db()
    assert (sync.page, sync.added) == (1, 100)


def test_a_worker_that_was_killed_goes_on_at_its_page(discogs, linked):
    fill(discogs, 350)
    sync, _ = syncing.start(linked)
    syncing.take_step(sync.pk)
    syncing.take_step(sync.pk)
    # The worker dies: its task is lost, and the watch finds it.
    Sync.objects.update(due_at=timezone.now() - timedelta(minutes=5))
    discogs.asked.clear()

    (lost,) = syncing.list_lost()
    while syncing.take_step(lost) is not None:
        pass

    sync.refresh_from_db()
    assert (sync.status, sync.added, CollectionItem.objects.count()) == ("completed", 350, 350)
    assert "page=3&" in discogs.asked[0]


def test_of_two_runs_of_a_user_one_runs(discogs, linked):
    first, is_new = syncing.start(linked)
    second, is_second_new = syncing.start(linked)

    assert (is_new, is_second_new) == (True, False)
    assert first.pk == second.pk


def together(*acts):
    """Do acts at the same time, each in a thread with connections of its own; return what they return."""
    barrier = threading.Barrier(len(acts))

    def act(do):
        try:
            barrier.wait()
            return do()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(act, acts))


def test_of_runs_that_the_api_and_the_schedule_start_at_once_one_runs(discogs, linked, user, monkeypatch):
    sent = []
    monkeypatch.setattr(api, "send_page", sent.append)
    Link.objects.update(schedule="daily")

    found = together(*[lambda: api.start(user)] * 3, *[syncing.start_scheduled] * 3)

    running = Sync.objects.get()
    answers, scheduled = found[:3], [each for started in found[3:] for each in started]
    started = [each for each in answers if each["status"] == "started"]
    assert len(started) + len(scheduled) == 1
    assert [*sent, *scheduled] == [running.pk]
    assert {each["status"] for each in answers} <= {"started", "already_running"}


def test_two_workers_at_one_run_store_every_item_once(discogs, linked):
    fill(discogs, 650)
    discogs.member.wants = [make_want(each) for each in range(1000, 1250)]
    sync, _ = syncing.start(linked)

    def work():
        while (seconds := syncing.take_step(sync.pk)) is not None:
            time.sleep(min(seconds, 0.01))

    for _ in range(20):
        together(work, work)
        if Sync.objects.get().status != "running":
            break

    sync.refresh_from_db()
    assert (sync.status, sync.added, sync.changed, sync.removed) == ("completed", 900, 0, 0)
    assert (sync.pages_fetched, sync.items_synced) == (10, 900)
    assert owned(linked) == [(each, each) for each in range(1, 651)]


def test_a_run_that_is_cancelled_does_no_further_page(discogs, linked):
    fill(discogs, 350)
    sync, _ = syncing.start(linked)
    syncing.take_step(sync.pk)

    syncing.cancel(sync)

    assert syncing.take_step(sync.pk) is None
    sync.refresh_from_db()
    assert (sync.status, CollectionItem.objects.count()) == ("cancelled", 100)


def test_requests_share_the_pace_of_their_user(discogs, linked, settings):
    settings.DISCOGS_REQUESTS_PER_MINUTE = 60
    forget(bucket.make_key(linked.pk))
    forget(bucket.make_key(bucket.APPLICATION))

    waits = [bucket.take(linked.pk) for _ in range(5)]

    assert waits[:3] == [0, 0, 0]
    assert all(0.5 < each <= 1 for each in waits[3:])
    bucket.hold(linked.pk, 30)
    assert 29 < bucket.take(linked.pk) <= 30


def test_a_schedule_starts_runs_of_their_own(discogs, linked, user):
    Link.objects.update(schedule="daily")
    (first,) = syncing.start_scheduled()
    assert syncing.start_scheduled() == []
    syncing.end(Sync.objects.get(pk=first), SyncStatus.COMPLETED)
    Link.objects.update(created_at=timezone.now() - timedelta(days=3))
    Sync.objects.update(started_at=timezone.now() - timedelta(days=2))

    (second,) = syncing.start_scheduled()

    assert [Sync.objects.get(pk=each).sync_type for each in (first, second)] == ["full", "quick"]
