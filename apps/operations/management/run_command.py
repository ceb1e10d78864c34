"""The base class of commands that start a run: workers, progress, the closing table and the exit code."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.http.errors import SiteError
from apps.ingest.discogs.rules import RulesError
from apps.ingest.errors import IngestError, NothingToDoError
from apps.ingest.models import COMPLETE, Run
from apps.ingest.runs import starting
from apps.ingest.runs.published import AlreadyLoadedError
from apps.operations import following, workers
from apps.operations.runs import DispatchError
from apps.stack.errors import StackError


class RunCommand(BaseCommand):
    """A command that starts a run and follows it to its end."""

    def add_run_arguments(self, parser: CommandParser) -> None:
        """Add the options that all of these commands have."""
        parser.add_argument("--no-wait", action="store_true", help="start the run and leave it to the workers")
        parser.add_argument("--local", action="store_true", help="run workers for the time of the run")
        parser.add_argument("--json", action="store_true", help="print the result as JSON, alone on stdout")

    def carry_out(self, begin: Callable[[], Run], source: str, options: dict[str, Any]) -> None:
        """Begin a run of a source and follow it to its end.

        Raises:
            CommandError: The run could not begin, the command was interrupted, or the run did not complete.
        """
        if options["local"] and options["no_wait"]:
            raise CommandError("--local and --no-wait exclude each other: workers of the command's own end with it")
        try:
            # Checked before a worker is looked for or started, so that this error comes at once.
            if not options.get("resume"):
                starting.refuse_second(source)
            with workers.provide_workers(local=options["local"]) as require_workers:
                run = self.see_through(begin, source, options, require_workers)
        except NothingToDoError as nothing:
            self.say_nothing_to_do(nothing, options)
            return
        except (IngestError, SiteError, RulesError, StackError, DispatchError) as error:
            raise CommandError(str(error)) from error
        run.refresh_from_db()
        self.report(run, options)
        if options["local"] and run.has_graph and run.state in COMPLETE:
            self.explain_insights()
        if run.state not in COMPLETE and not options["no_wait"]:
            raise CommandError(f"Run {run.pk} {run.state}: {run.error or 'see manage.py runs'}")

    def say_nothing_to_do(self, nothing: NothingToDoError, options: dict[str, Any]) -> None:
        """Print why no run began. As JSON, print the result of the run that loaded the version before, or null."""
        if options["json"]:
            loaded = nothing.run if isinstance(nothing, AlreadyLoadedError) else None
            self.stdout.write(json.dumps(following.get_result(loaded) if loaded else None))
            self.stderr.write(str(nothing))
        else:
            self.stdout.write(str(nothing))

    def see_through(
        self, begin: Callable[[], Run], source: str, options: dict[str, Any], require_workers: Callable[[], None]
    ) -> Run:
        """Begin a run and show progress until it has ended. A Ctrl-C ends only this command; the run goes on."""
        try:
            run = begin()
            if not options["no_wait"]:
                is_quiet = options["json"] and not sys.stderr.isatty()
                following.follow(run, quiet=is_quiet, require_workers=require_workers)
        except KeyboardInterrupt as interrupt:
            # It may come after the run is entered and before ``begin`` has returned it.
            begun = starting.find_unfinished(source)
            if begun is None:
                raise
            if options["local"]:
                self.stderr.write("Ending the worker: it finishes what it has begun")
            raise CommandError(self.describe_interrupted(begun, options), returncode=130) from interrupt
        return run

    def describe_interrupted(self, run: Run, options: dict[str, Any]) -> str:
        """Return a text that says what happens to a run that is no longer followed."""
        cancel = f"  cancel: manage.py runs cancel {run.pk}"
        if options["local"]:
            return (
                f"Run {run.pk} stands still, since its worker ends now.\n"
                f"  go on: manage.py extract {run.source} --resume --local\n{cancel}"
            )
        return f"Run {run.pk} goes on.\n  follow or resume: manage.py extract {run.source} --resume\n{cancel}"

    def report(self, run: Run, options: dict[str, Any]) -> None:
        """Print the closing table, or the result as JSON. Warnings go to stderr."""
        for warning in run.warnings:
            self.stderr.write(f"Warning: {warning}")
        if options["json"]:
            self.stdout.write(json.dumps(following.get_result(run)))
        elif options["no_wait"]:
            self.stdout.write(
                f"Run {run.pk} is under way: manage.py runs, or extract {run.source} --resume to follow it"
            )
        else:
            following.print_table(run)

    def explain_insights(self) -> None:
        """Say that the worker has ended before it had computed the insights (decision 199)."""
        self.stderr.write("The next worker computes the insights; manage.py compute_insights does it now")
