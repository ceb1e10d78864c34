"""A session of the staff ends a while after its last page in the admin."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse

pytestmark = pytest.mark.django_db
IDLE = 600


@pytest.fixture
def client(client, nina, settings):
    """A client in the admin."""
    settings.STAFF_IDLE_SECONDS = IDLE
    client.force_login(nina)
    assert client.get(reverse("admin:index")).status_code == 200
    return client


def end():
    return Session.objects.get().expire_date


def set_end(seconds):
    Session.objects.update(expire_date=datetime.now(UTC) + timedelta(seconds=seconds))


def test_it_begins_when_somebody_logs_in(log_in, nina, settings):
    settings.STAFF_IDLE_SECONDS = IDLE

    answer = log_in()

    assert answer.cookies["sessionid"]["max-age"] == IDLE


def test_a_page_of_the_admin_moves_its_end(client):
    set_end(5)

    client.get(reverse("admin:ingest_run_changelist"))

    assert IDLE - 60 < (end() - datetime.now(UTC)).total_seconds() <= IDLE


@pytest.mark.parametrize("page", ["/status/", "/auth/staff"])
def test_a_page_that_refreshes_itself_does_not(client, page):
    set_end(5)
    before = end()

    client.get(page)

    assert end() == before


def test_after_it_the_admin_asks_who_somebody_is(client):
    set_end(-1)

    answer = client.get(reverse("admin:index"))

    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("admin:login"))
