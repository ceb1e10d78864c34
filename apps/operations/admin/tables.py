"""The tables on the page of a run: its files, stages, findings, dead letters, events, and MusicBrainz in the graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from apps.ingest.chunks.outcome import SEVERITIES
from apps.ingest.models import DumpFile, Run
from apps.ingest.progress import speed, summaries
from apps.ingest.progress.summaries import Summary
from apps.ingest.readonly_admin import bar

LATEST = 20
ERROR_CHARACTERS = 160
# Key in the coverage of a run → what it counts (docs/contract/musicbrainz.md). Older runs lack some keys.
FIGURES = {
    "entities_enriched": "entities shown by a node",
    "entities_skipped_no_discogs_match": "entities without a Discogs id, or without its node",
    "entities_skipped_conflict": "entities whose node shows another one",
    "relations": "relations, of all kinds",
    "relationships": "relationships of artists made of them",
    "relationships_skipped_missing_side": "relations of those kinds whose one end has no node",
    "relationships_skipped_same_node": "relations of those kinds within one node",
}


@dataclass(frozen=True, slots=True)
class Table:
    """A table for Unfold's component, and a link to the list of all of its rows."""

    title: str
    headers: Sequence[str]
    rows: Sequence[Sequence[Any]]
    link: str

    @property
    def content(self) -> dict[str, Any]:
        """The argument of Unfold's component."""
        return {"headers": self.headers, "rows": self.rows}


def build_tables(run: Run) -> list[Table]:
    """Return the tables of a run."""
    found = [
        build_files(run),
        build_stages(run),
        build_severities(run),
        build_findings(run),
        build_dead_letters(run),
        build_events(run),
    ]
    return found + build_coverage(run)


def build_files(run: Run) -> Table:
    """Return the table of files with progress and counts."""
    rows = list(run.files.select_related("run").order_by("pk"))
    found = summaries.summarise_files(rows)
    headers = (
        "file",
        "state",
        "progress",
        "records",
        "new",
        "changed",
        "unchanged",
        "removed",
        "skipped",
        "dropped",
        "dead letters",
    )
    return Table(
        "Files",
        headers,
        [build_file_row(file, found[file.pk]) for file in rows],
        get_list_address("dumpfile", run__version=run.version),
    )


def build_file_row(file: DumpFile, summary: Summary) -> list[Any]:
    """Return the cells of one file."""
    counts = (
        summary.records,
        summary.new,
        summary.changed,
        summary.unchanged,
        summary.removed,
        summary.skipped,
        summary.dropped,
        summary.dead_letters,
    )
    link = write_link(reverse("admin:ingest_dumpfile_change", args=[file.pk]), file.type)
    return [link, file.get_state_display(), bar(summary.percent), *(f"{count:,}" for count in counts)]


def build_stages(run: Run) -> Table:
    """Return the table of stages: progress, speed, and the time left at that speed, for each file."""
    rows = [
        [
            each.type,
            each.stage,
            bar(each.percent),
            f"{each.done:,} of {each.chunks:,}",
            "-" if each.records_per_second is None else f"{each.records_per_second:,.0f}",
            "-" if each.seconds_left is None else str(timedelta(seconds=round(each.seconds_left))),
        ]
        for each in speed.measure_stages(run)
    ]
    headers = ("file", "stage", "progress", "chunks", "records per second", "time left")
    return Table("Stages", headers, rows, get_list_address("chunk", file__run__id__exact=str(run.pk)))


def build_severities(run: Run) -> Table:
    """Return the table of findings by severity."""
    counts = dict(run.findings.values_list("severity").annotate(Count("pk")).order_by())
    rows = [
        [
            write_link(get_list_address("qualityfinding", run, severity=severity), severity),
            f"{counts.get(severity, 0):,}",
        ]
        for severity in SEVERITIES
    ]
    return Table("Findings by severity", ("severity", "findings"), rows, get_list_address("qualityfinding", run))


def build_findings(run: Run) -> Table:
    """Return the table of findings by rule, the most frequent first."""
    counts = run.findings.values("rule", "severity").annotate(found=Count("pk")).order_by("-found", "rule")
    rows = [
        [
            write_link(get_list_address("qualityfinding", run, rule=row["rule"]), row["rule"]),
            row["severity"],
            f"{row['found']:,}",
        ]
        for row in counts
    ]
    return Table("Findings by rule", ("rule", "severity", "findings"), rows, get_list_address("qualityfinding", run))


def build_dead_letters(run: Run) -> Table:
    """Return the table of the latest dead letters."""
    letters = run.dead_letters.select_related("file").order_by("-pk")[:LATEST]
    rows = [
        [
            write_link(reverse("admin:ingest_deadletter_change", args=[letter.pk]), letter.stage),
            letter.file.type if letter.file else "-",
            letter.record_id or "the whole stage",
            Truncator(letter.error).chars(ERROR_CHARACTERS),
            date_format(letter.replayed_at, "Y-m-d H:i:s") if letter.replayed_at else "-",
        ]
        for letter in letters
    ]
    headers = ("stage", "type", "record", "error", "replayed")
    return Table("Latest dead letters", headers, rows, get_list_address("deadletter", run))


def build_events(run: Run) -> Table:
    """Return the table of the latest events."""
    latest = run.events.order_by("-pk")[:LATEST]
    rows = [[date_format(event.at, "Y-m-d H:i:s"), event.kind, event.message, event.by or "-"] for event in latest]
    return Table("Latest events", ("at", "kind", "message", "by"), rows, get_list_address("event", run))


def build_coverage(run: Run) -> list[Table]:
    """Return the tables of MusicBrainz's coverage at the end of a run; an empty list if there is no MusicBrainz."""
    types = run.coverage.get("types", {})
    if not any(amounts["total"] for amounts in types.values()):
        return []
    rows = [
        [record_type, *(f"{amounts[name]:,}" for name in ("total", "matched", "enriched"))]
        for record_type, amounts in types.items()
    ]
    figures = [[text, f"{run.coverage[name]:,}"] for name, text in FIGURES.items() if name in run.coverage]
    return [
        Table(
            "MusicBrainz in the graph",
            ("type", "entities", "with a Discogs id", "shown by a node"),
            rows,
            get_list_address("dumpfile", run__source=run.source, run__version=run.version),
        ),
        Table(
            "What became of entities and relations",
            ("what", "how many"),
            figures,
            get_list_address("qualityfinding", run, rule="discogs-id-conflict"),
        ),
    ]


def get_list_address(model: str, run: Run | None = None, **filters: str) -> str:
    """Return the URL of a list in the admin, filtered by a run and by ``filters``."""
    chosen = {"run__id__exact": run.pk, **filters} if run else filters
    return reverse(f"admin:ingest_{model}_changelist") + (f"?{urlencode(chosen)}" if chosen else "")


def write_link(address: str, text: str) -> SafeString:
    """Return the HTML of a link."""
    return format_html('<a class="text-link" href="{}">{}</a>', address, text)
