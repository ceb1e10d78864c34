"""Backup and restore: the commands of docs/operations.md, as they stand there."""

import os
import re
import subprocess
from urllib.parse import urlsplit

import pytest

from tests.acceptance import snapshots
from tests.acceptance.installation import Installation
from tests.acceptance.workers import PROJECT
from tests.dumps import FIRST_MONTH, SECOND_MONTH, pack

USERS = "SELECT email FROM accounts_user"


@pytest.fixture
def loaded(installation: Installation) -> Installation:
    """Return an installation with the first month and a user."""
    installation.load(pack(FIRST_MONTH, "20260101", installation.folder / "first"))
    add_user(installation, "nina@example.com")
    return installation


def add_user(installation: Installation, name: str) -> None:
    done = installation.manage("createsuperuser", "--noinput", "--email", name)
    assert done.code == 0, done.stderr


def read_commands(heading: str) -> str:
    """Return the commands of a section of the document."""
    section = (PROJECT / "docs" / "operations.md").read_text().split(f"\n### {heading}\n", 1)[1].split("\n#", 1)[0]
    return "\n".join(re.findall(r"^```sh\n(.*?)^```", section, re.MULTILINE | re.DOTALL))


# What Docker Compose would do: its containers are those of the installation. The workers are one of the command's own.
DOCKER = """\
docker() {
    [[ $1 == compose ]]
    case "${*:2}" in
        down | up\\ *) ;;
        "run --rm schema") manage.py schema_init ;;
        "exec -T postgres "*" --username=linernotes "*) manage.py pg "${@:5}" ;;
        "exec -T web python manage.py "*) manage.py "${@:7}" --local ;;
        *) echo "docker $*: not foreseen" >&2; return 1 ;;
    esac
}
"""


def follow(heading: str, installation: Installation) -> None:
    """Run the commands of a section, with manage.py standing for itself."""
    here = {"PATH": f"{PROJECT / '.venv' / 'bin'}:{os.environ['PATH']}", "BACKUPS": str(installation.folder)}
    name = urlsplit(installation.database_url).path.removeprefix("/")
    commands = read_commands(heading).replace("--dbname=linernotes", f"--dbname={name}")
    commands = re.sub(r"=custom linernotes", f"=custom {name}", commands)
    script = f"set -eu\nmanage.py() {{ python '{PROJECT}/manage.py' \"$@\"; }}\n{DOCKER}{commands}"
    environment = installation.environment(DUMPS=str(installation.folder / "first"), **here)
    done = subprocess.run(
        ["bash", "-c", script], env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}\n{installation.report()}"


@pytest.mark.slow
@pytest.mark.parametrize("way", ["", " with Docker Compose"])
def test_everything_is_as_it_was_when_it_was_backed_up(loaded: Installation, way: str) -> None:
    before = loaded.snapshot()
    follow(f"Back up everything{way}", loaded)
    loaded.load(pack(SECOND_MONTH, "20260201", loaded.folder / "second"))
    add_user(loaded, "otto@example.com")

    loaded.worker.stop()
    follow(f"Restore everything{way}", loaded)

    assert snapshots.differences(before, loaded.snapshot()) == []
    assert loaded.ask(USERS) == [("nina@example.com",)]


@pytest.mark.slow
def test_what_no_dump_holds_comes_back_and_the_dump_makes_the_rest(loaded: Installation) -> None:
    before = loaded.snapshot()
    follow("Back up what no dump holds", loaded)
    loaded.load(pack(SECOND_MONTH, "20260201", loaded.folder / "second"))
    add_user(loaded, "otto@example.com")

    loaded.worker.stop()
    follow("Restore what no dump holds", loaded)

    assert snapshots.differences(before, loaded.snapshot()) == []
    assert loaded.ask(USERS) == [("nina@example.com",)]
