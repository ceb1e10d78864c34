"""``manage.py demo``: from nothing to a site with the sample loaded."""

from argparse import ArgumentTypeError
from contextlib import suppress
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.stack import demonstration, ports
from apps.stack.errors import StackError


class Command(BaseCommand):
    """Starts the servers, loads the sample and serves it; Ctrl-C ends all of it."""

    help = "Start the embedded servers, load the sample and serve it; Ctrl-C ends all of it."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options for the site's port and for not serving it."""
        parser.add_argument("--port", type=port, default=8000, help="port of the site on 127.0.0.1 (default: 8000)")
        parser.add_argument("--no-serve", action="store_true", help="end when the sample is loaded")

    def handle(self, *args: Any, port: int, no_serve: bool, **options: Any) -> None:  # noqa: ARG002
        """Run the demo until it is interrupted."""
        try:
            demonstration.run(port=port, serve=not no_serve, report=self._say)
        except StackError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            self._say("Ended")

    def _say(self, text: str) -> None:
        # Flushed, or it would come after the output of the child programs. The error of a closed terminal is
        # suppressed, since it must not keep the servers from being stopped.
        with suppress(OSError):
            self.stdout.write(text)
            self.stdout.flush()


def port(text: str) -> int:
    """Parse the port of an option."""
    try:
        return ports.parse(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r}: give a port from 1 to {ports.HIGHEST}, such as 8000") from error
