"""Measure a served site: python -m bench.api [--quick] [--only WORD] …, see bench/README.md."""

from __future__ import annotations

import argparse
import json
import os
import signal
import time
from pathlib import Path

import django
from rich.console import Console

from bench.servers import CHECKOUT

COLD, WARM = "cold", "warm"
FULL_NAMES, QUICK_NAMES = 40, 8


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.api", description="Measure the API over the data that is loaded, on this machine."
    )
    parser.add_argument("--quick", action="store_true", help="fewer names, one second a row, 8 clients, no soak")
    parser.add_argument("--clients", type=int, nargs="+", help="at the same time; default: 1 8 32")
    parser.add_argument("--seconds", type=float, default=3.0, help="of each row, warm")
    parser.add_argument("--names", type=int, default=FULL_NAMES, help="names of each kind, beside the heaviest")
    parser.add_argument("--soak", type=float, default=60.0, metavar="SECONDS", help="of all rows mixed; 0: none")
    parser.add_argument("--only", metavar="WORD", action="append", help="only rows whose name begins so; no soak")
    parser.add_argument("--phases", nargs="+", choices=(COLD, WARM), default=[COLD, WARM])
    parser.add_argument("--restarted", action="store_true", help="cold: the embedded servers have just started, too")
    parser.add_argument("--processes", type=int, default=2, help="of the site")
    parser.add_argument("--threads", type=int, default=16, help="of each of them")
    parser.add_argument("--json", type=Path, help="where all figures go; default: bench/results/api-<moment>.json")
    chosen = parser.parse_args()
    if chosen.quick:
        chosen.seconds, chosen.names, chosen.soak = 1.0, QUICK_NAMES, 0.0
    chosen.clients = chosen.clients or ([8] if chosen.quick else [1, 8, 32])
    return chosen


def main() -> None:
    """Ask, print and write what was found."""
    chosen = options()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    # What they import needs the settings.
    from bench.api import measuring, report  # noqa: PLC0415

    began = time.strftime("%Y-%m-%dT%H%M%S")
    out = chosen.json or CHECKOUT / "bench" / "results" / f"api-{began}.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    found = measuring.measure(chosen, out.with_suffix(".log"))
    report.show(found, Console(width=200))
    out.write_text(json.dumps({"began": began, "options": vars(chosen), **found}, indent=1, default=str))
    print(f"All figures: {out}")


if __name__ == "__main__":
    main()
