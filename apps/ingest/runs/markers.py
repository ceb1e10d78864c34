"""Marker files: which dumps a disk holds and how far they are loaded (docs/contract/data.md#marker-files).

They are a report of the ledger for readers who have only the disk. Loading never reads them.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from apps.ingest.models import COMPLETE, DumpFile, FileState, Run, RunState
from apps.ingest.progress import summaries
from apps.ingest.progress.summaries import Summary
from apps.ingest.sources import files
from apps.ingest.sources.registry import DUMPS

logger = logging.getLogger(__name__)

FILE_STATES = {FileState.LOADING: "in_progress", FileState.COMPLETED: "completed", FileState.FAILED: "failed"}


def path_of(version: str, source: str) -> Path:
    """Return the path of the marker of a source's version."""
    return DUMPS[source].folder / DUMPS[source].files.marker_path(version)


def write(run: Run) -> None:
    """Write the marker of a run whose files are in the folder of the dumps, atomically.

    A host without that folder writes no marker. If the disk refuses it, that is only logged: the ledger is the truth.
    """
    run.refresh_from_db()
    path = path_of(run.version, run.source)
    if Path(run.folder) not in (DUMPS[run.source].folder, path.parent) or not path.parent.is_dir():
        return
    try:
        files.replace(path, json.dumps(report(run), indent=1).encode())
    except OSError as error:
        logger.warning("%s cannot be written: %s", path, error)


def report(run: Run) -> dict[str, Any]:
    """Return the content of a run's marker."""
    dump_files = list(run.files.order_by("pk"))
    found = summaries.summarise_run(run)
    return {
        "metadata_version": "1.0",
        "last_updated": datetime.now(UTC).isoformat(),
        "current_version": run.version,
        "run": run.pk,
        "download_phase": report_downloads(run, dump_files),
        "processing_phase": report_processing(run, dump_files, found),
        "publishing_phase": report_publishing(run, summaries.add_up(found.values())),
        "summary": {
            "overall_status": get_run_state(run),
            "total_duration_seconds": seconds(run),
            "files_by_type": {file.type: FILE_STATES[FileState(file.state)] for file in dump_files},
        },
    }


def report_downloads(run: Run, dump_files: list[DumpFile]) -> dict[str, Any]:
    """Return the part of the marker about downloads."""
    here = [file for file in dump_files if file.is_here]
    failed = [file for file in dump_files if not file.is_here and file.state == FileState.FAILED]
    return {
        "status": get_phase_state(run, done=len(here), failed=bool(failed), total=len(dump_files)),
        "started_at": run.started_at.isoformat(),
        "completed_at": format_latest([file.fetched_at for file in here]) if len(here) == len(dump_files) else None,
        "files_downloaded": len(here),
        "files_total": len(dump_files),
        "bytes_downloaded": sum(file.bytes if file.is_here else file.bytes_fetched for file in dump_files),
        "downloads_by_file": {
            Path(file.path).name: {
                "status": "completed" if file.is_here else FILE_STATES[FileState(file.state)],
                "bytes_downloaded": file.bytes if file.is_here else file.bytes_fetched,
                "started_at": run.started_at.isoformat(),
                "completed_at": format_latest([file.fetched_at]),
                "checksum": file.checksum or None,
            }
            for file in dump_files
        },
        "errors": [file.error for file in failed],
    }


def report_processing(run: Run, dump_files: list[DumpFile], found: Mapping[str, Summary]) -> dict[str, Any]:
    """Return the part of the marker about extraction and tables."""
    done = [file for file in dump_files if file.state == FileState.COMPLETED]
    loading = [file for file in dump_files if file.state == FileState.LOADING and file.is_here]
    failed = [file for file in dump_files if file.state == FileState.FAILED]
    return {
        "status": get_phase_state(run, done=len(done), failed=bool(failed), total=len(dump_files)),
        "started_at": run.started_at.isoformat(),
        "completed_at": format_latest([file.completed_at for file in done]) if len(done) == len(dump_files) else None,
        "files_processed": len(done),
        "files_total": len(dump_files),
        "records_extracted": sum(summary.records for summary in found.values()),
        "current_file": Path(loading[0].path).name if loading else None,
        "progress_by_file": {
            Path(file.path).name: {
                "status": FILE_STATES[FileState(file.state)],
                "records_extracted": found[file.type].records,
                "messages_published": found[file.type].records - found[file.type].skipped,
                "batches_sent": found[file.type].extracted,
                "started_at": run.started_at.isoformat(),
                "completed_at": format_latest([file.completed_at]),
                "source_checksum": file.checksum or None,
            }
            for file in dump_files
        },
        "errors": [file.error for file in failed],
    }


def report_publishing(run: Run, total: Summary) -> dict[str, Any]:
    """Return the part of the marker about the stores. They hold everything extracted once the run is complete."""
    return {
        "status": get_run_state(run),
        "messages_published": total.records - total.skipped,
        "batches_sent": total.extracted,
        "errors": [run.error] if run.error else [],
        "last_amqp_heartbeat": run.heartbeat_at.isoformat(),
    }


def get_phase_state(run: Run, *, done: int, failed: bool, total: int) -> str:
    """Return the state of a phase in the marker's words: completed, failed or in_progress."""
    if done == total:
        return "completed"
    return "failed" if failed or run.is_ended else "in_progress"


def get_run_state(run: Run) -> str:
    """Return the state of a run in the marker's words: completed, failed or in_progress."""
    if run.state in COMPLETE:
        return "completed"
    return "failed" if run.state in (RunState.FAILED, RunState.CANCELLED) else "in_progress"


def seconds(run: Run) -> float | None:
    """Return how many seconds a run took, or None while it goes on."""
    return (run.completed_at - run.started_at).total_seconds() if run.completed_at else None


def format_latest(times: list[datetime | None]) -> str | None:
    """Return the latest time in ISO format, or None if all are None."""
    known = [each for each in times if each is not None]
    return max(known).isoformat() if known else None
