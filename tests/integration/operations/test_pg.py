"""``manage.py pg``: programs of PostgreSQL on our database."""

import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from apps.operations.management.commands import pg

MANAGE = [sys.executable, str(Path(__file__).parents[3] / "manage.py")]


def run(*arguments):
    return subprocess.run([*MANAGE, "pg", *arguments], capture_output=True, text=True, check=False)


def test_a_program_runs_on_the_database_of_the_settings():
    found = run("psql", "--no-align", "--tuples-only", "--command", "SELECT current_user || '@' || current_database()")

    assert (found.returncode, found.stdout) == (0, "linernotes@linernotes\n"), found.stderr


def test_its_exit_code_is_ours_and_its_options_are_its_own():
    assert run("psql", "--quiet", "--command", "SELECT 1 / 0").returncode == 1
    assert run("pg_dump", "--help").stdout.startswith("pg_dump ")


def test_the_password_is_in_no_argument():
    password = urlsplit(settings.DATABASE_URL).password

    assert pg.address()["PGPASSWORD"] == password
    found = run("psql", "--no-align", "--tuples-only", "--command", r"\! tr '\0' ' ' </proc/$PPID/cmdline")
    assert found.stdout.startswith("psql --no-align")
    assert password not in found.stdout


def test_a_program_that_is_not_there_is_said_in_a_line():
    found = run("pg_nonsuch")

    assert found.returncode == 1
    assert found.stderr.startswith("CommandError: There is no pg_nonsuch: install PostgreSQL's client")
