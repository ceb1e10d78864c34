"""Describe one run for the terminal: progress, results, problems, and the commands that help."""

from __future__ import annotations

from collections.abc import Iterator

from apps.ingest.models import Run, RunState
from apps.ingest.progress import speed

EVENTS_SHOWN = 10


def describe_run(run: Run) -> Iterator[str]:
    """Yield the lines that describe a run, apart from the table of its counts."""
    yield f"started   {run.started_at:%Y-%m-%d %H:%M:%S} UTC"
    if by := run.started_by:
        yield f"by        {by}"
    if run.completed_at:
        yield f"ended     {run.completed_at:%Y-%m-%d %H:%M:%S} UTC"
    yield f"from      {describe_origin(run)}"
    yield f"into      {', '.join(sorted(run.stores, reverse=True))}"
    if not run.is_ended:
        yield from describe_stages(run)
    if run.error:
        yield f"error     {run.error}"
    yield from (f"warning   {warning}" for warning in run.warnings)
    if waiting := run.dead_letters.filter(replayed_at__isnull=True).count():
        yield f"dead letters: {waiting}; manage.py replay --run {run.pk} tries them again"
    for event in reversed(run.events.order_by("-pk")[:EVENTS_SHOWN]):
        by = f" ({event.by})" if event.by else ""
        yield f"{event.at:%H:%M:%S}  {event.kind:<14} {event.message}{by}"
    yield from suggest_next_steps(run)


def describe_origin(run: Run) -> str:
    """Return where a run's records come from, in words."""
    if not run.folder:
        return "the tables"
    return f"the publisher's site, by {run.folder}" if run.files.exclude(url="").exists() else run.folder


def describe_stages(run: Run) -> Iterator[str]:
    """Yield one line for the progress of each stage of each file."""
    for pace in speed.measure_stages(run):
        rate = "" if pace.records_per_second is None else f"  {pace.records_per_second:,.0f} records/s"
        yield f"  {pace.type:<14} {pace.title:<8} {pace.percent:>3}%{rate}"


def suggest_next_steps(run: Run) -> Iterator[str]:
    """Yield the commands that are useful in the run's present state."""
    if not run.is_ended:
        yield f"follow it: manage.py extract {run.source} --resume"
        yield f"dispatch what it lacks: manage.py runs resume {run.pk}; end it: manage.py runs cancel {run.pk}"
    elif run.state == RunState.FAILED:
        yield "mend the cause and extract again: what is loaded stays loaded"
