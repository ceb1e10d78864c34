"""``manage.py extract``: load a dump of a source, follow the run, and print its result."""

from __future__ import annotations

import argparse
from dataclasses import fields
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from apps.graph.session import require as require_graph
from apps.http.errors import SiteError
from apps.ingest.errors import IngestError, NothingToDoError
from apps.ingest.models import Run, Source
from apps.ingest.runs import published, starting
from apps.ingest.runs.starting import Options
from apps.ingest.sources.registry import DUMPS
from apps.operations import runs
from apps.operations.management.run_command import RunCommand


def make_list_parser(allowed: tuple[str, ...]) -> Any:
    """Return the parser of an option that takes some of these words, separated by commas."""

    def parse(text: str) -> tuple[str, ...]:
        words = tuple(filter(None, text.split(",")))
        if not words or not set(words) <= set(allowed):
            raise argparse.ArgumentTypeError(f"{text!r}: give some of {','.join(allowed)}")
        return words

    return parse


class Command(RunCommand):
    """Load the newest dump of a source."""

    help = "Load a dump into PostgreSQL and Neo4j: first time, again, or a month later. Exit code 0: the run completed."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Return a parser in which ``--version`` is the version of the dump, not Django's."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options."""
        parser.add_argument("source", choices=Source.values)
        parser.add_argument(
            "--from",
            dest="folder",
            type=Path,
            metavar="DIR",
            help="folder with the dump files; without it they are downloaded",
        )
        parser.add_argument(
            "--types",
            help="artists,labels,masters,releases; of MusicBrainz release-groups instead of masters",
        )
        parser.add_argument("--version", help="YYYYMMDD, of MusicBrainz YYYYMMDD-HHMMSS, instead of the newest")
        parser.add_argument(
            "--stores", type=make_list_parser(("tables", "graph")), default=("tables", "graph"), help="tables,graph"
        )
        parser.add_argument(
            "--graph",
            choices=("bolt", "bulk"),
            default="",
            help="how the graph is loaded; bulk: by an import, which a large dump into empty stores takes by itself",
        )
        parser.add_argument(
            "--force",
            action="store_true",
            help="load a version again that is loaded, or one that is older than what is loaded",
        )
        parser.add_argument("--rewrite", action="store_true", help="write every record anew, also unchanged ones")
        parser.add_argument(
            "--confirm-purge", action="store_true", help="remove what the dump lacks, however much it is"
        )
        parser.add_argument(
            "--resume", action="store_true", help="go on with the unfinished run; start one if there is none"
        )
        parser.add_argument("--now", action="store_true", help="MusicBrainz: do not wait for the run of Discogs to end")
        parser.add_argument("--dry-run", action="store_true", help="say what would be loaded")
        self.add_run_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Start or resume a run and follow it, or with ``--dry-run`` only print what it would load."""
        known = DUMPS[options["source"]].types
        options["types"] = known if options["types"] is None else options["types"].split(",")
        if not set(options["types"]) <= set(known):
            raise CommandError(f"--types: give some of {','.join(known)}", returncode=2)
        wanted = Options(**{field.name: options[field.name] for field in fields(Options)})
        if options["dry_run"]:
            try:
                self.describe(wanted, options["folder"])
            except NothingToDoError as nothing:
                self.stdout.write(str(nothing))
            except (IngestError, SiteError) as error:
                raise CommandError(str(error)) from error
        else:
            self.carry_out(lambda: begin(wanted, options["folder"], resume=options["resume"]), wanted.source, options)

    def describe(self, wanted: Options, folder: Path | None) -> None:
        """Print what a run would load."""
        if folder is None:
            self.describe_published(wanted)
            return
        dump = DUMPS[wanted.source].files.find(folder, wanted.version, wanted.types)
        for record_type, path in dump.files.items():
            verified = "with" if path.name in dump.checksums else "without"
            self.stdout.write(
                f"{record_type}: {path} ({path.stat().st_size / 1e6:,.1f} MB, {verified} a published checksum)"
            )
        self.stdout.write(f"Would load version {dump.version} into {', '.join(wanted.stores)}")

    def describe_published(self, wanted: Options) -> None:
        """Print what a run would download and load."""
        offer = published.offer(wanted)
        for warning in offer.warnings:
            self.stderr.write(f"Warning: {warning}")
        for record_type, key in offer.keys.items():
            verified = "with" if offer.checksum(key) else "without"
            self.stdout.write(f"{record_type}: {DUMPS[wanted.source].address(key)} ({verified} a published checksum)")
        if (loaded := published.find_loading_run(offer, wanted)) is not None:
            self.stdout.write(f"Version {offer.version} is loaded already (run {loaded.pk})")
        else:
            self.stdout.write(f"Would download version {offer.version} and load it into {', '.join(wanted.stores)}")


def begin(wanted: Options, folder: Path | None, *, resume: bool) -> Run:
    """Return the run to follow: the unfinished one if ``resume`` is set and there is one, else a new run."""
    going_on = starting.find_unfinished(wanted.source) if resume else None
    if going_on is not None:
        return runs.resume(going_on, by=runs.name_command_line())
    if "graph" in wanted.stores:
        require_graph()
    return runs.start(wanted, folder=folder, by=runs.name_command_line())
