"""Summaries of runs and files for pages and commands, from one aggregate query for all files that a page shows."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from apps.ingest import ledger
from apps.ingest.models import COMPLETE, Chunk, DumpFile, FileState, Run

SUMS = ("records", "new", "changed", "unchanged", "skipped", "dropped", "dead")
TABLE_STAGES = ("extract", "table")


@dataclass(frozen=True, slots=True)
class Summary:
    """The progress of a file or a run, and the counts of its records."""

    share: float = 0.0  # the part of its stages that is settled, 0 … 1
    bytes: int = 0  # size of the dump, the weight of a file in its run's share
    records: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    skipped: int = 0
    dropped: int = 0
    dead: int = 0
    failed_stages: int = 0

    @property
    def percent(self) -> int:
        """Whole percent, rounded down, so that only what is done shows 100."""
        return int(self.share * 100)

    @property
    def dead_letters(self) -> int:
        """The number of records that a store refused and of stages that gave up."""
        return self.dead + self.failed_stages


def of_files(files: Collection[DumpFile]) -> dict[int, Summary]:
    """Return file key → summary. Load ``file.run`` with the files, or each file costs one more query."""
    counts = {row["file_id"]: row for row in counted(file.pk for file in files)}
    return {file.pk: of_file(file, counts.get(file.pk)) for file in files}


def of_runs(runs: Iterable[Run]) -> dict[int, Summary]:
    """Return run key → summary, the sum of its files' summaries."""
    found: dict[int, list[Summary]] = {run.pk: [] for run in runs}
    files = list(DumpFile.objects.filter(run__in=found).select_related("run"))
    summaries = of_files(files)
    for file in files:
        found[file.run_id].append(summaries[file.pk])
    return {pk: total(parts) for pk, parts in found.items()}


def counted(file_ids: Iterable[int]) -> Iterable[dict[str, Any]]:
    """Return one row of sums for each file. A stage that gave up is settled, and so are the stages behind it."""
    failed = ~Q(failed_stage="")
    settled = {
        stage: Count("pk", filter=Q(**{f"{mark}__isnull": False}) | failed) for stage, mark in ledger.MARKS.items()
    }
    sums = {name: Sum(name, default=0) for name in SUMS}
    of_each: QuerySet[Chunk, Any] = Chunk.objects.filter(file__in=list(file_ids)).values("file_id")
    return of_each.annotate(chunks=Count("pk"), failed_stages=Count("pk", filter=failed), **settled, **sums)


def of_file(file: DumpFile, counts: dict[str, Any] | None) -> Summary:
    """Return the summary of one file from its row of sums, which is None if the file has no chunk yet."""
    sums = {name: counts[name] for name in (*SUMS, "failed_stages")} if counts else {}
    return Summary(share=share(file, counts), bytes=file.bytes, removed=file.removed, **sums)


def share(file: DumpFile, counts: dict[str, Any] | None) -> float:
    """Return the settled part of a file's work, 0 … 1. The split weighs as much as one stage of all chunks."""
    if file.run.state in COMPLETE:
        return 1.0
    stages = tuple(ledger.MARKS) if file.run.has_graph else TABLE_STAGES
    if counts is None:
        return 1.0 if file.state == FileState.COMPLETED else file.split_share / (1 + len(stages))
    done: float = sum(counts[stage] for stage in stages) / counts["chunks"]
    return file.split_share * (1 + done) / (1 + len(stages))


def total(parts: Collection[Summary]) -> Summary:
    """Return the summary of a run from those of its files. Its share is their mean, weighted by bytes."""
    weight = sum(part.bytes for part in parts)
    settled = sum(part.share * part.bytes for part in parts)
    names = (*SUMS, "removed", "failed_stages")
    sums = {name: sum(getattr(part, name) for part in parts) for name in names}
    return Summary(share=settled / weight if weight else 0.0, bytes=weight, **sums)
