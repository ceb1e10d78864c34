"""Runs as the API's clients know them: extractions, and dead letters as queues.

Contract: docs/contract/rest.md#administration.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from rest_framework.exceptions import NotFound

from apps.api.responses import format_utc
from apps.dashboard.overview import format_duration, measure_duration
from apps.ingest.models import COMPLETE, DeadLetter, DumpFile, Run, RunState, Source, find_starters
from apps.ingest.progress import summaries
from apps.ingest.sources.registry import DUMPS

LARGEST_KEY = 2**63 - 1
# Consumer of the old system → the stages whose dead letters stand for its queues. Extraction had no queue: what it gave
# up never reached a table, so it is counted there.
STAGES = {"graphinator": ("graph", "link"), "tableinator": ("extract", "table")}
CONSUMERS = {Source.DISCOGS: "", Source.MUSICBRAINZ: "brainz"}


def list_extractions(offset: int, limit: int) -> dict[str, Any]:
    """Return a page of runs, the newest first: ``{extractions, total, offset, limit}``."""
    runs = Run.objects.order_by("-pk")
    return {
        "extractions": describe_runs(list(runs[offset : offset + limit])),
        "total": runs.count(),
        "offset": offset,
        "limit": limit,
    }


def get_extraction(extraction_id: UUID) -> dict[str, Any]:
    """Return one run.

    Raises:
        NotFound: there is no such run.
    """
    found = list(Run.objects.filter(pk=extraction_id.int)) if extraction_id.int <= LARGEST_KEY else []
    if not found:
        raise NotFound("Extraction not found")
    return describe_runs(found)[0]


def make_extraction_id(run: Run) -> str:
    """Return a run's id as a UUID, which the contract wants: the UUID of its number."""
    return str(UUID(int=run.pk))


def describe_runs(runs: list[Run]) -> list[dict[str, Any]]:
    """Return runs in the fields of extractions; the last five are our additions."""
    counts = count_records(runs)
    starters = find_starters(runs)
    return [describe_run(run, counts.get(run.pk, {}), starters.get(run.pk, "")) for run in runs]


def describe_run(run: Run, counts: dict[str, int], started_by: str) -> dict[str, Any]:
    """Return one run; ``counts`` is type → records."""
    lasted = measure_duration(run) if run.completed_at else None
    error = run.error or ("cancelled" if run.state == RunState.CANCELLED else None)
    return {
        "id": make_extraction_id(run),
        "triggered_by": started_by,
        "status": get_status(run),
        "started_at": format_utc(run.started_at),
        "completed_at": format_utc(run.completed_at) if run.completed_at else None,
        "duration_seconds": None if lasted is None else lasted.total_seconds(),
        "record_counts": counts or None,
        "error_message": error,
        "extractor_version": None,
        "created_at": format_utc(run.started_at),
        "source": run.source,
        "version": run.version,
        "duration": None if lasted is None else format_duration(lasted),
        "records": sum(counts.values()),
        "error": error,
    }


def get_status(run: Run) -> str:
    """Return a run's state in the contract's words: pending, running, completed or failed."""
    if run.state in COMPLETE:
        return "completed"
    if run.is_ended:
        return "failed"
    return "pending" if run.waits and not run.files.filter(split_at__isnull=False).exists() else "running"


def count_records(runs: Iterable[Run]) -> dict[int, dict[str, int]]:
    """Return run key → type → records read so far."""
    files = list(DumpFile.objects.filter(run__in=list(runs)).select_related("run").order_by("pk"))
    sums = summaries.summarise_files(files)
    found: dict[int, dict[str, int]] = {}
    for file in files:
        found.setdefault(file.run_id, {})[file.type] = sums[file.pk].records
    return found


def find_dead_letters(queue: str) -> QuerySet[DeadLetter]:
    """Return the dead letters that a queue of the contract stands for, such as ``…-discogs-tableinator-artists.dlq``.

    Raises:
        NotFound: there is no such queue.
    """
    prefixes = {
        Source.DISCOGS: settings.DISCOGS_EXCHANGE_PREFIX,
        Source.MUSICBRAINZ: settings.MUSICBRAINZ_EXCHANGE_PREFIX,
    }
    for source, prefix in prefixes.items():
        for consumer, stages in STAGES.items():
            for record_type in DUMPS[source].types:
                if queue == f"{prefix}-{CONSUMERS[source]}{consumer}-{record_type}.dlq":
                    letters = DeadLetter.objects.filter(file__type=record_type, stage__in=stages)
                    return letters.filter(file__run__source=source)
    raise NotFound(f"Unknown DLQ {queue!r}")
