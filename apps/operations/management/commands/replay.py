"""``manage.py replay``: replay dead letters."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.http.errors import SiteError
from apps.ingest import ledger
from apps.ingest.discogs.rules import RulesError
from apps.ingest.errors import IngestError
from apps.ingest.models import DeadLetter, RecordType
from apps.ingest.runs import dead_letters
from apps.operations import runs


class Command(BaseCommand):
    """Replay dead letters."""

    help = "Replay dead letters: those of a run, a type or a stage, or some by their numbers."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the arguments that choose dead letters."""
        parser.add_argument("ids", nargs="*", type=int, metavar="ID", help="number of a dead letter")
        parser.add_argument("--run", type=int, help="of this run alone")
        parser.add_argument("--type", choices=RecordType.values, default="", help="of this type alone")
        parser.add_argument("--stage", choices=tuple(ledger.MARKS), default="", help="of this stage alone")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Replay the chosen dead letters, run by run, and print what happens to them."""
        if not any(options[name] for name in ("ids", "run", "type", "stage")):
            raise CommandError("Say what to replay: numbers of dead letters, --run N, --type TYPE or --stage STAGE")
        unknown = set(options["ids"]) - set(
            DeadLetter.objects.filter(pk__in=options["ids"]).values_list("pk", flat=True)
        )
        if unknown:
            raise CommandError(f"There is no dead letter {', '.join(map(str, sorted(unknown)))}: see them in the admin")
        letters = dead_letters.find_waiting(
            run=options["run"], record_type=options["type"], stage=options["stage"], ids=options["ids"]
        )
        groups = dead_letters.group_by_run(letters)
        if not groups:
            raise CommandError("No such dead letter waits to be replayed: see them in the admin")
        for run, of_run in groups:
            try:
                self.stdout.write(runs.replay(run, of_run, by=runs.name_command_line()))
            except (IngestError, SiteError, RulesError, runs.DispatchError) as error:
                raise CommandError(str(error)) from error
