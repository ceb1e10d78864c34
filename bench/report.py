"""Medians over the rounds, ratios between lines of one run, and the tables that are printed."""

from __future__ import annotations

from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

ROLES = ("client", "postgresql", "neo4j", "valkey")
FIRST_TABLES, FIRST_BOTH = "ours, tables: first load", "ours, both stores: first load"
AGAIN_TABLES = "ours, tables: same again"
FIRST_MUSICBRAINZ = "musicbrainz, tables: first load"
Rounds = list[dict[str, dict[str, Any]]]


def medians(rounds: Rounds) -> dict[str, Any]:
    """Return the median of every number; of anything else the value of the last round."""
    return {name: compute_median([found[name] for found in rounds if name in found]) for name in rounds[-1]}


def compute_median(values: list[Any]) -> Any:
    """Return the median of numbers, and of dicts key by key."""
    last = values[-1]
    if isinstance(last, dict):
        return {key: compute_median([value[key] for value in values if key in value]) for key in last}
    if isinstance(last, int | float) and not isinstance(last, bool):
        return median(values)
    return last


def ratios(found: dict[str, Any]) -> dict[str, float]:
    """Return what is to be compared between machines and versions, from the medians: CPU against CPU."""
    result = {}
    cpu = {name: line["cpu_total"] for name, line in found.items() if "cpu_total" in line}
    tables, both = cpu[FIRST_TABLES], cpu[FIRST_BOTH]
    floor = found["floor of tables"]
    result["naive / our tables, CPU"] = cpu["naive"] / tables
    result["naive / our tables, seconds"] = found["naive"]["seconds"] / found[FIRST_TABLES]["seconds"]
    result["our tables / initial-load floor, CPU"] = tables / floor["initial_cpu"]
    result["our tables, same again / reload floor, CPU"] = cpu[AGAIN_TABLES] / floor["reload_cpu"]
    result["same again / first load, tables, CPU"] = cpu[AGAIN_TABLES] / tables
    result["next month / first load, tables, CPU"] = cpu["ours, tables: next month"] / tables
    result["next month / first load, both stores, CPU"] = cpu["ours, both stores: next month"] / both
    if "discogskit" in found:
        result["discogskit / our tables, CPU"] = cpu["discogskit"] / tables
        result["discogskit / our tables, seconds"] = found["discogskit"]["seconds"] / found[FIRST_TABLES]["seconds"]
    if "onepass-p" in found:
        result["our graph (both - tables) / onepass-p, CPU"] = (both - tables) / cpu["onepass-p"]
        result["our entities a second / onepass-p"] = entities_a_second(found[FIRST_BOTH]) / (
            found["onepass-p"]["entities"] / found["onepass-p"]["seconds"]
        )
    if FIRST_MUSICBRAINZ in found:
        line = found[FIRST_MUSICBRAINZ]
        result["musicbrainz / plain COPY of its rows, CPU"] = line["cpu_total"] / line["plain_copy"]["cpu_total"]
        result["musicbrainz / plain COPY of its rows, seconds"] = line["seconds"] / line["plain_copy"]["seconds"]
    return {name: round(value, 3) for name, value in result.items()}


def entities_a_second(line: dict[str, Any]) -> float:
    """Return nodes and relationships a second of a run, from its start to its end by the ledger."""
    graph = line["result"]["graph"]
    return float((graph["nodes_written"] + graph["relationships_written"]) / line["result"]["seconds"])


def show(found: dict[str, Any], rounds: Rounds, console: Console) -> None:
    """Print all tables."""
    console.print(main_table(found, rounds))
    for name in (FIRST_TABLES, FIRST_BOTH, "ours, both stores: next month"):
        console.print(stage_table(name, found[name]))
    console.print(phase_table(found))
    console.print(memory_table(found))
    console.print(ratio_table(found))


