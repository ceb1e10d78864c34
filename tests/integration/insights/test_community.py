"""Community counts: by the application's key, one a release, over errors and pauses."""

import uuid
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from apps.collections.discogs import application
from apps.collections.discogs.application import Application
from apps.collections.models import CollectionItem, WantlistItem
from apps.insights import community
from apps.insights.models import CommunityCount, Computation
from tests.discogs_site import KEY, SECRET, Failure, serving

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def running_site():
    with serving() as site:
        yield site


@pytest.fixture
def discogs(running_site, settings, django_user_model):
    """A Discogs with counts, and a user who has releases 1 and 2 and wants 2, 3 and 4, which has a fresh count."""
    running_site.forget()
    running_site.community = {1: {"have": 7, "want": 9}, 3: {"have": "x", "want": -1}}
    settings.DISCOGS_API_URL = running_site.url
    settings.DISCOGS_REQUESTS_PER_MINUTE = 1_000_000
    settings.ENCRYPTION_MASTER_KEY = "a" * 43 + "="
    cache.clear()
    user = django_user_model.objects.create_user(f"{uuid.uuid4()}@example.com")
    for release_id in (1, 2):
        CollectionItem.objects.create(user=user, release_id=release_id)
    for release_id in (2, 3, 4):
        WantlistItem.objects.create(user=user, release_id=release_id)
    CommunityCount.objects.create(release_id=4, have_count=1)
    CommunityCount.objects.create(release_id=3, have_count=1, fetched_at=timezone.now() - timedelta(days=8))
    return running_site


def list_counts():
    return sorted(CommunityCount.objects.values_list("release_id", "have_count", "want_count"))


def fetch():
    """Do all steps as the task does, without waiting; return the waits."""
    waits, step = [], community.take_step()
    while step is not None:
        waits.append(step[1])
        step = community.take_step(step[0])
    return waits


def test_counts_that_are_due_are_fetched_and_an_unknown_release_is_passed_over(discogs):
    application.store(Application(KEY, SECRET))

    fetch()

    assert discogs.asked == ["/releases/1", "/releases/2", "/releases/3"]
    assert list_counts() == [(1, 7, 9), (3, 0, 0), (4, 1, 0)]
    run = Computation.objects.get(insight_type="community_enrichment")
    assert (run.status, run.rows_affected, run.step) == ("completed", 2, 3)


def test_a_pause_is_kept_and_the_release_is_asked_for_again(discogs):
    application.store(Application(KEY, SECRET))
    discogs.failures.append(Failure(429, {"Retry-After": "7"}))

    number, seconds = community.take_step()
    assert seconds >= 7
    assert community.take_step(number)[1] > 5
    cache.clear()

    assert community.take_step()[0] == number
    assert discogs.asked == ["/releases/1", "/releases/1"]


def test_a_call_of_the_internal_route_counts(discogs):
    assert community.fetch_now() == {
        "enriched": 0,
        "skipped": 3,
        "errors": 0,
        "remaining": 0,
        "error": "no_credentials",
    }
    assert discogs.asked == []
    application.store(Application(KEY, SECRET))

    assert community.fetch_now() == {"enriched": 2, "skipped": 0, "errors": 1, "remaining": 0}
