"""The rarity of releases by a plain computation, to compare the product's with."""

from bisect import bisect_left
from datetime import UTC, datetime

from apps.insights.computing.rarity import FORMATS
from apps.insights.rarity import WEIGHTS

YEAR = datetime.now(UTC).year


def step(value, *limits):
    """Return the score of the first (limit, score) that the value does not exceed."""
    return next(score for limit, score in limits if limit is None or value <= limit)


def score_plainly(rows, counts):
    """Return release id → (score, tier, gem score, signals), as the contract words it.

    A row is a release: ``id``, ``year``, names of ``formats``, ``degree``, ``has_master``, how many relationships its
    ``artists`` have, how many releases its ``labels`` and ``genres`` have, and [id, year or 0] of the ``others`` of its
    master. ``counts``: id → (how many have it, how many want it).
    """
    kinds = {kind: sorted(max(row[kind]) for row in rows if row[kind]) for kind in ("artists", "labels", "genres")}
    found = {}
    for row in rows:
        have, want = counts.get(int(row["id"]), (None, 0))
        year, pressings = row["year"], len(row["others"]) + 1
        is_recent = any(other >= YEAR - 10 for _, other in row["others"])
        age = 50 if year is None else max(0, min(100, max(0, (YEAR - year) * 1.5)) - 40 * is_recent)
        prevalence = (
            50
            if have is None
            else min(
                100,
                step(have, (0, 95), (10, 85), (100, 70), (1000, 50), (10000, 25), (None, 10)) + 5 * (want > have),
            )
        )
        signals = {
            "pressing_scarcity": step(pressings, (1, 100), (2, 85), (5, 60), (10, 35), (None, 10))
            if row["has_master"]
            else 90,
            "label_catalog": step(min(row["labels"], default=0), (9, 100), (50, 75), (200, 50), (1000, 25), (None, 10)),
            "format_rarity": max((FORMATS.get(each, 50) for each in row["formats"] or ()), default=50),
            "temporal_scarcity": age,
            "graph_isolation": step(row["degree"], (2, 90), (4, 70), (7, 50), (12, 30), (None, 10)),
            "collection_prevalence": prevalence,
        }
        total = sum(round(WEIGHTS[name] * 100) * signals[name] for name in WEIGHTS) / 100
        fame = sum(
            weight * (bisect_left(kinds[kind], max(row[kind])) / len(kinds[kind]))
            for kind, weight in (("artists", 0.4), ("labels", 0.3), ("genres", 0.3))
            if row[kind]
        )
        tiers = ((80, "ultra-rare"), (60, "rare"), (40, "scarce"), (20, "uncommon"), (0, "common"))
        tier = next(name for least, name in tiers if total >= least)
        found[int(row["id"])] = (round(total, 1), tier, round(total * fame, 1), signals)
    return found
