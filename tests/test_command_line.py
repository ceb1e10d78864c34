"""What commands print when something is wrong that the person at the terminal can mend: one line, never a traceback."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from socket import gaierror
from typing import Any

import pytest
import requests
from urllib3.connection import HTTPSConnection
from urllib3.exceptions import MaxRetryError, NameResolutionError

from apps.stack import environment, outages

ROOT = Path(__file__).resolve().parent.parent
NOWHERE = "127.0.0.1:1"
# Those that need PostgreSQL, Django's among them.
COMMANDS = [
    ["runs"],
    ["createsuperuser", "--noinput", "--email", "x@example.org"],
    ["migrate"],
    ["replay", "--run", "1"],
    ["compare_quality", "20260701", "20260801"],
    ["catalog_indexes"],
    ["verify_graph"],
    ["rebuild_graph", "--local"],
    ["extract", "discogs", "--from", "sample", "--local"],
    ["reset_two_factor", "x"],
    ["admin_setup", "--list"],
    ["export_user", "x", "x.zip"],
    ["delete_user", "x", "--yes"],
]


def start(*arguments: str, **variables: str) -> subprocess.Popen[str]:
    """Start a command, with more variables in its environment."""
    return subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def refusal(*arguments: str, **variables: str) -> str:
    """Return the one line in which a command says why it does nothing."""
    command = start(*arguments, **variables)
    stdout, stderr = command.communicate()
    assert command.returncode == 1, stderr
    assert stdout == ""
    (line,) = stderr.splitlines()
    return line


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_without_postgresql_every_command_says_so(command: list[str]) -> None:
    line = refusal(*command, DATABASE_URL=f"postgresql://{NOWHERE}/none")

    assert line.startswith("CommandError: PostgreSQL does not answer: ")
    assert line.endswith("manage.py stack up starts one; DATABASE_URL names another")


@pytest.mark.parametrize(
    ("command", "name", "value"),
    [
        (["runs"], "DATABASE_URL", "nonsense"),
        (["check"], "INGEST_CHUNK_BYTES", "8MiB"),
        (["extract", "discogs"], "INGEST_CHUNK_BYTES", "-5"),
        (["stack", "status"], "DEBUG", "maybe"),
    ],
    ids=str,
)
def test_a_wrong_setting_stops_every_command(command: list[str], name: str, value: str) -> None:
    assert refusal(*command, **{name: value}).startswith(f"CommandError: {name} is ")


def test_a_database_without_tables_says_how_to_make_them() -> None:
    url = environment.read()["DATABASE_URL"].rpartition("/")[0] + "/postgres"

    assert refusal("runs", DATABASE_URL=url) == (
        'CommandError: The database is not set up: relation "ingest_run" does not exist. manage.py schema_init does it'
    )


def test_a_database_that_is_not_there_is_named() -> None:
    url = environment.read()["DATABASE_URL"].rpartition("/")[0] + "/nowhere"

    assert "PostgreSQL has no such database: " in refusal("runs", DATABASE_URL=url)


# Passwords


def wrong_password(name: str) -> str:
    """Return the address of one of our servers, with another password."""
    before, _, host = environment.read()[name].rpartition("@")
    return f"{before}x@{host}"


def test_a_wrong_password_of_postgresql_is_no_outage() -> None:
    line = refusal("runs", DATABASE_URL=wrong_password("DATABASE_URL"))

    assert "PostgreSQL refuses the user or the password of DATABASE_URL" in line


@pytest.mark.django_db(transaction=True)
def test_a_wrong_password_of_neo4j_is_no_outage() -> None:
    line = refusal("verify_graph", **name_test_database(), NEO4J_URL=wrong_password("NEO4J_URL"))

    assert line.startswith("CommandError: Neo4j refuses the user or the password of NEO4J_URL")


@pytest.mark.django_db(transaction=True)
def test_a_wrong_password_of_the_broker_is_no_outage(tmp_path: Path) -> None:
    url = wrong_password("CELERY_BROKER_URL")
    line = refusal("extract", "discogs", "--from", "sample", **name_test_database(), CELERY_BROKER_URL=url)

    assert line.startswith("CommandError: The broker refuses the user or the password: ")


def name_test_database() -> dict[str, str]:
    """Return the variable that names the database of this test."""
    return {"DATABASE_URL": environment.read()["DATABASE_URL"].rpartition("/")[0] + "/test_linernotes"}


def test_traceback_shows_where_an_error_comes_from() -> None:
    command = start("runs", "--traceback", DATABASE_URL=f"postgresql://{NOWHERE}/none")

    assert "Traceback" in command.communicate()[1]


def test_a_bug_has_a_traceback() -> None:
    command = start("shell", "--no-imports", "--command", "1 / 0")

    assert "ZeroDivisionError" in command.communicate()[1]
    assert command.returncode == 1


def test_nothing_is_said_when_nobody_reads_on() -> None:
    """As behind ``| head``, which ends after its lines."""
    command = start("shell", "--no-imports", "--verbosity", "0", "--command", "print('x' * 1_000_000)")
    assert command.stdout is not None
    command.stdout.read(10)
    command.stdout.close()
    command.stdout = None

    assert command.communicate()[1] == ""
    assert command.returncode == 141


# Runs manage.py, and tells when it begins to import a module. Before manage.py itself runs, Python answers Ctrl-C.
TELL_IMPORT = """
import runpy, sys

class Finder:
    def find_spec(self, name, *_):
        if name == told:
            print(name, flush=True)

told = sys.argv[1]
sys.argv[:] = ["manage.py", "shell", "--no-imports", "--command", "import sched, time; time.sleep(60)"]
sys.meta_path.insert(0, Finder())
runpy.run_path("manage.py", run_name="__main__")
"""


@pytest.mark.parametrize("module", ["config.command_line", "django.core.management", "config.settings", "sched"])
def test_ctrl_c_in_the_first_moments_says_nothing(module: str) -> None:
    command = subprocess.Popen(
        [sys.executable, "-c", TELL_IMPORT, module],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert command.stdout is not None
    assert command.stdout.readline() == f"{module}\n"
    command.send_signal(signal.SIGINT)

    stdout, stderr = command.communicate()

    assert (stdout, stderr) == ("", "")
    assert command.returncode == 130


def test_a_name_that_is_not_known_asks_whether_the_computer_is_online() -> None:
    connection: Any = HTTPSConnection("data.example", 443)
    cause = NameResolutionError("data.example", connection, gaierror(-3, "Temporary failure in name resolution"))
    error = requests.ConnectionError(MaxRetryError(connection, "/", cause))

    assert outages.explain_request(error) == (
        "Failed to resolve 'data.example' ([Errno -3] Temporary failure in name resolution): is this computer online?"
    )
