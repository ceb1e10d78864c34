"""Counts and progress of files and runs: what their chunks add up to, from one query for all files.

Pages, commands, the metrics, the markers, the feed and the guards of the purge all read their numbers here and in
``speed``, which adds the times of the stages. So they say the same of the same run.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from apps.ingest import ledger
from apps.ingest.models import COMPLETE, Chunk, DumpFile, FileState, Run

# What happened to the records, in the order in which it is shown.
COUNTS = ("records", "new", "changed", "unchanged", "removed", "skipped", "dropped", "dead")
GRAPH_COUNTS = ("nodes_written", "relationships_written", "relationships_deleted")
# What is summed over chunks. Each count is written with a mark of its chunk: a counter that tasks add to would count a
# repeated task twice. ``removed`` is not summed: a chunk has candidates for the purge, its file what the purge deleted.
SUMS = (*(name for name in COUNTS if name != "removed"), *GRAPH_COUNTS)
TABLE_STAGES = ("extract", "table")


@dataclass(frozen=True, slots=True)
class Summary:
    """The progress of a file or a run, and the counts of its records."""

    share: float = 0.0  # the part of its stages that is settled, 0 … 1
    bytes: int = 0  # size of the dump, the weight of a file in its run's share
    chunks: int = 0
    extracted: int = 0  # chunks
    failed_stages: int = 0  # chunks whose stage gave up
    records: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    skipped: int = 0
    dropped: int = 0
    dead: int = 0
    nodes_written: int = 0
    relationships_written: int = 0
    relationships_deleted: int = 0

    @property
    def percent(self) -> int:
        """Whole percent, rounded down, so that only what is done shows 100."""
        return int(self.share * 100)

    @property
    def dead_letters(self) -> int:
        """The number of records that a store refused and of stages that gave up."""
        return self.dead + self.failed_stages

    @property
    def seen(self) -> int:
        """The number of records with a usable id, each id once. Later duplicates count as none of these."""
        return self.new + self.changed + self.unchanged + self.skipped

    @property
    def counts(self) -> dict[str, int]:
        """The ``COUNTS`` by name."""
        return {name: getattr(self, name) for name in COUNTS}


def summarise_files(files: Collection[DumpFile]) -> dict[int, Summary]:
    """Return file key → summary. Load ``file.run`` with the files, or each file costs one more query."""
    chunks = Chunk.objects.filter(file__in=[file.pk for file in files])
    found = {row["file_id"]: row for row in sum_chunks(chunks)}
    return {file.pk: summarise_file(file, found.get(file.pk)) for file in files}


def summarise_run(run: Run) -> dict[str, Summary]:
    """Return record type → summary of the run's file of that type, in the order in which the files are loaded."""
    files = list(run.files.select_related("run").order_by("pk"))
    found = summarise_files(files)
    return {file.type: found[file.pk] for file in files}


def summarise_runs(runs: Iterable[Run]) -> dict[int, Summary]:
    """Return run key → summary, the sum of its files' summaries."""
    found: dict[int, list[Summary]] = {run.pk: [] for run in runs}
    files = list(DumpFile.objects.filter(run__in=found).select_related("run"))
    summaries = summarise_files(files)
    for file in files:
        found[file.run_id].append(summaries[file.pk])
    return {pk: add_up(parts) for pk, parts in found.items()}


def sum_chunks(chunks: QuerySet[Chunk], **more: Any) -> QuerySet[Chunk, Any]:
    """Return one row of sums for each file of the chunks, with ``more`` expressions beside them.

    A row has ``file_id``, ``SUMS``, ``chunks`` and ``failed_stages``, and for each stage two numbers of chunks:
    ``{stage}_done`` have its mark, ``{stage}_settled`` have it or gave up. A stage that gave up also settles the
    stages behind it.
    """
    failed = ~Q(failed_stage="")
    stages: dict[str, Count] = {}
    for stage, mark in ledger.MARKS.items():
        done = Q(**{f"{mark}__isnull": False})
        stages |= {
            f"{stage}_done": Count("pk", filter=done),
            f"{stage}_settled": Count("pk", filter=done | failed),
        }
    sums = {name: Sum(name, default=0) for name in SUMS}
    grouped: QuerySet[Chunk, Any] = chunks.order_by().values("file_id")
    # The sums come last: from then on their names, such as ``records``, mean the sums and not the chunks' fields.
    return grouped.annotate(chunks=Count("pk"), failed_stages=Count("pk", filter=failed), **stages, **more, **sums)


def summarise_file(file: DumpFile, row: Mapping[str, Any] | None) -> Summary:
    """Return the summary of one file from its row of sums, which is None if the file has no chunk yet."""
    if row is None:
        return Summary(share=measure_share(file, None), bytes=file.bytes, removed=file.removed)
    return Summary(
        share=measure_share(file, row),
        bytes=file.bytes,
        chunks=row["chunks"],
        extracted=row["extract_done"],
        failed_stages=row["failed_stages"],
        removed=file.removed,
        **{name: row[name] for name in SUMS},
    )


def measure_share(file: DumpFile, row: Mapping[str, Any] | None) -> float:
    """Return the settled part of a file's work, 0 … 1. The split weighs as much as one stage of all chunks."""
    if file.run.state in COMPLETE:
        return 1.0
    stages = tuple(ledger.MARKS) if file.run.has_graph else TABLE_STAGES
    if row is None:
        return 1.0 if file.state == FileState.COMPLETED else file.split_share / (1 + len(stages))
    done: float = sum(row[f"{stage}_settled"] for stage in stages) / row["chunks"]
    # Chunks of the part that is not split yet are missing from ``done``, so their share is scaled by the part that is.
    return file.split_share * (1 + done) / (1 + len(stages))


def add_up(parts: Collection[Summary]) -> Summary:
    """Return the summary of a run from those of its files. Its share is their mean, weighted by bytes."""
    # By bytes: the file of releases is larger than the three others together. A mean of the files would show 75 % while
    # most of the work is still to do.
    weight = sum(part.bytes for part in parts)
    settled = sum(part.share * part.bytes for part in parts)
    names = (*COUNTS, *GRAPH_COUNTS, "chunks", "extracted", "failed_stages")
    sums = {name: sum(getattr(part, name) for part in parts) for name in names}
    return Summary(share=settled / weight if weight else 0.0, bytes=weight, **sums)
