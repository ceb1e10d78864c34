"""Celery tasks of the downloads (queue ``fetcher``)."""

from __future__ import annotations

from apps.ingest.models import DumpFile, Run
from apps.ingest.runs import markers
from apps.ingest.sources import fetching
from tasks.settled import settled_task


# A download may take hours, longer than any broker waits for an acknowledgement, so the message is acknowledged at once
# (decision 22). If the worker dies, the watchdog finds that the ledger stands still and dispatches the task again,
# which resumes the download.
@settled_task(about="file", acks_late=False)
def fetch_file(file_id: int) -> dict[str, int] | None:
    """Download a dump file, unless it is here already."""
    fetched = fetching.fetch(DumpFile.objects.select_related("run").get(pk=file_id))
    markers.write(Run.objects.get(files=file_id))
    return fetched


@settled_task(about="run")
def write_marker(run_id: int) -> None:
    """Write the marker file of a run on this host's disk."""
    markers.write(Run.objects.get(pk=run_id))
