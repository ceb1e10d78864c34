"""The scripts of a deployment: making secrets, asking containers for their health."""

import base64
import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from config.environment import production
from tests.deployment import SECRETS

SCRIPTS = Path(__file__).resolve().parent.parent / "scripts"


def create_secrets(folder: Path) -> str:
    command = [str(SCRIPTS / "create-secrets.sh"), str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def read(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_secrets_are_made_that_production_accepts(tmp_path: Path) -> None:
    create_secrets(tmp_path / "secrets")

    made = read(tmp_path / "secrets")
    assert set(made) == SECRETS
    assert len(set(made.values())) == len(SECRETS)
    assert len(base64.b64decode(made.pop("encryption_master_key"), validate=True)) == 32
    assert not any(production.is_weak(secret, production.KEY_CHARACTERS) for secret in made.values())


def test_nobody_else_reads_them(tmp_path: Path) -> None:
    create_secrets(tmp_path / "secrets")

    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "secrets").iterdir()} == {0o600}


def test_what_is_there_stays(tmp_path: Path) -> None:
    create_secrets(tmp_path / "secrets")
    before = read(tmp_path / "secrets")
    (tmp_path / "secrets" / "neo4j_password").chmod(0o644)
    (tmp_path / "secrets" / "redis_password").unlink()
    (tmp_path / "secrets" / "rabbitmq_password").write_text("")

    said = create_secrets(tmp_path / "secrets")

    after = read(tmp_path / "secrets")
    assert {name for name in SECRETS if before[name] != after[name]} == {"redis_password", "rabbitmq_password"}
    assert all(after.values())
    assert stat.S_IMODE((tmp_path / "secrets" / "neo4j_password").stat().st_mode) == 0o600
    assert said.count(": there") == len(SECRETS) - 2


def check_health(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPTS / "healthcheck.py"), *arguments]
    return subprocess.run(command, env={**os.environ, **variables}, capture_output=True, text=True, check=False)


class Site(BaseHTTPRequestHandler):
    """Answers as production does: to its name, and to what came by HTTPS."""

    def do_GET(self) -> None:
        headers = (self.headers["Host"], self.headers["X-Forwarded-Proto"])
        self.send_response(200 if (self.path, *headers) == ("/health/live", "music.example", "https") else 400)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing is to be printed."""


@pytest.fixture
def site() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Site) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_site_that_answers_is_healthy(site: str) -> None:
    assert check_health(f"{site}/health/live", ALLOWED_HOSTS=".music.example,localhost").returncode == 0


def test_a_site_that_refuses_is_not(site: str) -> None:
    found = check_health(f"{site}/elsewhere", ALLOWED_HOSTS="music.example")

    assert found.returncode == 1
    assert "answers 400" in found.stderr


def test_a_site_that_is_not_there_is_not_healthy(site: str) -> None:
    found = check_health("http://127.0.0.1:1/health/live")

    assert found.returncode == 1
    assert "does not answer" in found.stderr


def test_a_process_that_touched_its_file_lately_is_healthy(tmp_path: Path) -> None:
    (tmp_path / "alive").touch()

    assert check_health(str(tmp_path / "alive")).returncode == 0


def test_a_process_that_fell_silent_is_not(tmp_path: Path) -> None:
    long_ago = time.time() - 600
    (tmp_path / "alive").touch()
    os.utime(tmp_path / "alive", (long_ago, long_ago))

    assert "last touched 600 s ago" in check_health(str(tmp_path / "alive")).stderr
    assert check_health(str(tmp_path / "never")).returncode == 1
