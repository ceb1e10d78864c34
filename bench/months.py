"""``make fuzz-months``: thousands of random sequences of months, each compared with a fresh load of its last state.

It takes up where it was stopped, as long as the code is the same, and does not stop at a failure.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import logging
import os
import sys
import tempfile
import time
import traceback
from pathlib import Path

import django
from django.core.management import call_command

from apps.stack import environment, servers
from tests.conftest import STORES, hurry

CHECKOUT = Path(__file__).resolve().parent.parent
# What a story depends on.
CODE = ("apps", "config", "tasks", "tests")


def main() -> int:
    """Play the stories of some seeds; return 1 if one does not end as it should."""
    given = arguments()
    folder = environment.folder() / "months"
    begin(folder)
    try:
        return play(range(given.seed, given.seed + given.count), folder)
    finally:
        if not given.keep:
            servers.down(lambda _: None)


def arguments() -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(prog="make fuzz-months", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    parser.add_argument("--count", type=int, default=1000, help="how many seeds")
    parser.add_argument("--keep", action="store_true", help="leave the servers running, for another call")
    return parser.parse_args()


def begin(folder: Path) -> None:
    """Start servers of our own and make the schema in them."""
    for name in STORES:
        os.environ.pop(name, None)
    os.environ["LINERNOTES_STACK_DIR"] = str(folder / "stack")
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    hurry(servers.up(say)["DATABASE_URL"])
    django.setup()
    call_command("schema_init", stdout=io.StringIO())
    logging.disable(logging.WARNING)


def play(seeds: range, folder: Path) -> int:
    """Play the stories that are not played yet; say how each failure is played again."""
    state = State(folder / f"{seeds.start}-{len(seeds)}.jsonl")
    todo = [seed for seed in seeds if seed not in state.good]
    if len(todo) < len(seeds):
        say(f"{len(seeds) - len(todo)} of {len(seeds)} seeds are done already: {state.path}")
    failed = []
    for place, seed in enumerate(todo, start=len(seeds) - len(todo) + 1):
        began = time.monotonic()
        wrong = story_of(seed)
        seconds = time.monotonic() - began
        state.add(seed, wrong, seconds)
        if wrong:
            failed.append(seed)
            say(f"\nSeed {seed} FAILED after {seconds:.1f} s:", wrong, f"Again: make fuzz-months SEED={seed} COUNT=1\n")
        elif place % 10 == 0 or len(seeds) < 10:
            say(f"{place} of {len(seeds)} seeds, {len(failed)} failed, the last took {seconds:.1f} s")
    say(
        f"{len(seeds)} seeds, {len(failed)} failed"
        + "".join(f"\n  make fuzz-months SEED={each} COUNT=1" for each in failed)
    )
    return 1 if failed else 0


def story_of(seed: int) -> str:
    """Play one story; return what is wrong with its end, or nothing."""
    # Models are there when Django is set up, which wants the addresses of the servers.
    from tests.months.story import Story, WrongError  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="months-") as scratch:
        story = Story(seed, Path(scratch))
        try:
            story.tell()
        except WrongError as wrong:
            return "\n".join([*story.lines, str(wrong)])
        except Exception:  # noqa: BLE001 - a story that cannot be told to its end has failed, and the next one begins
            return "\n".join([*story.lines, traceback.format_exc()])
    return ""


class State:
    """Which seeds are played, in a file, a line each; another version of the code begins again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.code = digest()
        self.good: set[int] = set()
        lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        self.good = {line["seed"] for line in lines if line["code"] == self.code and not line["wrong"]}

    def add(self, seed: int, wrong: str, seconds: float) -> None:
        """Remember one seed."""
        line = {"seed": seed, "code": self.code, "seconds": round(seconds, 2), "wrong": wrong}
        with self.path.open("a") as file:
            file.write(json.dumps(line) + "\n")


def digest() -> str:
    """Return what tells one version of the code from another."""
    found = hashlib.sha256()
    for folder in CODE:
        for path in sorted((CHECKOUT / folder).rglob("*.py")):
            found.update(path.read_bytes())
    return found.hexdigest()[:12]


def say(*lines: str) -> None:
    """Print lines at once."""
    print(*lines, sep="\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
