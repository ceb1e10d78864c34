"""Following a run to its end, and what is said of it then."""

from __future__ import annotations

import time
from typing import Any

from django.db import OperationalError, connection
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from apps.ingest import ledger
from apps.ingest.models import DanglingReference, Run
from apps.ingest.progress import files

LOOK_SECONDS = 0.5
OUTAGE_SECONDS = 600
COLUMNS = ("records", "new", "changed", "unchanged", "removed", "skipped", "dropped", "dead")


def follow(run: Run, *, quiet: bool = False) -> None:
    """Show the progress of each file and stage on stderr until the run has ended.

    A database that is away for a while is waited for: the run itself does so too.
    """
    console = Console(stderr=True, quiet=quiet)
    columns = (
        TextColumn("{task.description:<18}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[rate]}"),
    )
    with Progress(*columns, console=console, refresh_per_second=4) as bars:
        shown: dict[str, TaskID] = {}
        last_seen = time.monotonic()
        while True:
            try:
                run.refresh_from_db()
                show(bars, shown, run)
                last_seen = time.monotonic()
            except OperationalError:
                connection.close()
                if time.monotonic() - last_seen > OUTAGE_SECONDS:
                    raise
            if run.is_ended:
                return
            time.sleep(LOOK_SECONDS)


def show(bars: Progress, shown: dict[str, TaskID], run: Run) -> None:
    """Bring the bars to the state of the ledger: one a file and stage."""
    seconds = max(time.time() - run.started_at.timestamp(), 0.001)
    for file in files.of(run):
        stages = [] if file.fetched_share is None else [("fetch", file.fetched_share, 1.0)]
        stages += [("split", file.split_share, 1.0)]
        if file.chunks:
            stages += [("extract", file.extracted, file.chunks), ("table", file.tabled, file.chunks)]
            if run.has_graph:
                stages += [("nodes", file.graphed, file.chunks), ("links", file.linked, file.chunks)]
        for stage, done, total in stages:
            key = f"{file.type} {stage}"
            if key not in shown:
                shown[key] = bars.add_task(key, total=total, rate="")
            rate = {
                "fetch": f"{file.fetched_bytes / 1e6:,.1f} MB",
                "extract": f"{file.records / seconds:,.0f} records/s",
            }.get(stage, "")
            bars.update(shown[key], completed=done, total=total, rate=rate)


def result(run: Run) -> dict[str, Any]:
    """Return what became of a run, in the shape that ``extract --json`` prints."""
    end = run.completed_at.timestamp() if run.completed_at else time.time()
    return {
        "run": run.pk,
        "source": run.source,
        "version": run.version,
        "state": run.state,
        "seconds": round(end - run.started_at.timestamp(), 3),
        "types": ledger.type_counts(run),
        "graph": {**ledger.graph_counts(run), "dangling": DanglingReference.objects.count()},
    }


def print_table(run: Run) -> None:
    """Print the closing table."""
    found = result(run)
    table = Table(
        "type", *COLUMNS, title=f"Run {run.pk}: {run.source} {run.version} {run.state} in {found['seconds']:,.1f} s"
    )
    for column in table.columns[1:]:
        column.justify = "right"
    for record_type, counts in found["types"].items():
        table.add_row(record_type, *(f"{counts[name]:,}" for name in COLUMNS))
    console = Console()
    console.print(table)
    if run.has_graph:
        graph = found["graph"]
        console.print(
            f"Graph: {graph['nodes_written']:,} nodes and {graph['relationships_written']:,} relationships written,"
            f" {graph['relationships_deleted']:,} relationships deleted, {graph['dangling']:,} references dangle"
        )
    if fetched := list(run.files.exclude(url="").values_list("bytes_fetched", flat=True)):
        console.print(f"Fetched: {len(fetched)} files, {sum(fetched) / 1e6:,.1f} MB")
