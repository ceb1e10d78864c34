"""``manage.py check_dumps``: show which versions are published, loaded and on this disk."""

from __future__ import annotations

from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.http.errors import SiteError
from apps.ingest.errors import IngestError
from apps.ingest.models import Source
from apps.ingest.runs import published, starting


class Command(BaseCommand):
    """Show the versions of dumps and change nothing."""

    help = "Say which version of the dumps is newest at a publisher's, which is loaded and which are on this disk."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the source and ``--json``."""
        parser.add_argument("source", nargs="?", choices=Source.values, help="this one alone")
        parser.add_argument("--json", action="store_true", help="print a line of JSON for each source, alone on stdout")

    def handle(self, *args: Any, source: str | None, json: bool, **options: Any) -> None:  # noqa: ARG002
        """Ask each publisher, the ledger and the disk. If a publisher does not answer, the others are still asked."""
        failed = []
        for each in [source] if source else Source.values:
            try:
                found = look(each)
            except (IngestError, SiteError) as error:
                failed.append(f"{each}: {error}")
                continue
            if json:
                self.stdout.write(orjson.dumps(found).decode())
            else:
                self.say(found)
        if failed:
            raise CommandError("; ".join(failed))

    def say(self, found: dict[str, Any]) -> None:
        """Print the versions as text."""
        for warning in found["warnings"]:
            self.stderr.write(f"Warning: {warning}")
        self.stdout.write(found["source"])
        self.stdout.write(f"newest published:  {found['newest'] or 'no complete version'}")
        self.stdout.write(f"loaded:            {found['loaded'] or 'nothing'}")
        self.stdout.write(f"on this disk:      {', '.join(found['on_disk']) or 'nothing'}")
        if found["incomplete"]:
            self.stdout.write(f"not complete yet:  {', '.join(found['incomplete'])}")
        if found["unfinished_run"]:
            self.stdout.write(f"run {found['unfinished_run']} is under way: manage.py runs")
        elif found["is_new"]:
            self.stdout.write(f"load it with:      manage.py extract {found['source']}")


def look(source: str) -> dict[str, Any]:
    """Return the versions at a publisher, in the ledger and on the disk, in the shape that ``--json`` prints."""
    overview = published.look(source)
    going_on, loaded = starting.find_unfinished(source), published.find_loaded_version(source)
    return {
        "source": source,
        "newest": overview.newest,
        "loaded": loaded,
        "is_new": overview.newest is not None and overview.newest > (loaded or ""),
        "on_disk": published.list_downloaded(source),
        "incomplete": overview.incomplete,
        "unfinished_run": going_on.pk if going_on else None,
        "warnings": overview.warnings,
    }
