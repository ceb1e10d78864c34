"""Celery tasks of the downloads (queue ``fetcher``)."""

from __future__ import annotations

from apps.ingest.models import DumpFile, Run
from apps.ingest.runs import markers
from apps.ingest.sources import fetching
from tasks.settled import settled_task


# It may last for hours, longer than any broker waits for an acknowledgement, so that comes at once. If its worker dies
# the watchdog finds that the ledger stands still, and the next one resumes what is here.
@settled_task(about="file", acks_late=False)
def fetch_file(file_id: int) -> dict[str, int] | None:
    """Download a dump file, unless it is here."""
    fetched = fetching.fetch(DumpFile.objects.select_related("run").get(pk=file_id))
    markers.write(Run.objects.get(files=file_id))
    return fetched


@settled_task(about="run")
def write_marker(run_id: int) -> None:
    """Write the marker file of a run, for whoever looks at the disk alone."""
    markers.write(Run.objects.get(pk=run_id))
