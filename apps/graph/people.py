"""Count the credits of people in the chunks of a first load, so that maintenance need not walk the graph for them.

The counts of a chunk wait in the spool, below ``<run>/import/shared``. They are summed in PostgreSQL: a bulk load
imports the sums, and a load over Bolt writes them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from apps.graph.fields import join, quote
from apps.graph.roles import OTHER, PHRASES
from apps.ingest.chunks import spool

CATEGORIES = (*PHRASES, OTHER)


class People:
    """Counts the credits of people in the releases of one chunk."""

    def __init__(self) -> None:
        self.counts: dict[str, list[int]] = {}
        self.same: Counter[tuple[str, str]] = Counter()

    def add(self, credits_: Iterable[Sequence[str]]) -> None:
        """Count the credits of one release. A release is in one chunk alone, so the counts of chunks can be added."""
        counted = set()
        for name, _, category, artist in credits_:
            counts = self.counts.setdefault(name, [0] * (1 + len(CATEGORIES)))
            counts[0] += 1
            if (name, category) not in counted:
                counted.add((name, category))
                counts[CATEGORIES.index(category) + 1] += 1
            if artist:
                self.same[name, artist] += 1

    def list_shared(self) -> dict[str, list[str]]:
        """Return the CSV rows of the counts, and of the artists that credits name."""
        return {
            "people": [f"{quote(name)},{','.join(map(str, counts))}" for name, counts in self.counts.items()],
            "same_as": [f"{quote(name)},{artist},{number}" for (name, artist), number in self.same.items()],
        }


def write_shared(run: int, name: str, shared: Mapping[str, Sequence[str]]) -> None:
    """Write the rows of a chunk that are to be put together with those of other chunks: kind → CSV rows."""
    for folder, rows in shared.items():
        if rows:
            spool.write(f"{run}/import/shared/{folder}/{name}.csv.zst", spool.compress(join(rows)))
