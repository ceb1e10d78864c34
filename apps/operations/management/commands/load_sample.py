"""``manage.py load_sample``: load the sample, or resume an interrupted load of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command

from apps.ingest.models import Run, Source
from apps.ingest.runs import starting
from apps.ingest.runs.starting import Options
from apps.ingest.sources.registry import DUMPS
from apps.operations import runs
from apps.operations.management.run_command import RunCommand
from tasks.pipelines import is_empty

SAMPLE = Path(settings.BASE_DIR) / "sample"


class Command(RunCommand):
    """Load the sample with a local worker, unless the tables hold another dump."""

    help = "Load the sample, or go on with it; a database with another dump is left alone."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Start a run, or resume the unfinished one, follow it to its end, and compute the insights."""
        unfinished = starting.find_unfinished(Source.DISCOGS)
        if unfinished is not None and not is_sample(unfinished):
            self.stdout.write(f"The sample is left out: {unfinished} is unfinished. A worker goes on with it")
        elif (other := find_other_run()) is not None:
            self.stdout.write(f"The sample is left out: the tables hold another dump ({other})")
        else:
            options |= {"local": True, "no_wait": False, "json": False, "resume": True}
            self.carry_out(lambda: begin(unfinished), Source.DISCOGS, options)
            # The local worker has ended, maybe before it came to them.
            call_command("compute_insights", stdout=self.stdout, stderr=self.stderr)

    def explain_insights(self) -> None:
        """Say nothing: they are computed next."""

    def describe_interrupted(self, run: Run, options: dict[str, Any]) -> str:  # noqa: ARG002
        """Return a text that says how to resume the load."""
        return f"Run {run.pk} stands still: make demo and make load-sample go on with it"


def begin(unfinished: Run | None) -> Run:
    """Return the run to follow: the unfinished one, resumed, or a new one."""
    if unfinished is not None:
        return runs.resume(unfinished, by=runs.name_command_line())
    return runs.start(Options(source=Source.DISCOGS), folder=SAMPLE, by=runs.name_command_line())


def find_other_run() -> Run | None:
    """Return the last run of another dump than the sample; None if there is none or the tables are empty."""
    loading = Run.objects.filter(source=Source.DISCOGS).exclude(folder="").order_by("-pk")
    other = next((run for run in loading if not is_sample(run)), None)
    is_loaded = any(not is_empty(Source.DISCOGS, record_type) for record_type in DUMPS[Source.DISCOGS].types)
    return other if is_loaded else None


def is_sample(run: Run) -> bool:
    """Tell whether a run loads the sample, by the folder's name: the checkout may have been moved since."""
    return Path(run.folder).name == SAMPLE.name
