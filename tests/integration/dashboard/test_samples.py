"""Samples of queues and servers: taken, listed, forgotten."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from apps.accounts.models import User
from apps.api import caching
from apps.dashboard import backlog, health, samples
from apps.dashboard.live import store
from apps.dashboard.models import HealthSample, QueueSample
from apps.ingest.feed.queues import NAMES
from tasks.maintenance import collect_samples

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _patient(monkeypatch):
    """Give servers time: a machine with other work to do is slow, not wrong."""
    monkeypatch.setattr(health, "TIMEOUT_SECONDS", 30)


def refuse():
    raise ConnectionRefusedError


def test_every_server_and_queue_is_sampled():
    collect_samples.apply(throw=True)

    servers = {each.server: each for each in HealthSample.objects.all()}
    assert servers.keys() == {"postgresql", "neo4j", "broker", "cache"}
    assert all(each.ok for each in servers.values())
    assert servers["postgresql"].sizes["bytes"] > 1_000_000
    assert servers["neo4j"].sizes.keys() == {"nodes", "relationships"}
    assert servers["cache"].sizes["bytes"] > 0
    assert {each.queue for each in QueueSample.objects.all()} == set(NAMES)
    assert {each.at for each in QueueSample.objects.all()} == {each.at for each in servers.values()}


def test_what_waits_is_written_down(monkeypatch):
    monkeypatch.setattr(
        backlog, "measure_queues", lambda: {name: backlog.Backlog(7, 2) for name in ("graphinator", "other")}
    )
    live = {"name": "graphinator", "messages_unacknowledged": 3, "message_rate": 4.5, "ack_rate": 4.25}
    store.publish([], {"data": {"queues": [live]}})

    try:
        samples.collect(store.read_queues())
    finally:
        caching.call_redis(lambda client: client.delete(store.SNAPSHOT), None)

    fields = ("queue", "ready", "consumers", "unacked", "publish_rate", "deliver_rate")
    assert list(QueueSample.objects.order_by("queue").values_list(*fields)) == [
        ("graphinator", 7, 2, 3, 4.5, 4.25),
        ("other", 7, 2, None, None, None),
    ]


def test_servers_that_are_away_are_a_sample_too(monkeypatch):
    monkeypatch.setitem(health.CHECKS, "neo4j", refuse)
    monkeypatch.setattr(backlog, "measure_queues", refuse)

    samples.collect({})

    neo4j = HealthSample.objects.get(server="neo4j")
    assert (neo4j.ok, neo4j.sizes) == (False, {})
    assert not QueueSample.objects.exists()


def test_old_samples_go(settings):
    settings.METRICS_RETENTION_DAYS = 30
    now = datetime.now(UTC)
    for days in (29, 31):
        at = now - timedelta(days=days)
        QueueSample.objects.create(at=at, queue="extractor", ready=days)
        HealthSample.objects.create(at=at, server="neo4j", ok=True, ms=days)

    assert samples.prune(now) == 2

    assert QueueSample.objects.get().ready == 29
    assert HealthSample.objects.get().ms == 29


def test_they_can_be_looked_at_and_not_changed(client):
    client.force_login(User.objects.create_superuser("karin@example.com"))
    QueueSample.objects.create(at=datetime.now(UTC), queue="extractor", ready=5)
    sample = HealthSample.objects.create(at=datetime.now(UTC), server="neo4j", ok=True, ms=1.5, sizes={"nodes": 3})

    assert b"extractor" in client.get(reverse("admin:dashboard_queuesample_changelist")).content
    assert b"neo4j" in client.get(reverse("admin:dashboard_healthsample_changelist")).content
    address = reverse("admin:dashboard_healthsample_change", args=[sample.pk])
    assert client.get(address).status_code == 200
    assert client.post(address, {"ok": ""}).status_code == 403
    assert client.get(reverse("admin:dashboard_queuesample_add")).status_code == 403
