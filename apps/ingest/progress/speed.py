"""How fast the stages of a run are, and how long they will still take: read from the marks of the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Min, Q, Sum

from apps.ingest import ledger
from apps.ingest.models import Chunk, Run

# What is over longer than this says nothing about the present speed.
WINDOW = timedelta(minutes=5)
TABLE_STAGES = ("extract", "table")


@dataclass(frozen=True, slots=True)
class Pace:
    """How far one stage of one file is. Figures that cannot be told, since it rests or has just begun, are None."""

    type: str
    stage: str
    done: int  # chunks
    chunks: int
    records_per_second: float | None
    seconds_left: float | None

    @property
    def percent(self) -> int:
        """Whole percent, rounded down: only what is done shows 100."""
        return self.done * 100 // self.chunks if self.chunks else 0


def of(run: Run) -> list[Pace]:
    """Return the pace of each file and stage: over the last minutes, or over all of a run that has ended."""
    now = datetime.now(UTC)
    since = run.started_at if run.is_ended else now - WINDOW
    stages = tuple(ledger.MARKS) if run.has_graph else TABLE_STAGES
    figures: dict[str, Any] = {"chunks": Count("pk")}
    for stage in stages:
        mark = ledger.MARKS[stage]
        recent = Q(**{f"{mark}__gte": since})
        figures |= {
            f"{stage}_done": Count("pk", filter=Q(**{f"{mark}__isnull": False})),
            f"{stage}_recent": Count("pk", filter=recent),
            f"{stage}_records": Sum("records", filter=recent, default=0),
            f"{stage}_first": Min(mark, filter=recent),
            f"{stage}_last": Max(mark, filter=recent),
        }
    found = Chunk.objects.filter(file__run=run).values("file__type").annotate(**figures).order_by("file")
    return [of_stage(row, stage, None if run.is_ended else now) for row in found for stage in stages]


def of_stage(row: Mapping[str, Any], stage: str, now: datetime | None) -> Pace:
    """Put the pace of one stage together; ``now`` is None if nothing more will happen."""
    done, chunks, first = row[f"{stage}_done"], row["chunks"], row[f"{stage}_first"]
    end = now or row[f"{stage}_last"]
    seconds = (end - first).total_seconds() if first else 0.0
    rate = left = None
    if seconds > 0:
        rate = row[f"{stage}_records"] / seconds
        if now and done < chunks:
            left = (chunks - done) * seconds / row[f"{stage}_recent"]
    return Pace(row["file__type"], stage, done, chunks, rate, left)
