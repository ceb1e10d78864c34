"""Health: 200 only when everything answers."""

import threading

import pytest

from apps.explore import health

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


def test_all_servers_answer(client, monkeypatch):
    monkeypatch.setattr(health, "CHECKS", dict.fromkeys(health.CHECKS, nothing))

    response = client.get("/health")

    assert response.status_code == 200
    answer = response.json()
    assert (answer["status"], answer["service"]) == ("healthy", "linernotes")
    assert answer["checks"].keys() == {"postgresql", "neo4j", "broker", "cache"}
    assert all(check["ok"] for check in answer["checks"].values())


def test_one_server_that_refuses_makes_it_unhealthy(client, monkeypatch):
    monkeypatch.setattr(health, "CHECKS", {"postgresql": nothing, "neo4j": refuse})

    response = client.get("/health")

    assert response.status_code == 503
    assert response.json()["status"] == "unhealthy"
    assert not response.json()["checks"]["neo4j"]["ok"]


def test_a_server_that_does_not_answer_is_not_waited_for(monkeypatch, release):
    monkeypatch.setattr(health, "TIMEOUT_SECONDS", 0.05)

    checks = health.check_all({"neo4j": release.wait, "cache": nothing})

    assert not checks["neo4j"].ok
    assert checks["cache"].ok


def test_no_error_text_is_told(client, monkeypatch):
    monkeypatch.setattr(health, "CHECKS", {"neo4j": refuse})

    assert set(client.get("/health").json()["checks"]["neo4j"]) == {"ok", "ms"}


def test_postgresql_is_really_asked():
    assert health.check_all({"postgresql": health.ask_postgresql})["postgresql"].ok


@pytest.mark.parametrize("name", ["broker", "cache"])
def test_the_other_servers_are_really_asked(name):
    assert health.check_all({name: health.CHECKS[name]})[name].ok


def test_live_asks_nobody(client, monkeypatch):
    monkeypatch.setattr(health, "CHECKS", {"neo4j": refuse})

    assert client.get("/health/live").status_code == 200


def test_health_is_not_kept_by_a_cache(client, monkeypatch):
    monkeypatch.setattr(health, "CHECKS", {})

    assert "no-store" in client.get("/health")["Cache-Control"]


def test_health_is_for_reading(client):
    assert client.post("/health").status_code == 405
