"""The speed of a run's stages and the time that they still need, computed from the marks in the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Count, DateTimeField, DurationField, ExpressionWrapper, F, Max, Min, Q, Sum, Value
from django.db.models.functions import Coalesce

from apps.ingest import ledger
from apps.ingest.models import Chunk, Run

# Chunks that were done longer ago say nothing about the present speed.
WINDOW = timedelta(minutes=5)
TABLE_STAGES = ("extract", "table")
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


def of(run: Run) -> list[Pace]:
    """Return the pace of each file and stage: over the last ``WINDOW``, or over its whole time if the stage is done."""
    now = datetime.now(UTC)
    stages = tuple(ledger.MARKS) if run.has_graph else TABLE_STAGES
    figures: dict[str, Any] = {"chunks": Count("pk")}
    for stage in stages:
        mark = ledger.MARKS[stage]
        figures |= {f"{stage}_last": Max(mark)}
        periods = {"all": Q(**{f"{mark}__isnull": False}), "recent": Q(**{f"{mark}__gte": now - WINDOW})}
        for period, within in periods.items():
            figures |= {
                f"{stage}_{period}_chunks": Count("pk", filter=within),
                f"{stage}_{period}_records": Sum("records", filter=within, default=0),
                f"{stage}_{period}_begin": Min(begin_of(stage), filter=within),
            }
    found = Chunk.objects.filter(file__run=run).values("file__type").annotate(**figures).order_by("file")
    return [of_stage(row, stage, None if run.is_ended else now) for row in found for stage in stages]


def begin_of(stage: str) -> ExpressionWrapper[Any]:
    """Return an expression for the time at which a stage of a chunk began: its mark less its duration."""
    seconds = Coalesce(F(f"{stage}_seconds"), 0.0) * Value(timedelta(seconds=1))
    began = F(ledger.MARKS[stage]) - ExpressionWrapper(seconds, DurationField())
    return ExpressionWrapper(began, DateTimeField())


def of_stage(row: Mapping[str, Any], stage: str, now: datetime | None) -> Pace:
    """Return the pace of one stage; ``now`` is None if the run has ended."""
    done, chunks = row[f"{stage}_all_chunks"], row["chunks"]
    is_over = now is None or done == chunks
    period, end = ("all", row[f"{stage}_last"]) if is_over else ("recent", now)
    begin = row[f"{stage}_{period}_begin"]
    seconds = (end - begin).total_seconds() if begin else 0.0
    rate = left = None
    if seconds > 0:
        rate = row[f"{stage}_{period}_records"] / seconds
        if not is_over:
            left = (chunks - done) * seconds / row[f"{stage}_recent_chunks"]
    return Pace(row["file__type"], stage, done, chunks, rate, left)
