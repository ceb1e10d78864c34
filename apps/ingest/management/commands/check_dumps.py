"""``manage.py check_dumps``: what is newest at the publisher's, and what we have of it."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, ProgrammingError

from apps.ingest import published, runs
from apps.ingest.errors import IngestError
from apps.ingest.management.run_command import first_line


class Command(BaseCommand):
    """Look, and change nothing."""

    help = "Say which version of the dumps is newest at the publisher's, which is loaded and which are on this disk."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the option."""
        parser.add_argument("--json", action="store_true", help="print it as JSON, alone on stdout")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Ask the publisher, the ledger and the disk."""
        try:
            found = look()
        except IngestError as error:
            raise CommandError(str(error)) from error
        except (OperationalError, ProgrammingError) as error:
            raise CommandError(
                f"PostgreSQL does not answer, or is not set up: {first_line(error)}. manage.py schema_init sets it up"
            ) from error
        if options["json"]:
            self.stdout.write(json.dumps(found))
        else:
            self.say(found)

    def say(self, found: dict[str, Any]) -> None:
        """Print it for a person."""
        for warning in found["warnings"]:
            self.stderr.write(f"Warning: {warning}")
        self.stdout.write(f"newest published:  {found['newest'] or 'no complete version'}")
        self.stdout.write(f"loaded:            {found['loaded'] or 'nothing'}")
        self.stdout.write(f"on this disk:      {', '.join(found['on_disk']) or 'nothing'}")
        if found["incomplete"]:
            self.stdout.write(f"not complete yet:  {', '.join(found['incomplete'])}")
        if found["unfinished_run"]:
            self.stdout.write(f"run {found['unfinished_run']} is under way: manage.py runs")
        elif found["is_new"]:
            self.stdout.write("load it with:      manage.py extract discogs")


def look() -> dict[str, Any]:
    """Return what the publisher, the ledger and the disk say, in the shape that ``--json`` prints."""
    listing = published.look()
    going_on = runs.unfinished()
    newest, loaded = listing.newest, published.loaded_version()
    return {
        "source": "discogs",
        "newest": newest.version if newest else None,
        "loaded": loaded,
        "is_new": newest is not None and newest.version > (loaded or ""),
        "on_disk": published.here(),
        "incomplete": [each.version for each in listing.versions if not each.is_complete],
        "unfinished_run": going_on.pk if going_on else None,
        "warnings": list(listing.warnings),
    }
