"""Health: what each check says, and what is told to everybody."""

import threading

import pytest

from apps.dashboard import health

pytestmark = pytest.mark.django_db(transaction=True)


def nothing():
    return None


def refuse():
    raise ConnectionRefusedError


@pytest.fixture
def release():
    event = threading.Event()
    yield event
    event.set()


def test_the_api_is_healthy_once_postgresql_answers(client):
    response = client.get("/health")

    assert response.status_code == 200
    answer = response.json()
    assert answer.keys() == {"status", "service", "timestamp"}
    assert (answer["status"], answer["service"]) == ("healthy", "api")


def test_until_then_it_is_starting(client, monkeypatch):
    monkeypatch.setattr(health, "ask_postgresql", refuse)

    response = client.get("/health")

    assert (response.status_code, response.json()["status"]) == (200, "starting")


def test_a_server_that_does_not_answer_is_not_waited_for(monkeypatch, release):
    monkeypatch.setattr(health, "TIMEOUT_SECONDS", 0.05)

    checks = health.check_all({"neo4j": release.wait, "cache": nothing})

    assert not checks["neo4j"].ok
    assert checks["cache"].ok


@pytest.mark.parametrize("name", health.CHECKS)
def test_the_servers_are_really_asked(name):
    assert health.check_all({name: health.CHECKS[name]})[name].ok


def test_live_asks_nobody(client, monkeypatch):
    monkeypatch.setattr(health, "CHECKS", {"neo4j": refuse})

    assert client.get("/health/live").status_code == 200


def test_health_is_not_kept_by_a_cache(client):
    assert "no-store" in client.get("/health")["Cache-Control"]


def test_health_is_for_reading(client):
    assert client.post("/health").status_code == 405
