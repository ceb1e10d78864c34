"""``manage.py mcp``: the server for assistants, as ``linernotes-mcp`` is it where the site is not installed."""

from __future__ import annotations

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    """Become the server of clients/mcp, which asks this site or another over HTTP."""

    help = "Serve assistants by the Model Context Protocol, over the API at API_BASE_URL (see docs/mcp.md)."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the transport and the address, with the defaults of ``linernotes-mcp``."""
        parser.add_argument("--transport", choices=("stdio", "streamable-http"), default="stdio")
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on, over HTTP")
        parser.add_argument("--port", type=int, default=8012, help="port to listen on, over HTTP")

    def handle(self, *args: Any, transport: str, host: str, port: int, **options: Any) -> None:  # noqa: ARG002
        """Replace this process: the server has no use for Django, and needs a third of the memory without it."""
        path = os.pathsep.join(filter(None, (str(settings.BASE_DIR / "clients" / "mcp"), os.environ.get("PYTHONPATH"))))
        command = [
            sys.executable,
            "-m",
            "linernotes_mcp",
            "--transport",
            transport,
            "--host",
            host,
            "--port",
            str(port),
        ]
        os.execve(sys.executable, command, {**os.environ, "PYTHONPATH": path})  # noqa: S606 - no shell
