"""Measure loading: python -m bench [--quick] [--rounds N] …, see README.md."""

from __future__ import annotations

import argparse
import fcntl
import json
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console

from bench import candidates, dumps, floors, machine, report
from bench.servers import CHECKOUT, Stack

FULL, QUICK = 200_000, 20_000


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Measure loading a synthetic dump on this machine."
    )
    parser.add_argument("--quick", action="store_true", help=f"{QUICK:,} releases instead of {FULL:,}")
    parser.add_argument("--releases", type=int, help="the other types follow, unless they are given")
    parser.add_argument("--artists", type=int, help="default: as many as releases")
    parser.add_argument("--masters", type=int, help="default: 0.3 of the releases")
    parser.add_argument("--labels", type=int, help="default: 0.2 of the releases")
    parser.add_argument(
        "--shape", choices=("modern", "classic"), default="modern", help="of the dumps since 2024-12, or before"
    )
    parser.add_argument("--rounds", type=int, default=3, help="every candidate runs once a round; medians are shown")
    parser.add_argument(
        "--only", metavar="WORD", action="append", help="only candidates whose name begins so; no ratios then"
    )
    parser.add_argument("--discogskit", type=Path, metavar="VENV", help="also measure discogskit, installed there")
    parser.add_argument("--musicbrainz", action="store_true", help="also measure the tables of the second source")
    parser.add_argument("--neo4j-floor", action="store_true", help="also measure the best plain way into Neo4j")
    parser.add_argument(
        "--folder", type=Path, default=CHECKOUT / ".stack" / "bench", help="dumps, and servers for the time"
    )
    parser.add_argument("--json", type=Path, help="where all figures go; default: bench/results/<moment>.json")
    return parser.parse_args()


def size_of(chosen: argparse.Namespace) -> dumps.Size:
    """Return the size of the dump that the options ask for."""
    releases = chosen.releases or (QUICK if chosen.quick else FULL)
    return dumps.Size(
        artists=chosen.artists or releases,
        labels=chosen.labels or releases // 5,
        masters=chosen.masters or releases * 3 // 10,
        releases=releases,
        shape=chosen.shape,
    )


def round_of(chosen: argparse.Namespace, stack: Stack) -> dict[str, Any]:
    """Measure everything once."""
    folder = chosen.folder
    first, second = (dumps.make(folder, size_of(chosen), edition) for edition in (0, 1))
    lines = [candidates.make_naive(stack, first)]
    if chosen.discogskit:
        lines.append(candidates.discogskit(stack, first, chosen.discogskit, folder / "discogskit"))
    lines += candidates.make_ours(stack, first, second, "tables", folder)
    lines += candidates.make_ours(stack, first, second, "tables,graph", folder)
    if chosen.musicbrainz:
        first, second = (dumps.make_musicbrainz(folder, size_of(chosen), edition) for edition in (0, 1))
        lines += candidates.make_ours_musicbrainz(stack, first, second, folder)
    found: dict[str, Any] = {}
    for line in lines:
        if is_chosen(chosen, line.name):
            found[line.name] = line.run(stack, folder)
            print(
                f"{line.name}: {found[line.name]['seconds']:.1f} s, {found[line.name]['cpu_total']:.1f} CPU s",
                flush=True,
            )
    stack.empty_tables()
    if is_chosen(chosen, "floor"):
        found["floor of tables"] = floors.measure_tables(stack, first, folder)
    if chosen.neo4j_floor:
        found["onepass-p"] = floors.measure_graph(stack, first, folder)
    return found


def is_chosen(chosen: argparse.Namespace, name: str) -> bool:
    """Tell whether a candidate is to run."""
    return not chosen.only or any(name.startswith(word) for word in chosen.only)


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Refuse to run twice in one folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SystemExit(f"Another benchmark runs in {folder}") from error
        yield


def main() -> None:
    """Make the dumps, measure, print and write what was found."""
    chosen = options()
    # A SIGTERM ends servers and commands as a Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    chosen.folder = chosen.folder.resolve()
    began = time.strftime("%Y-%m-%dT%H%M%S")
    with lock_folder(chosen.folder):
        first = dumps.make(chosen.folder, size_of(chosen), 0)
        stack = Stack(chosen.folder / "stack")
        before = machine.describe()
        try:
            stack.up()
            rounds = [round_of(chosen, stack) for _ in range(chosen.rounds)]
        finally:
            stack.down()
    found = report.medians(rounds)
    kept = {
        "began": began,
        "machine": [before, machine.describe()],
        "size": first.records,
        "shape": chosen.shape,
        "medians": found,
        "rounds": rounds,
    }
    if not chosen.only:
        report.show(found, rounds, Console(width=200))
        kept["ratios"] = report.ratios(found)
    out = chosen.json or CHECKOUT / "bench" / "results" / f"{began}.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(kept, indent=1))
    print(f"All figures: {out}")


if __name__ == "__main__":
    main()
