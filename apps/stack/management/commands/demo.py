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
        """Take the site's port and whether there is a site."""
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
        # At once, or it would come after what the programs started here print themselves. A terminal that was closed
        # must not keep anything from being ended.
        with suppress(OSError):
            self.stdout.write(text)
            self.stdout.flush()


def port(text: str) -> int:
    """Return a port."""
    try:
        return ports.parse(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r}: give a port from 1 to {ports.HIGHEST}, such as 8000") from error
