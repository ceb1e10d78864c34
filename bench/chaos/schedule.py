"""Which fault comes when: a pure function of a seed, so that a run can be replayed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

# Seconds that something stands still: some shorter and some longer than what makes the watchdog look after a run.
PAUSE_SECONDS = (0.5, 9.0)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. ``at`` is in seconds from the start, ``seconds`` how long a pause lasts, ``pick`` (0 … 1) chooses
    among the children of a process.
    """

    at: float
    target: str
    kind: str
    seconds: float
    pick: float

    def __str__(self) -> str:
        length = f" for {self.seconds:.1f} s" if self.kind == "pause" else ""
        return f"{self.at:6.1f} s  {self.kind} {self.target}{length}"


def plan(seed: int, faults: int, seconds: float, kinds: Mapping[str, Sequence[str]]) -> list[Fault]:
    """Return the faults of a run, ascending: as many as asked for, spread over so many seconds.

    ``kinds`` says what can happen to each target. Every target has its turn before one has its next, and suffers every
    kind of fault before one comes again.
    """
    chance = random.Random(seed)
    turns = shuffle_rounds(chance, kinds)
    gap = seconds / faults
    return [
        Fault(
            at=round(gap * (number + chance.uniform(0.1, 0.9)), 2),
            target=target,
            kind=kind,
            seconds=round(chance.uniform(*PAUSE_SECONDS), 1),
            pick=chance.random(),
        )
        for number, (target, kind) in zip(range(faults), turns, strict=False)
    ]


def shuffle_rounds(chance: random.Random, kinds: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    """Yield (target, kind) without end, each round of targets and each round of a target's kinds shuffled."""
    left: dict[str, list[str]] = {target: [] for target in kinds}
    while True:
        for target in chance.sample(sorted(kinds), len(kinds)):
            left[target] = left[target] or chance.sample(sorted(kinds[target]), len(kinds[target]))
            yield target, left[target].pop()