def main_table(found: dict[str, Any], rounds: Rounds) -> Table:
    """One line for each candidate."""
    table = new_table(f"Medians of {len(rounds)} rounds; CPU seconds of everything together, then of each", "")
    for column in (
        "s",
        "run s",
        "CPU s",
        "min-max",
        *ROLES,
        "records/s",
        "us CPU/record",
        "releases/s",
        "entities/s",
        "peak MB",
    ):
        table.add_column(column, justify="right")
    for name, line in found.items():
        if "memory" in line:
            table.add_row(name, *main_row(name, line, rounds))
    return table


def main_row(name: str, line: dict[str, Any], rounds: Rounds) -> list[str]:
    """Return the figures of one candidate."""
    totals = [each[name]["cpu_total"] for each in rounds if name in each]
    result = line.get("result")
    return [
        f"{line['seconds']:.1f}",
        f"{result['seconds']:.1f}" if result else "",
        f"{line['cpu_total']:.1f}",
        f"{min(totals):.1f}-{max(totals):.1f}",
        *(f"{line['cpu'][role]:.1f}" if role in line["cpu"] else "" for role in ROLES),
        f"{line['records'] / line['seconds']:,.0f}",
        f"{line['cpu_total'] / line['records'] * 1e6:,.0f}",
        f"{line['releases'] / line['seconds']:,.0f}",
        f"{entities_a_second(line):,.0f}" if result and result["graph"]["nodes_written"] else "",
        f"{line['memory']['all']['together_pss_mb']:,.0f}",
    ]


def stage_table(name: str, line: dict[str, Any]) -> Table:
    """Tasks of one step of ours: where the CPU of our own processes goes."""
    table = new_table(f"{name}: our own processes ({line['cpu']['client']:.1f} CPU s)", "task")
    for column in ("times", "s", "CPU s", "share of CPU"):
        table.add_column(column, justify="right")
    for stage, used in sorted(line["stages"].items(), key=lambda item: -item[1]["cpu_seconds"]):
        share = used["cpu_seconds"] / line["cpu"]["client"]
        table.add_row(
            stage, f"{used['tasks']:.0f}", f"{used['seconds']:.1f}", f"{used['cpu_seconds']:.2f}", f"{share:.1%}"
        )
    return table


def phase_table(found: dict[str, Any]) -> Table:
    """Seconds and CPU of the phases of our runs."""
    table = new_table("Phases of our runs, by the ledger, and the steps of their maintenance; CPU seconds", "")
    for column in ("phase", "s", "share", *ROLES):
        table.add_column(column, justify="right")
    for name, line in found.items():
        for phase, used in {**line.get("phases", {}), **line.get("steps", {})}.items():
            cpu = (f"{used['cpu'][role]:.1f}" if role in used["cpu"] else "" for role in ROLES)
            table.add_row(name, phase, f"{used['seconds']:.1f}", f"{used['seconds'] / line['seconds']:.0%}", *cpu)
    return table


def memory_table(found: dict[str, Any]) -> Table:
    """Peaks of resident memory, by kind of process."""
    table = new_table("Peak resident memory, MB", "")
    for column in ("process", "at once", "largest Rss", "largest Pss", "together Pss"):
        table.add_column(column, justify="right")
    for name, line in found.items():
        for kind, peak in line.get("memory", {}).items():
            sizes = (
                f"{peak[key]:,.0f}" for key in ("processes", "largest_rss_mb", "largest_pss_mb", "together_pss_mb")
            )
            table.add_row(name, kind, *sizes)
    return table


def ratio_table(found: dict[str, Any]) -> Table:
    """The ratios."""
    table = new_table("Ratios", "")
    table.add_column("x", justify="right")
    for name, value in ratios(found).items():
        table.add_row(name, f"{value:.2f}")
    return table


def new_table(title: str, first: str) -> Table:
    """Begin a table whose first column is text."""
    table = Table(title=title, title_justify="left")
    table.add_column(first, no_wrap=True)
    return table
