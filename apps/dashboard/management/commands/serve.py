"""``manage.py serve``: a web server, with health and metrics on a port of their own."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.dashboard import serving
from apps.stack import ports


class Command(BaseCommand):
    """Runs a web server until it ends; its exit status is ours."""

    # The checks import every page, and this process serves none.
    requires_system_checks = ()
    help = "Run a web server, and answer health and metrics on a port of their own meanwhile."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add two options of our own; the rest is the server's command."""
        parser.add_argument(
            "--health-host", default=ports.HOST, help=f"address of the health port (default {ports.HOST})"
        )
        parser.add_argument(
            "--health-port", type=int, default=settings.HEALTH_PORT, help="default: HEALTH_PORT, which is 8005 if unset"
        )
        parser.add_argument(
            "server", nargs=argparse.REMAINDER, help="the server's command, such as gunicorn config.wsgi --workers 2"
        )

    def handle(self, *_: Any, server: list[str], health_host: str, health_port: int, **__: Any) -> None:
        """Run it."""
        if not server:
            raise CommandError("Give the command of a web server, such as: serve gunicorn config.wsgi --workers 2")
        program = find_program(server[0])
        try:
            status = serving.run([program, *server[1:]], host=health_host, port=health_port)
        except OSError as error:
            raise CommandError(
                f"The health port {health_host}:{health_port} cannot be opened: {error.strerror or error}. HEALTH_PORT"
                " names another one"
            ) from error
        if status:
            sys.exit(status)


def find_program(program: str) -> str:
    """Return the path of a program, preferring this Python environment.

    Raises:
        CommandError: there is none.
    """
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    found = shutil.which(program, path=path)
    if found is None:
        raise CommandError(f"There is no program {program}: pip install -r requirements/prod.txt brings gunicorn")
    return found
