"""``manage.py stack up | down | status | env``: the embedded servers."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.stack import environment, servers
from apps.stack.errors import StackError

MEBIBYTE = 1024**2


class Command(BaseCommand):
    """Starts, stops and shows the embedded servers."""

    help = "Start, stop or show the embedded PostgreSQL, Valkey and Neo4j."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the arguments for the action and its folder."""
        parser.add_argument("action", choices=["up", "down", "status", "env", "import"])
        parser.add_argument("folder", nargs="?", type=Path, help="import: the folder of a bulk load's files")

    def handle(self, *args: Any, action: str, folder: Path | None, **options: Any) -> None:  # noqa: ARG002
        """Run the action; exit with status 1 if it failed or, for ``status``, if a needed server does not run."""
        actions = {"up": self._up, "down": self._down, "status": self._status, "env": self._env}
        if action == "import":
            if folder is None:
                raise CommandError("stack import needs a folder", returncode=2)
            actions["import"] = lambda: servers.import_graph(folder, self.stdout.write)
        try:
            actions[action]()
        except StackError as error:
            raise CommandError(str(error)) from error

    def _up(self) -> None:
        servers.up(self.stdout.write)
        self._status()

    def _down(self) -> None:
        servers.down(self.stdout.write)

    def _status(self) -> None:
        entries = servers.status()
        for entry in entries:
            self.stdout.write(line(entry))
        if not all(entry.is_satisfied for entry in entries):
            raise CommandError("Not all servers run: manage.py stack up", returncode=1)

    def _env(self) -> None:
        variables = environment.format_lines(environment.read())
        if not variables:
            raise CommandError("There are no embedded servers yet: manage.py stack up")
        self.stdout.write(variables, ending="")


def line(entry: servers.Status) -> str:
    """Return one server's state as a line of text."""
    if entry.pid is None:
        return f"{entry.title:<11}{entry.state}"
    memory = "unknown" if entry.memory_bytes is None else f"{entry.memory_bytes / MEBIBYTE:.0f} MiB"
    return f"{entry.title:<11}{entry.state}  pid {entry.pid}  port {entry.port}  memory {memory}"
