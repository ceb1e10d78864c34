"""A site that runs as ``make web`` starts it, and a client of it."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from django.conf import settings

from apps.stack import ports

PROJECT = Path(__file__).parents[2]
START_SECONDS = 60
STOP_SECONDS = 20
PROCESSES = 2
INTERNAL_SECRET = "of the tests"

addresses = itertools.count(1)


class Site:
    """A running site. Each request comes from another client, so that no limit is met by chance."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, health_port: int) -> None:
        self.process = process
        self.url = f"http://{ports.HOST}:{port}"
        self.health_url = f"http://{ports.HOST}:{health_port}"
        self.client = httpx.Client(base_url=self.url, timeout=30, trust_env=False)

    def ask(self, method: str, path: str, *, client: str | None = None, **options: Any) -> httpx.Response:
        headers = {"X-Forwarded-For": client or another_client(), **options.pop("headers", {})}
        return self.client.request(method, path, headers=headers, **options)

    def get(self, path: str, *, client: str | None = None, **parameters: Any) -> httpx.Response:
        return self.ask("GET", path, client=client, params=parameters or None)

    def json(self, path: str, **parameters: Any) -> Any:
        """Return the body of an answer that must be 200."""
        response = self.get(path, **parameters)
        assert response.status_code == 200, response.text
        return response.json()

    def error(self, path: str, **parameters: Any) -> tuple[int, Any]:
        """Return status and body."""
        response = self.get(path, **parameters)
        return response.status_code, response.json()

    def invalid(self, path: str, **parameters: Any) -> list[tuple[str, ...]]:
        """Return type and place of what cannot be taken of a request that must be 422."""
        status, body = self.error(path, **parameters)
        assert status == 422, body
        return [(each["type"], *each["loc"]) for each in body["detail"]]


def another_client() -> str:
    number = next(addresses)
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


@contextmanager
def run_site(log: Path, **variables: str) -> Iterator[Site]:
    """Run a site on the database of the tests, with more variables in its environment."""
    port, health_port = ports.choose(), ports.choose()
    command = [sys.executable, "manage.py", "serve", "--health-port", str(health_port)]
    command += ["gunicorn", "config.wsgi", "--workers", str(PROCESSES), "--threads", "16"]
    command += ["--bind", f"{ports.HOST}:{port}"]
    own = {"FORWARDED_ALLOW_IPS": "127.0.0.1"}
    environment = {**os.environ, **stores(), **own, **variables}
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=output, stderr=output)
    try:
        wait_for(process, port, log)
        found = Site(process, port, health_port)
        with found.client:
            yield found
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()


def stores() -> Mapping[str, str]:
    return {"DATABASE_URL": database_url()}


def database_url() -> str:
    """Return the address of the tests' database."""
    return urlsplit(settings.DATABASE_URL)._replace(path=f"/{settings.DATABASES['default']['NAME']}").geturl()


def wait_for(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while not ports.is_answering(port):
        assert process.poll() is None, log.read_text(errors="replace")
        assert time.monotonic() < until, log.read_text(errors="replace")
        time.sleep(0.1)
    # The first answer of a process takes as long as reading its modules.
    httpx.get(f"http://{ports.HOST}:{port}/health/live", timeout=START_SECONDS, trust_env=False)
