"""The scripts of a deployment: making secrets, asking containers for their health."""

import base64
import os
import re
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from config.environment import production
from tests.deployment import SECRETS

SCRIPTS = Path(__file__).resolve().parent.parent / "scripts"


def create_secrets(folder: Path, *arguments: str) -> str:
    command = [str(SCRIPTS / "create-secrets.sh"), str(folder), *arguments]
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


# Folders

CONTAINER_USER = 1000
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives folders away")


def create_folders(where: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "DUMPS_DIR"}
    command = [str(SCRIPTS / "create-folders.sh"), *arguments]
    return subprocess.run(command, cwd=where, env=environment | variables, capture_output=True, text=True, check=False)


@AS_ROOT
def test_the_folder_of_the_dumps_is_the_containers(tmp_path: Path) -> None:
    (tmp_path / "dumps").mkdir()
    (tmp_path / "dumps" / "discogs_20260101_artists.xml.gz").touch()

    done = create_folders(tmp_path, "dumps")

    assert (done.returncode, done.stdout) == (0, "dumps: ready\n")
    made = [tmp_path / "dumps", *(tmp_path / "dumps").iterdir()]
    assert {path.name for path in made} == {"dumps", "musicbrainz", "discogs_20260101_artists.xml.gz"}
    assert {(path.stat().st_uid, path.stat().st_gid) for path in made} == {(CONTAINER_USER, CONTAINER_USER)}


@AS_ROOT
def test_compose_and_the_script_mean_the_same_folder(tmp_path: Path) -> None:
    assert create_folders(tmp_path).stdout == "discogs-data: ready\n"
    (tmp_path / ".env").write_text("WEB_PORT=80\n#DUMPS_DIR=./discogs-data\nDUMPS_DIR=./of the file\n")
    assert create_folders(tmp_path).stdout == "./of the file: ready\n"
    assert create_folders(tmp_path, DUMPS_DIR="of-the-shell").stdout == "of-the-shell: ready\n"


@AS_ROOT
def test_somebody_else_is_told_to_be_root(tmp_path: Path) -> None:
    # Not in pytest's own folder, which is closed to other users.
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        for name, said in (("create-folders.sh", "run this as root"), ("create-secrets.sh", "as root for them")):
            script = Path(folder) / name
            script.write_bytes((SCRIPTS / name).read_bytes())
            command = ["bash", name, str(Path(folder) / "made")]
            done = subprocess.run(
                command, cwd=folder, user=65534, group=65534, capture_output=True, text=True, check=False
            )
            assert said in done.stderr


@AS_ROOT
@pytest.mark.parametrize(("arguments", "owner"), [((), CONTAINER_USER), (("nobody",), 65534)])
def test_the_secrets_are_their_readers(tmp_path: Path, arguments: tuple[str, ...], owner: int) -> None:
    create_secrets(tmp_path / "secrets", *arguments)

    made = [tmp_path / "secrets", *(tmp_path / "secrets").iterdir()]
    assert {path.stat().st_uid for path in made} == {owner}


# Backups

# What pg_dump's own format begins with, and the time of day.
DUMP = ["bash", "-c", "echo PGDMP; date +%s%N"]


def back_up(folder: Path, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(SCRIPTS / "backup.sh"), str(folder), *command],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_backup_is_whole_and_for_its_owner_alone(tmp_path: Path) -> None:
    done = back_up(tmp_path / "backups", *DUMP)

    (backup,) = (tmp_path / "backups").iterdir()
    assert done.returncode == 0
    assert done.stdout.startswith(f"{backup}: ")
    assert backup.read_text().startswith("PGDMP\n")
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600


def test_without_a_command_the_database_of_the_settings_is_backed_up(tmp_path: Path) -> None:
    done = back_up(tmp_path)

    assert done.returncode == 0, done.stderr
    (backup,) = tmp_path.iterdir()
    command = [sys.executable, str(SCRIPTS.parent / "manage.py"), "pg", "pg_restore", "--list", str(backup)]
    assert "dbname: linernotes" in subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("command", [["false"], ["bash", "-c", "echo PGDMP; exit 1"], ["true"], ["echo", "no dump"]])
def test_one_that_fails_leaves_the_older_ones(tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "linernotes-20260101T033000Z.dump").write_text("PGDMP")

    done = back_up(tmp_path, *command, BACKUPS_KEEP="1")

    assert done.returncode != 0
    assert [path.name for path in tmp_path.iterdir()] == ["linernotes-20260101T033000Z.dump"]


def test_the_newest_are_kept_and_nothing_else_is_touched(tmp_path: Path) -> None:
    for name in ("linernotes-20260101T033000Z", "linernotes-20260102T033000Z", "linernotes-20260103T033000Z", "other"):
        (tmp_path / f"{name}.dump").write_text("PGDMP")

    assert back_up(tmp_path, *DUMP, BACKUPS_KEEP="2").returncode == 0

    new = {path.name for path in tmp_path.iterdir()} - {"linernotes-20260103T033000Z.dump", "other.dump"}
    assert len(new) == 1
    assert new.pop() > "linernotes-20260103T033000Z.dump"
    assert "BACKUPS_KEEP is none" in back_up(tmp_path, *DUMP, BACKUPS_KEEP="none").stderr


# Health


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

    assert re.search(r"last touched \d+ s ago", check_health(str(tmp_path / "alive")).stderr)
    assert check_health(str(tmp_path / "never")).returncode == 1
