"""The speed of a run's stages and the time that they still need, computed from the marks in the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import (
    Count,
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    Max,
    Min,
    Q,
    QuerySet,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce

from apps.ingest import ledger
from apps.ingest.models import Chunk, Run
from apps.ingest.progress import summaries

# Chunks that were done longer ago say nothing about the present speed.
# Long enough for several chunks of the slowest stage, and short enough to notice a worker that has gone.
WINDOW = timedelta(minutes=5)
# Names of stages as shown to users, where they differ from the ledger's.
TITLES = {"graph": "nodes", "link": "links"}


@dataclass(frozen=True, slots=True)
class Pace:
    """The progress of one stage of one file. Rate and time left are None if the stage is idle or has just begun."""

    type: str
    stage: str
    done: int  # chunks
    chunks: int
    records_per_second: float | None
    seconds_left: float | None

    @property
    def title(self) -> str:
        """The stage's name as shown to users."""
        return TITLES.get(self.stage, self.stage)

    @property
    def percent(self) -> int:
        """Whole percent, rounded down, so that only a finished stage shows 100."""
        return self.done * 100 // self.chunks if self.chunks else 0


def measure_stages(run: Run) -> list[Pace]:
    """Return the pace of each file and stage: over the last ``WINDOW``, or over its whole time if the stage is done."""
    now = datetime.now(UTC)
    return [
        measure_stage(row, stage, None if run.is_ended else now)
        for row in sum_stages(run, now - WINDOW)
        for stage in (ledger.MARKS if run.has_graph else summaries.TABLE_STAGES)
    ]


def sum_stages(run: Run, since: datetime) -> QuerySet[Chunk, Any]:
    """Return the rows of ``summaries.sum_chunks`` with the records and times of each stage.

    For each stage a row also has ``{stage}_last``, its latest mark, and ``{stage}_timed`` and ``{stage}_seconds_sum``,
    the chunks whose duration is known and its sum. For ``all`` marks and for ``recent`` ones, those after ``since``, it
    has ``{stage}_{period}_chunks``, ``_records`` and ``_begin``, the time at which the first of them began.
    """
    figures: dict[str, Any] = {"type": F("file__type")}
    for stage, mark in ledger.MARKS.items():
        seconds = f"{stage}_seconds"
        figures |= {
            f"{stage}_last": Max(mark),
            f"{stage}_timed": Count(seconds),
            f"{stage}_seconds_sum": Sum(seconds, default=0.0),
        }
        periods = {"all": Q(**{f"{mark}__isnull": False}), "recent": Q(**{f"{mark}__gte": since})}
        for period, within in periods.items():
            figures |= {
                f"{stage}_{period}_chunks": Count("pk", filter=within),
                f"{stage}_{period}_records": Sum("records", filter=within, default=0),
                f"{stage}_{period}_begin": Min(get_begin(stage), filter=within),
            }
    return summaries.sum_chunks(Chunk.objects.filter(file__run=run), **figures).order_by("file_id")


def get_begin(stage: str) -> ExpressionWrapper[Any]:
    """Return an expression for the time at which a stage of a chunk began: its mark less its duration."""
    # Without the duration, a stage whose first chunk took a minute would seem to begin when that chunk was done, and
    # the speed of a single chunk would be infinite.
    seconds = Coalesce(F(f"{stage}_seconds"), 0.0) * Value(timedelta(seconds=1))
    began = F(ledger.MARKS[stage]) - ExpressionWrapper(seconds, DurationField())
    return ExpressionWrapper(began, DateTimeField())


def measure_stage(row: Mapping[str, Any], stage: str, now: datetime | None) -> Pace:
    """Return the pace of one stage; ``now`` is None if the run has ended."""
    done, chunks = row[f"{stage}_done"], row["chunks"]
    is_over = now is None or done == chunks
    # A running stage is measured over the last minutes up to now, so that a pause shows as a lower speed. A finished
    # one is measured from its first chunk to its last: up to now it would get slower for ever.
    period, end = ("all", row[f"{stage}_last"]) if is_over else ("recent", now)
    begin = row[f"{stage}_{period}_begin"]
    seconds = (end - begin).total_seconds() if begin else 0.0
    rate = left = None
    if seconds > 0:
        rate = row[f"{stage}_{period}_records"] / seconds
        if not is_over:
            # By chunks, not by records: how many records the remaining chunks have is not known before extraction.
            left = (chunks - done) * seconds / row[f"{stage}_recent_chunks"]
    return Pace(row["type"], stage, done, chunks, rate, left)
