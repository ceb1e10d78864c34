"""Runs that the API starts for an administrator."""

import pytest
from django.test import RequestFactory
from kombu.exceptions import OperationalError

from apps.accounts.models import AuditEvent
from apps.ingest.models import Run, RunState
from apps.operations import runs
from apps.operations.api.extractions import TriggerView
from tests.publisher import Answer
from tests.users import bearer, make_user

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESS = "/api/admin/extractions/trigger"


@pytest.fixture
def dispatched(monkeypatch):
    """The runs whose tasks are sent; no worker does them."""
    found = []
    monkeypatch.setattr(runs.start_run, "delay", found.append)
    return found


@pytest.fixture
def trigger():
    """Ask for a load as an administrator."""
    admin = make_user("root@example.com", is_superuser=True)
    authorization = bearer(admin, kind="admin")["Authorization"]

    def trigger(body=b""):
        request = RequestFactory().post(
            ADDRESS, body, content_type="application/json", HTTP_AUTHORIZATION=authorization
        )
        return TriggerView.as_view()(request)

    return trigger


@pytest.mark.parametrize("body", [b"", b"{bad", b"[1]", b'{"source": "discogs"}'])
def test_the_newest_version_is_loaded_whatever_the_body(trigger, publisher, dispatched, body):
    response = trigger(body)

    run = Run.objects.get()
    assert response.status_code == 202
    assert response.content == f'{{"id":"00000000-0000-0000-0000-{run.pk:012x}","status":"running"}}'.encode()
    assert dispatched == [run.pk]
    assert run.started_by == "root@example.com"
    event = AuditEvent.objects.filter(action="extraction.trigger").latest("pk")
    assert event.details == {"extraction_id": f"00000000-0000-0000-0000-{run.pk:012x}"}


def test_a_version_that_is_loaded_is_loaded_again(trigger, publisher, dispatched):
    trigger()
    Run.objects.update(state=RunState.COMPLETED)

    assert trigger().status_code == 202
    assert Run.objects.count() == 2


def test_a_site_that_fails_is_a_bad_gateway(trigger, publisher, dispatched):
    publisher.answer("front", Answer(500), Answer(500), Answer(500), Answer(500), Answer(500))

    response = trigger()

    assert response.status_code == 502
    assert not Run.objects.exists()


def test_without_the_broker_the_run_waits_for_the_watchdog(trigger, publisher, monkeypatch):
    def refuse(_):
        raise OperationalError("connection refused")

    monkeypatch.setattr(runs.start_run, "delay", refuse)

    response = trigger()

    assert response.status_code == 503
    assert b"watchdog" in response.content
    assert Run.objects.get().state == RunState.EXTRACTING
