"""Readiness: 200 only if every server answers and no migration is missing; details for operators alone."""

import threading

import pytest
from django.db import connection

from apps.accounts.models import User
from apps.dashboard import backlog, health, readiness
from apps.ingest import ledger
from apps.ingest.feed.queues import NAMES
from apps.ingest.models import Run, RunState
from tests.loading import add_chunks, start
from tests.records import artist

pytestmark = pytest.mark.django_db(transaction=True)
OUTSIDE = {"REMOTE_ADDR": "192.0.2.1"}


@pytest.fixture(autouse=True)
def _patient(monkeypatch):
    """Give servers time: a machine with other work to do is slow, not wrong."""
    monkeypatch.setattr(health, "TIMEOUT_SECONDS", 30)


@pytest.fixture
def release():
    event = threading.Event()
    yield event
    event.set()


def refuse():
    raise ConnectionRefusedError


@pytest.mark.parametrize("address", ["/ready", "/health/ready"])
def test_ready_with_all_details(client, address):
    response = client.get(address)

    assert response.status_code == 200, response.content
    answer = response.json()
    assert answer["status"] == "ready"
    checks = answer["checks"]
    assert checks.keys() == {"postgresql", "neo4j", "broker", "cache"}
    assert all(check["ok"] and check["ms"] >= 0 for check in checks.values())
    assert checks["postgresql"]["version"].startswith("18")
    assert checks["neo4j"]["version"].startswith("5.26")
    assert checks["broker"]["version"].startswith("valkey ")
    assert checks["cache"]["version"] == checks["broker"]["version"]
    assert answer["migrations"] == {"ok": True, "missing": []}
    assert answer["folders"] == {"ok": True, "problems": {}}
    assert answer["queues"].keys() == set(NAMES)


def test_a_migration_that_is_missing_is_named(client):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'dashboard' RETURNING name")
        names = sorted(name for (name,) in cursor.fetchall())
    try:
        response = client.get("/ready")
    finally:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO django_migrations (app, name, applied) SELECT 'dashboard', unnest(%s::text[]), now()",
                [names],
            )

    assert names[0] == "0001_initial"
    assert response.status_code == 503
    assert response.json()["migrations"] == {"ok": False, "missing": [f"dashboard.{name}" for name in names]}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("postgresql", (503, "not ready")),
        ("neo4j", (503, "not ready")),
        # Readers need neither: the API without them is better than none.
        ("broker", (200, "degraded")),
        ("cache", (200, "degraded")),
    ],
)
def test_a_server_that_refuses_is_told(client, monkeypatch, name, expected):
    monkeypatch.setitem(health.CHECKS, name, refuse)

    response = client.get("/ready")

    assert (response.status_code, response.json()["status"]) == expected
    assert not response.json()["checks"][name]["ok"]


def test_a_folder_that_cannot_be_written_is_told(client, settings, tmp_path):
    (tmp_path / "file").touch()
    settings.DISCOGS_ROOT = str(tmp_path / "file")

    response = client.get("/ready")

    assert (response.status_code, response.json()["status"]) == (200, "degraded")
    problem = f"{tmp_path / 'file'} is no folder"
    assert response.json()["folders"] == {"ok": False, "problems": {"DISCOGS_ROOT": problem}}
    assert problem not in client.get("/ready", **OUTSIDE).content.decode()


def test_a_broker_that_does_not_tell_of_queues_is_no_error(client, monkeypatch):
    monkeypatch.setitem(readiness.QUESTIONS, "backlog", refuse)

    response = client.get("/ready")

    assert response.status_code == 200
    assert response.json()["queues"] == {}


def test_a_server_that_hangs_is_waited_for_no_longer_than_the_limit(client, monkeypatch, release):
    monkeypatch.setattr(health, "TIMEOUT_SECONDS", 1.0)
    monkeypatch.setitem(health.CHECKS, "neo4j", release.wait)

    # More often than there are threads: each time the one that hangs is waited for, and no other is begun.
    for _ in range(2):
        assert client.get("/ready").status_code == 503
    others = health.check_all({"cache": health.ask_cache})
    assert others["cache"].ok


def test_a_check_that_hangs_holds_one_thread(monkeypatch, release):
    monkeypatch.setattr(health, "TIMEOUT_SECONDS", 0.02)

    for _ in range(health.pool._max_workers + 1):
        assert not health.check_all({"neo4j": release.wait})["neo4j"].ok

    monkeypatch.setattr(health, "TIMEOUT_SECONDS", 5)
    assert health.check_all({"other": lambda: 1})["other"].found == 1


def test_others_see_no_details(client):
    answer = client.get("/ready", **OUTSIDE).json()

    assert answer.keys() == {"status", "service", "timestamp", "warm"}


def test_what_came_through_a_proxy_sees_no_details(client):
    assert "checks" not in client.get("/ready", headers={"X-Forwarded-For": "127.0.0.1"}).json()


def test_staff_sees_details_from_anywhere(client):
    client.force_login(User.objects.create_user("karin@example.com", is_staff=True))

    assert "checks" in client.get("/ready", **OUTSIDE).json()


def test_nobody_is_asked_for_while_postgresql_is_away(client, monkeypatch, django_assert_num_queries):
    client.force_login(User.objects.create_user("karin@example.com", is_staff=True))
    monkeypatch.setitem(health.CHECKS, "postgresql", refuse)

    with django_assert_num_queries(0):
        answer = client.get("/ready", **OUTSIDE)

    assert answer.status_code == 503
    assert "checks" not in answer.json()


# Queues


def queues(client):
    return {name: each["state"] for name, each in client.get("/ready").json()["queues"].items()}


@pytest.fixture
def quiet_queues(monkeypatch):
    """Let nothing wait in the broker, whatever other tests left there."""
    empty = {name: backlog.Backlog(0, None) for name in NAMES}
    monkeypatch.setitem(readiness.QUESTIONS, "backlog", lambda: empty)


@pytest.mark.usefixtures("quiet_queues")
def test_queues_are_idle_without_a_run(client):
    assert set(queues(client).values()) == {"idle"}


@pytest.mark.usefixtures("quiet_queues", "spooled")
@pytest.mark.parametrize(
    ("done", "queue"),
    [
        ((), "extractor"),
        (("extract",), "tableinator"),
        (("extract", "table"), "graphinator"),
    ],
)
def test_a_queue_works_while_a_stage_has_begun(client, done, queue):
    (chunk,) = add_chunks(start("artists"), "artists", [artist(1)])
    for stage in done:
        ledger.mark(chunk, stage)
    ledger.begin(chunk.pk, ("extract", "table", "graph")[len(done)])

    assert {name for name, state in queues(client).items() if state == "working"} == {queue}


@pytest.mark.usefixtures("quiet_queues")
def test_maintenance_works_while_a_run_is_in_it(client):
    run = start("artists")
    Run.objects.filter(pk=run.pk).update(state=RunState.MAINTAINING)

    assert {name for name, state in queues(client).items() if state == "working"} == {"maintenance"}


def test_a_queue_works_while_messages_wait(client, monkeypatch):
    monkeypatch.setitem(readiness.QUESTIONS, "backlog", lambda: {"graphinator": backlog.Backlog(7, 2)})

    answer = client.get("/ready").json()

    assert answer["queues"] == {"graphinator": {"state": "working", "depth": 7, "consumers": 2}}
