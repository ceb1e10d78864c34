"""A deployment without containers: what docker-compose.yml runs, on RabbitMQ, in production, loads the sample."""

import http.client
import json
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.brokers import RabbitBroker, ValkeyBroker
from tests.acceptance.conftest import NO_RABBITMQ, RABBITMQ_URL, Build
from tests.acceptance.wiring import Wiring

SAMPLE = {"artists": 5560, "labels": 656, "masters": 396, "releases": 1700}


@pytest.fixture(params=["full", pytest.param("single", marks=pytest.mark.slow)])
def wiring(request: pytest.FixtureRequest, build: Build, valkey: ValkeyBroker, tmp_path: Path) -> Iterator[Wiring]:
    wired = Wiring(build(tmp_path / "deployment", RabbitBroker(str(RABBITMQ_URL), valkey)), request.param)
    try:
        yield wired
    finally:
        wired.down()


def ask(wiring: Wiring, path: str, port: int | None = None, **headers: str) -> tuple[int, bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", port or wiring.site_port, timeout=20)) as connection:
        connection.request("GET", path, headers={"Host": "localhost", **headers})
        answer = connection.getresponse()
        return answer.status, answer.read()


@NO_RABBITMQ
def test_the_services_of_the_compose_file_load_the_sample(wiring: Wiring) -> None:
    collected = wiring.run("web", ["python", "manage.py", "collectstatic", "--noinput"])
    assert collected.code == 0, collected.stderr
    wiring.up()

    done = wiring.run(
        next(iter(wiring.services)), ["python", "manage.py", "extract", "discogs", "--from", "sample", "--json"]
    )

    assert done.code == 0, done.stderr
    assert done.result["state"] == "completed"
    assert {name: counts["new"] for name, counts in done.result["types"].items()} == SAMPLE
    behind_a_proxy: dict[str, Any] = {"X-Forwarded-Proto": "https"}
    assert ask(wiring, "/ready", **behind_a_proxy)[0] == 200
    status, body = ask(wiring, "/health", **behind_a_proxy)
    assert (status, json.loads(body)["status"]) == (200, "healthy")
    token = (wiring.folder / "secrets" / "metrics_token").read_text()
    status, body = ask(wiring, "/metrics", wiring.health_port, Authorization=f"Bearer {token}")
    assert (status, b'linernotes_collected{part="ledger"} 1.0' in body) == (200, True)
    assert ask(wiring, "/static/css/pages.css", **behind_a_proxy)[0] == 200
    assert ask(wiring, "/")[0] == 301
    statuses = wiring.down()
    # uvicorn cleans up and then ends by the signal that it got.
    assert statuses.pop("live") in (0, -signal.SIGTERM)
    assert set(statuses.values()) == {0}
