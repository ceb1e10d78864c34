"""Synchronise 25,000 items from a Discogs of our own that fails, while the worker is killed and Redis is flushed.

``python -m bench.sync``: PostgreSQL, Neo4j and Valkey of its own, a real worker; ends with code 1 if a store is not
what the site has.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import time
from pathlib import Path

from apps.stack import environment
from bench.chaos.__main__ import say, servers
from tests.acceptance.syncing import SETTINGS, WORKER, Trial
from tests.discogs_site import make_item, make_want, serving

MEGABYTE = 1e6
PATIENCE_SECONDS = 1800
# How much the worker's memory may grow from the second quarter of a run to the last one.
GROWTH = 1.1


def main() -> int:
    """Carry out the trial; return 0 if everything is as it should be."""
    given = arguments()
    folder = given.folder.resolve() / f"{time.strftime('%Y%m%dT%H%M%S')}"
    with servers(folder, with_rabbitmq=False) as (install, _), serving() as site:
        installation = install("collector")
        installation.variables = {**SETTINGS, "DISCOGS_API_URL": site.url}
        installation.worker.environment = installation.environment()
        installation.worker.options = WORKER
        installation.worker.start()
        trial = Trial(installation, site, say)
        try:
            play(trial, given.copies, given.wants, given.seed)
        except AssertionError as error:
            say(f"NOT as it should be: {error}", f"Logs: {folder}")
            return 1
        finally:
            installation.stop()
    say("Both stores have what the site has after every run")
    shutil.rmtree(folder)
    return 0


def arguments() -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(prog="python -m bench.sync", description=__doc__)
    parser.add_argument("--copies", type=int, default=20_000)
    parser.add_argument("--wants", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=1, help="of the site's failures")
    parser.add_argument("--folder", type=Path, default=environment.folder() / "sync", help="servers and logs")
    return parser.parse_args()


def play(trial: Trial, copies: int, wants: int, seed: int) -> None:
    """Synchronise again and again, and compare after each run.

    Raises:
        AssertionError: Something is not as it should be.
    """
    site, pages = trial.site, (copies + wants) // 100
    trial.fill(copies, wants)
    acts = {
        pages // 5: trial.kill_after(0),
        pages // 3: trial.flush,
        pages // 2: trial.kill_after(0.08),
        pages * 4 // 5: trial.kill_after(0.2),
    }

    say("First run: a tenth of the requests fails, three kills, one flush")
    trial.plan(pages * 3, seed=seed, share=0.1, acts=acts)
    expect(trial, "completed", copies + wants, 0, 0)
    assert trial.kills == 3, f"{trial.kills} kills"
    require_flat(trial.memory, pages)

    say("Nothing has changed")
    expect(trial, "completed", 0, 0, 0)

    say("Some are added, removed, moved to another folder, rated")
    change(trial, copies)
    trial.plan(pages * 3, seed=seed + 1, share=0.1, acts={pages // 2: trial.kill_after(0.05)})
    expect(trial, "completed", 150, 60, 100)

    say("One is exchanged and one is removed between two pages")
    trial.plan(pages, seed=0, share=0, acts={3: lambda: exchange(trial), pages // 3: lambda: drop(trial)})
    result = trial.sync(PATIENCE_SECONDS)
    assert (result["status"], result["added"], result["removed"]) == ("completed", 1, 2), result
    trial.require_equal()

    say("The first page is empty")
    kept = site.member.collection
    site.member.collection = []
    require_failure(trial, "is empty")
    site.member.collection = kept
    trial.require_equal()

    say("The token is revoked")
    site.tokens.clear()
    require_failure(trial, "link the account again")
    trial.require_equal()


def expect(trial: Trial, status: str, added: int, changed: int, removed: int) -> None:
    """Synchronise, and fail unless the run says this and both stores have what the site has."""
    result = trial.sync(PATIENCE_SECONDS)
    found = (result["status"], result["added"], result["changed"], result["removed"])
    assert found == (status, added, changed, removed), result
    trial.require_equal()


def require_failure(trial: Trial, text: str) -> None:
    """Synchronise, and fail unless the run fails with a text in its message."""
    result = trial.sync(PATIENCE_SECONDS)
    assert result["status"] == "failed", result
    assert text in result["error"], result


def change(trial: Trial, copies: int) -> None:
    """Change the member's lists: 150 more, 100 fewer, 60 moved or rated."""
    member = trial.site.member
    del member.collection[200:280]
    del member.wants[20:40]
    for item in member.collection[:30]:
        item["folder_id"] = 7
    for item in member.collection[1000:1030]:
        item["rating"] = (item["rating"] + 1) % 6
    first = 10 * copies
    trial.make_releases(range(first, first + 100))
    member.collection += [make_item(each, each, f"2027-01-01T{each}") for each in range(first, first + 100)]
    member.wants += [make_want(each) for each in range(first, first + 50)]


def exchange(trial: Trial) -> None:
    """Remove an item that is not read yet, and add the newest one."""
    collection = trial.site.member.collection
    del collection[len(collection) // 2]
    collection.append(make_item(5, 99_999_999, "2028"))


def drop(trial: Trial) -> None:
    """Remove an item that was read already: the newest but one."""
    del trial.site.member.collection[-2]


def require_flat(memory: list[tuple[int, int]], pages: int) -> None:
    """Fail if the largest process of the worker grew from the second quarter of a run to the last one."""
    quarters = [
        [size / MEGABYTE for page, size in memory if quarter * pages // 4 <= page < (quarter + 1) * pages // 4]
        for quarter in range(4)
    ]
    medians = [statistics.median(each or [0]) for each in quarters]
    say("Memory of the largest process, MB, by quarters of the run: " + ", ".join(f"{each:.0f}" for each in medians))
    say(f"At most {max(size for _, size in memory) / MEGABYTE:.0f} MB")
    assert medians[3] < medians[1] * GROWTH, "the worker's memory grows"


if __name__ == "__main__":
    sys.exit(main())
