"""The tables that are printed."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from bench.report import new_table

STORES = ("site", "postgresql", "neo4j", "valkey", "client")


def show(found: dict[str, Any], console: Console) -> None:
    """Print a table for each phase and number of clients, and what became of the memory."""
    for phase in ("cold", "warm"):
        for clients, rows in found[phase].items():
            console.print(table_of(f"{phase}, {clients} clients; milliseconds, CPU seconds", rows))
    if "soak" in found:
        soak = found["soak"]
        console.print(table_of(f"all rows mixed, {soak['clients']} clients", {"mixed": soak}))
        console.print(f"Resident memory of the site's processes, MB, every second: {soak['megabytes']}")


def table_of(title: str, rows: dict[str, Any]) -> Table:
    """One line for each row."""
    table = new_table(title, "")
    for column in (
        "requests",
        "p50",
        "p95",
        "p99",
        "most",
        "first p50",
        "first p95",
        "a second",
        "and core",
        "kB",
        *STORES,
        "site MB",
        "not 200",
    ):
        table.add_column(column, justify="right")
    for name, row in rows.items():
        table.add_row(name, *line_of(row))
    return table


def line_of(row: dict[str, Any]) -> list[str]:
    """Return the figures of a row."""
    others = {status: count for status, count in row["statuses"].items() if status != "200"}
    if row["broken"]:
        others["broken"] = row["broken"]
    return [
        str(row["requests"]),
        *(text(row[name], 1) for name in ("p50", "p95", "p99", "most")),
        *(text(row["first_byte"][name], 1) for name in ("p50", "p95")),
        text(row["a_second"], 0),
        text(row["a_second_and_core"], 0),
        text(row["kilobytes_each"], 1),
        *(text(row["cpu"].get(name), 2) for name in STORES),
        text(row["megabytes_of_site"], 0),
        " ".join(f"{status}×{count}" for status, count in others.items()),
    ]


def text(number: float | None, digits: int) -> str:
    """Return a number to be read; nothing if there is none."""
    return "" if number is None else f"{number:,.{digits}f}"
