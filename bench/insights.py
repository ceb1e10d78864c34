"""Measure the insights of loaded stacks: ``python -m bench.insights SMALL LARGE``, folders of stacks that run.

Ends with code 1 if a limit is exceeded.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from apps.stack.postgres import Postgres
from bench import processes
from bench.servers import CHECKOUT, FOREIGN

KILOBYTES_A_MEGABYTE = 1e3
# Of 200,000 releases; larger stacks may take longer in proportion.
RELEASES, FIVE_SECONDS, RARITY_SECONDS = 200_000, 60, 90
# How much more CPU a release may cost in a larger stack, and how much more memory the process may have.
GROWTH = 1.2
MEMORY_GROWTH = 1.1


def main() -> int:
    """Measure each stack in a process of its own, print the figures, and compare them with the limits."""
    parser = argparse.ArgumentParser(prog="python -m bench.insights", description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="of a running stack that is loaded")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.here:
        print(json.dumps(measure(given.folders[0])))
        return 0
    found = sorted(map(run, given.folders), key=lambda each: each["releases"])
    for each in found:
        show(each)
    problems = [problem for each in found for problem in find_excesses(each)]
    problems += compare(found[0], found[-1]) if len(found) > 1 else []
    print("\n".join(problems) or "All within the limits")
    return bool(problems)


def run(folder: Path) -> dict[str, Any]:
    """Measure a stack in a process whose settings are of that stack."""
    outside = {key: value for key, value in os.environ.items() if key not in FOREIGN}
    done = subprocess.run(
        [sys.executable, "-m", "bench.insights", "--here", str(folder.resolve())],
        cwd=CHECKOUT,
        env={**outside, "LINERNOTES_STACK_DIR": str(folder.resolve()), "DJANGO_SETTINGS_MODULE": "config.settings"},
        stdout=subprocess.PIPE,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def measure(folder: Path) -> dict[str, Any]:
    """Return ``{releases, insights, megabytes}``: seconds and CPU seconds of each insight, and the process's memory."""
    import django  # noqa: PLC0415 - the settings are those of the stack

    django.setup()
    from apps.catalog.models import Release  # noqa: PLC0415 - needs the settings
    from apps.insights.computing import running  # noqa: PLC0415

    server = Postgres(folder).pid()
    if server is None:
        raise SystemExit(f"PostgreSQL of {folder} does not run: LINERNOTES_STACK_DIR={folder} manage.py stack up")
    releases, insights = Release.objects.count(), {}
    for name in running.INSIGHTS:
        before, began = count_cpu(server), time.perf_counter()
        running.compute(name)
        insights[name] = {"seconds": time.perf_counter() - began, "cpu": count_cpu(server) - before}
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KILOBYTES_A_MEGABYTE
    return {"releases": releases, "insights": insights, "megabytes": megabytes}


def count_cpu(server: int) -> float:
    """Return the CPU seconds of this process and of PostgreSQL, those of its ended processes included."""
    return time.process_time() + processes.cpu_seconds(processes.list_processes(), server)


def add_up(found: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Return seconds and CPU seconds of the five together and of rarity."""
    five = [each for name, each in found["insights"].items() if name != "release_rarity"]
    together = {key: sum(each[key] for each in five) for key in ("seconds", "cpu")}
    return {"the five": together, "rarity": found["insights"]["release_rarity"]}


def show(found: dict[str, Any]) -> None:
    """Print the figures of a stack."""
    print(f"{found['releases']:,} releases; the process had {found['megabytes']:.0f} MB at most")
    for name, each in {**found["insights"], **add_up(found)}.items():
        a_release = each["cpu"] / found["releases"] * 1e6
        print(f"  {name:18} {each['seconds']:7.1f} s {each['cpu']:7.1f} CPU s {a_release:7.1f} us of CPU a release")


def find_excesses(found: dict[str, Any]) -> list[str]:
    """Return a line for each limit of time that is exceeded."""
    share = max(1.0, found["releases"] / RELEASES)
    five, rarity = add_up(found).values()
    limits = {
        "seconds of the five": (five["seconds"], FIVE_SECONDS * share),
        "CPU seconds of the five": (five["cpu"], FIVE_SECONDS * share),
        "seconds of rarity": (rarity["seconds"], RARITY_SECONDS * share),
    }
    return [f"EXCEEDED: {what}, {each:.1f} of {most:.0f}" for what, (each, most) in limits.items() if each > most]


def compare(small: dict[str, Any], large: dict[str, Any]) -> list[str]:
    """Return a line for each figure that grows with the size."""
    grown = {
        f"CPU of a release, {name}": (
            after["cpu"] / large["releases"] / (before["cpu"] / small["releases"]),
            GROWTH,
        )
        for (name, before), after in zip(add_up(small).items(), add_up(large).values(), strict=True)
    }
    grown["memory of the process"] = (large["megabytes"] / small["megabytes"], MEMORY_GROWTH)
    for what, (times, _) in grown.items():
        print(f"{what}: {times:.2f} times")
    return [f"EXCEEDED: {what}, {times:.2f} times" for what, (times, most) in grown.items() if times > most]


if __name__ == "__main__":
    sys.exit(main())
