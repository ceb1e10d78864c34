"""Follow a run to its end with progress bars, and print its result."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import OperationalError, connection
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.table import Table

from apps.graph.bulk import importing
from apps.ingest.models import DanglingReference, Run, RunState
from apps.ingest.progress import speed, summaries
from apps.ingest.progress.summaries import COUNTS, GRAPH_COUNTS

LOOK_SECONDS = 0.5
OUTAGE_SECONDS = 600
COLUMNS = (
    TextColumn("{task.description}"),
    BarColumn(bar_width=None),
    TextColumn("{task.percentage:>3.0f}%"),
    TextColumn("{task.fields[rate]}", justify="right"),
    TextColumn("{task.fields[left]}", justify="right"),
)


def follow(run: Run, *, quiet: bool = False, require_workers: Callable[[], None] = lambda: None) -> None:
    """Show the progress of each file and stage on stderr until the run has ended.

    An outage of the database is waited for up to ``OUTAGE_SECONDS``, since the run itself survives it too.
    ``require_workers`` is called regularly and raises if no worker is left.
    """
    console = Console(stderr=True, quiet=quiet)
    with Progress(*COLUMNS, console=console, refresh_per_second=4, expand=True) as bars:
        shown: dict[str, TaskID] = {}
        has_asked = not run.bulk
        last_seen = time.monotonic()
        while True:
            try:
                run.refresh_from_db()
                show_progress(bars, shown, run)
                has_asked = has_asked or print_request(bars, run)
                last_seen = time.monotonic()
            except OperationalError:
                # Also after a restart of PostgreSQL, which loads of a whole night survive.
                # The connection may be broken; the next look opens a new one.
                connection.close()
                if time.monotonic() - last_seen > OUTAGE_SECONDS:
                    raise
            if run.is_ended:
                return
            # Without this, --local would wait for ever once its own worker was killed.
            require_workers()
            time.sleep(LOOK_SECONDS)


def print_request(bars: Progress, run: Run) -> bool:
    """Print what a bulk load into a server of one's own asks to be run there; return False if it does not ask yet."""
    asked = run.events.filter(kind=importing.REQUEST).first()
    if asked is not None:
        bars.print(asked.message)
    return asked is not None


def show_progress(bars: Progress, shown: dict[str, TaskID], run: Run) -> None:
    """Update the bars from the ledger: one for each file and stage.

    The bars of download and split are hidden once they are done, so that all bars fit into a terminal of 24 lines.
    """
    # A stage has a bar as soon as the file has a chunk; until then its download and its split are all there is.
    paces = speed.measure_stages(run)
    begun = {pace.type for pace in paces}
    for file in run.files.order_by("pk"):
        before = [("fetch", file.fetched_share, f"{file.bytes_fetched / 1e6:,.1f} MB")] if file.url else []
        before += [("split", file.split_share, "")]
        for stage, share, rate in before:
            bar = get_bar(bars, shown, f"{file.type} {stage}")
            bars.update(
                bar, completed=share, total=1.0, visible=share < 1 or file.type not in begun, rate=rate, left=""
            )
    for pace in paces:
        rate = "" if pace.records_per_second is None else f"{pace.records_per_second:,.0f} records/s"
        left = "" if pace.seconds_left is None else f"{timedelta(seconds=round(pace.seconds_left))} left"
        bar = get_bar(bars, shown, f"{pace.type} {pace.title}")
        bars.update(bar, completed=pace.done, total=pace.chunks, rate=rate, left=left)


def get_bar(bars: Progress, shown: dict[str, TaskID], title: str) -> TaskID:
    """Return the bar with a title; create it if needed."""
    if title not in shown:
        shown[title] = bars.add_task(title, rate="", left="")
    return shown[title]


def get_result(run: Run) -> dict[str, Any]:
    """Return the result of a run, in the shape that ``extract --json`` prints."""
    end = run.completed_at.timestamp() if run.completed_at else time.time()
    found = summaries.summarise_run(run)
    total = summaries.add_up(found.values())
    # Maintenance writes to the graph as well. What it wrote belongs to no chunk, and is in the run's own row.
    graph = {name: getattr(total, name) + getattr(run, name) for name in GRAPH_COUNTS}
    return {
        "run": run.pk,
        "source": run.source,
        "version": run.version,
        "state": run.state,
        "seconds": round(end - run.started_at.timestamp(), 3),
        "types": {record_type: summary.counts for record_type, summary in found.items()},
        "graph": {**graph, "dangling": DanglingReference.objects.count()},
    }


def print_table(run: Run) -> None:
    """Print the table of a run's counts, with one column for each type, so that it fits into 80 characters."""
    found = get_result(run)
    lasted = f"{'in' if run.is_ended else 'for'} {found['seconds']:,.1f} s"
    table = Table(title=f"Run {run.pk}: {run.source} {run.version} {describe_state(run)} {lasted}")
    table.add_column("")
    for record_type in found["types"]:
        table.add_column(record_type, justify="right", no_wrap=True)
    for name in COUNTS:
        table.add_row(name, *(f"{counts[name]:,}" for counts in found["types"].values()))
    console = Console()
    console.print(table)
    if run.has_graph:
        graph = found["graph"]
        console.print(
            f"Graph: {graph['nodes_written']:,} nodes and {graph['relationships_written']:,} relationships written\n"
            f"       {graph['relationships_deleted']:,} relationships deleted, {graph['dangling']:,} references dangle"
        )
    if fetched := list(run.files.exclude(url="").values_list("bytes_fetched", flat=True)):
        console.print(f"Fetched: {len(fetched)} files, {sum(fetched) / 1e6:,.1f} MB")


def describe_state(run: Run) -> str:
    """Return the state of a run in words."""
    if run.state != RunState.COMPLETED_WITH_WARNINGS:
        return str(run.state)
    return f"completed, with {len(run.warnings)} warning{'s' if len(run.warnings) != 1 else ''}"
