"""``manage.py demo``: from nothing to a site with the sample loaded."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.stack import demonstration
from apps.stack.errors import StackError


class Command(BaseCommand):
    """Starts the servers, loads the sample and serves it; Ctrl-C ends all of it."""

    help = "Start the embedded servers, load the sample and serve it; Ctrl-C ends all of it."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the site's port and whether there is a site."""
        parser.add_argument("--port", type=int, default=8000, help="port of the site on 127.0.0.1 (default: 8000)")
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
        # At once, or it would come after what the programs started here print themselves.
        self.stdout.write(text)
        self.stdout.flush()
