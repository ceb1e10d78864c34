"""``manage.py load_sample``: load the sample, or go on with a load of it that was interrupted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings

from apps.ingest.models import Run, Source
from apps.ingest.runs import starting
from apps.ingest.runs.starting import Options
from apps.ingest.sources.registry import DUMPS
from apps.operations import runs
from apps.operations.management.run_command import RunCommand
from tasks.pipelines import is_empty

SAMPLE = Path(settings.BASE_DIR) / "sample"


class Command(RunCommand):
    """Load the sample with a worker of the command's own, unless the tables hold something else."""

    help = "Load the sample, or go on with it; a database with another dump is left alone."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Start a run, or go on with the unfinished one, and see it through."""
        unfinished = starting.unfinished(Source.DISCOGS)
        if unfinished is not None and not is_sample(unfinished):
            self.stdout.write(f"The sample is left out: {unfinished} is unfinished. A worker goes on with it")
        elif (other := other_run()) is not None:
            self.stdout.write(f"The sample is left out: the tables hold another dump ({other})")
        else:
            options |= {"local": True, "no_wait": False, "json": False, "resume": True}
            self.carry_out(lambda: begin(unfinished), Source.DISCOGS, options)

    def describe_interrupted(self, run: Run, options: dict[str, Any]) -> str:  # noqa: ARG002
        """Return what becomes of the sample."""
        return f"Run {run.pk} stands still: make demo and make load-sample go on with it"


def begin(unfinished: Run | None) -> Run:
    """Return the run to follow."""
    if unfinished is not None:
        return runs.resume(unfinished, by=runs.command_line())
    return runs.start(Options(source=Source.DISCOGS), folder=SAMPLE, by=runs.command_line())


def other_run() -> Run | None:
    """Return the last run that loaded anything but the sample; None if the tables are empty all the same."""
    loading = Run.objects.filter(source=Source.DISCOGS).exclude(folder="").order_by("-pk")
    other = next((run for run in loading if not is_sample(run)), None)
    is_loaded = any(not is_empty(Source.DISCOGS, record_type) for record_type in DUMPS[Source.DISCOGS].types)
    return other if is_loaded else None


def is_sample(run: Run) -> bool:
    """Tell whether a run loads the sample, of this checkout or from where it was before."""
    return Path(run.folder).name == SAMPLE.name
