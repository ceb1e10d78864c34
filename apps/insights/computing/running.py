"""Compute insights: by a task, step after step, or at once by a command."""

from __future__ import annotations

import math
from collections.abc import Mapping

from apps.ingest import ledger
from apps.insights import keeping
from apps.insights.computing import steps
from apps.insights.computing.anniversaries import ANNIVERSARIES_OF_MONTH
from apps.insights.computing.artists import ARTIST_CENTRALITY
from apps.insights.computing.completeness import DATA_COMPLETENESS
from apps.insights.computing.genres import GENRE_TRENDS
from apps.insights.computing.labels import LABEL_LONGEVITY
from apps.insights.computing.rarity import RELEASE_RARITY
from apps.insights.computing.steps import Insight, Superseded
from apps.insights.models import Computation, ComputationStatus

# The five that need the catalogue alone.
FIRST: Mapping[str, Insight] = {
    "artist_centrality": ARTIST_CENTRALITY,
    "genre_trends": GENRE_TRENDS,
    "label_longevity": LABEL_LONGEVITY,
    "anniversaries": ANNIVERSARIES_OF_MONTH,
    "data_completeness": DATA_COMPLETENESS,
}
INSIGHTS: dict[str, Insight] = {**FIRST, "release_rarity": RELEASE_RARITY}


class Busy(Exception):  # noqa: N818 - what happened is no error of the program
    """Another process works on the computation, or it was killed and its last statement has not ended yet."""


def compute(name: str, number: int | None = None, *, seconds: float = math.inf) -> int | None:
    """Begin a computation, or go on with the one of this number, for some seconds.

    Returns its number, to go on with, or None when nothing is left to do.

    Raises:
        Busy: another process works on it.
        Exception: what made it stop. Its progress stays, so the same call goes on; ``give_up`` ends it.
    """
    with ledger.hold_lock(f"insight {name}", 0) as is_ours:
        if not is_ours:
            raise Busy(name)
        if number is None:
            computation = steps.start(name, INSIGHTS[name])
        else:
            computation = Computation.objects.get(pk=number)
            if computation.status != ComputationStatus.RUNNING:
                # The process that ended it may have died before it could say so.
                keeping.invalidate(name)
                return None
        try:
            is_completed = steps.advance(computation, INSIGHTS[name], seconds)
        except Superseded:
            return None
    return None if is_completed else computation.pk


def find_running(name: str) -> int | None:
    """Return the number of the running computation of an insight; None if there is none."""
    running = Computation.objects.filter(insight_type=name, status=ComputationStatus.RUNNING)
    return running.order_by("-pk").values_list("pk", flat=True).first()


def give_up(name: str, error: BaseException) -> None:
    """End the running computation of an insight as failed."""
    with ledger.hold_lock(f"insight {name}", 0) as is_ours:
        running = Computation.objects.filter(insight_type=name, status=ComputationStatus.RUNNING).first()
        if is_ours and running is not None:
            steps.fail(running, INSIGHTS[name], error)
