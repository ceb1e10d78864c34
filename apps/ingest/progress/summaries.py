"""What became of runs and of their files so far: one aggregate for everything that a page shows."""

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
    """How far a file or a run is, and the counts of its records."""

    share: float = 0.0  # of its stages that are settled, 0 … 1
    bytes: int = 0  # its weight in the share of a run
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
        """Whole percent, rounded down: only what is done shows 100."""
        return int(self.share * 100)

    @property
    def dead_letters(self) -> int:
        """Records that a store refused and stages that gave up."""
        return self.dead + self.failed_stages


def of_files(files: Collection[DumpFile]) -> dict[int, Summary]:
    """Return the summary of each file, by its key; ``file.run`` should be loaded already."""
    counts = {row["file_id"]: row for row in counted(file.pk for file in files)}
    return {file.pk: of_file(file, counts.get(file.pk)) for file in files}


def of_runs(runs: Iterable[Run]) -> dict[int, Summary]:
    """Return the summary of each run, by its key: what its files add up to."""
    found: dict[int, list[Summary]] = {run.pk: [] for run in runs}
    files = list(DumpFile.objects.filter(run__in=found).select_related("run"))
    summaries = of_files(files)
    for file in files:
        found[file.run_id].append(summaries[file.pk])
    return {pk: total(parts) for pk, parts in found.items()}


def counted(file_ids: Iterable[int]) -> Iterable[dict[str, Any]]:
    """Add up the chunks of files. A stage that gave up, and what would follow it, is settled as well."""
    failed = ~Q(failed_stage="")
    settled = {
        stage: Count("pk", filter=Q(**{f"{mark}__isnull": False}) | failed) for stage, mark in ledger.MARKS.items()
    }
    sums = {name: Sum(name, default=0) for name in SUMS}
    of_each: QuerySet[Chunk, Any] = Chunk.objects.filter(file__in=list(file_ids)).values("file_id")
    return of_each.annotate(chunks=Count("pk"), failed_stages=Count("pk", filter=failed), **settled, **sums)


def of_file(file: DumpFile, counts: dict[str, Any] | None) -> Summary:
    """Put one file's summary together."""
    sums = {name: counts[name] for name in (*SUMS, "failed_stages")} if counts else {}
    return Summary(share=share(file, counts), bytes=file.bytes, removed=file.removed, **sums)


def share(file: DumpFile, counts: dict[str, Any] | None) -> float:
    """Return how much of a file's work is settled; the split counts as much as any stage of all its chunks."""
    if file.run.state in COMPLETE:
        return 1.0
    stages = tuple(ledger.MARKS) if file.run.has_graph else TABLE_STAGES
    if counts is None:
        return 1.0 if file.state == FileState.COMPLETED else file.split_share / (1 + len(stages))
    done: float = sum(counts[stage] for stage in stages) / counts["chunks"]
    return file.split_share * (1 + done) / (1 + len(stages))


def total(parts: Collection[Summary]) -> Summary:
    """Add up the files of a run; its share is theirs, weighted by their bytes."""
    weight = sum(part.bytes for part in parts)
    settled = sum(part.share * part.bytes for part in parts)
    names = (*SUMS, "removed", "failed_stages")
    sums = {name: sum(getattr(part, name) for part in parts) for name in names}
    return Summary(share=settled / weight if weight else 0.0, bytes=weight, **sums)
