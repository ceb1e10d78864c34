"""Releases that a user could want, and what is near an entity and new to the user."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from apps.collections.answers.taste import BLIND_SPOTS, sum_by
from apps.collections.models import Dismissal
from apps.graph.readers import discovering, recommending, taste

# Candidates of each signal, and how much its score counts; a release that few users own gets up to ``RARITY`` more.
CANDIDATES = 50
WEIGHTS = {"artist": 0.35, "label": 0.25, "blind_spot": 0.25}
RARITY = 0.15
REASONS = {
    "artist": "artist: you have {count} by {name}",
    "label": "label: you have {count} on {name}",
    "blind_spot": "blind_spot: {name}, where {count} of your artists are and your collection is not",
}
FIELDS = ("id", "title", "artist", "label", "year", "genres")

# Discoveries that are kept, and what a genre or style counts that is new to the user.
KEPT = 50
BOOST = 1.5

Rows = list[dict[str, Any]]


def recommend_by_artists(user: str, limit: int) -> dict[str, Any]:
    """Return releases of the artists that a user has most copies of, ``{recommendations, total}``."""
    recommendations = [{key: each[key] for key in (*FIELDS, "score")} for each in find_by_artists(user, limit)]
    return {"recommendations": recommendations, "total": len(recommendations)}


def find_by_artists(user: str, limit: int) -> Rows:
    """Return the same releases with their reasons, which the contract has only for the other strategy."""
    found = recommending.find_candidates(user, "artist", list_dismissed(user), limit)
    return [
        {
            **{key: each[key] for key in FIELDS},
            "score": round(each["raw"] / found[0]["raw"], 4),
            "reasons": [REASONS["artist"].format(name=each["because"], count=each["raw"])],
        }
        for each in found
    ]


def recommend_by_signals(user: str, limit: int) -> dict[str, Any]:
    """Return releases that artists, labels and blind spots propose together, each with its reasons."""
    dismissed = list_dismissed(user)
    found = {each: recommending.find_candidates(user, each, dismissed, CANDIDATES) for each in WEIGHTS}
    ids = sorted({each["id"] for rows in found.values() for each in rows})
    merged = merge_signals(found, recommending.count_collectors(ids) if ids else {})[:limit]
    return {"recommendations": merged, "total": len(merged), "strategy": "multi"}


def merge_signals(found: dict[str, Rows], collectors: dict[str, int]) -> Rows:
    """Return the releases of all signals with one score and their reasons, the best first.

    ``found``: signal → candidates, the best first. ``collectors``: id → how many users own a release.
    """
    merged: dict[str, dict[str, Any]] = {}
    for signal, rows in found.items():
        best = rows[0]["raw"] if rows else 0
        for each in rows:
            entry = merged.setdefault(each["id"], {**{key: each[key] for key in FIELDS}, "score": 0.0, "reasons": []})
            entry["score"] += (each["raw"] / best if best > 0 else each["raw"]) * WEIGHTS[signal]
            entry["reasons"].append(REASONS[signal].format(name=each["because"], count=each["raw"]))
    most = max((collectors.get(each, 0) for each in merged), default=0)
    if most:
        for id_, entry in merged.items():
            entry["score"] += RARITY * (1 - collectors.get(id_, 0) / most)
    ordered = sorted(merged.values(), key=lambda each: (-each["score"], each["id"]))
    return [{**each, "score": round(each["score"], 4)} for each in ordered]


def list_dismissed(user: str) -> list[str]:
    """Return the ids of the releases that a user does not want to be recommended."""
    return [str(each) for each in Dismissal.objects.filter(user=UUID(user)).values_list("release_id", flat=True)]


def dismiss_release(user: UUID, release_id: int) -> None:
    """Recommend a release to a user no more; a second call changes nothing."""
    Dismissal.objects.get_or_create(user_id=user, release_id=release_id)


def recall_release(user: UUID, release_id: int) -> None:
    """Let a release be recommended to a user again."""
    Dismissal.objects.filter(user=user, release_id=release_id).delete()


def explore_from(user: str, kind: str, id_: str, hops: int) -> dict[str, Any]:
    """Return what is near an entity, the best for a user first, ``{from, discoveries}``; at most ``KEPT``.

    An unknown entity has no discoveries and its id for a name.
    """
    near = discovering.find_near(kind, id_, hops)
    genres = sum_by("genre", taste.read_heatmap(user))
    blind = {each["genre"] for each in taste.find_blind_spots(user, BLIND_SPOTS)}
    total = sum(genres.values())
    shares = {genre: count / total for genre, count in genres.items()}
    discoveries = [{**describe_way(each), **score(each, shares, blind)} for each in near]
    discoveries.sort(key=lambda each: -each["score"])
    name = near[0]["names"][0] if near else id_
    return {"from": {"id": id_, "name": name, "type": kind}, "discoveries": discoveries[:KEPT]}


def score(found: dict[str, Any], shares: dict[str, float], blind: set[str]) -> dict[str, Any]:
    """Return how good a discovery is, ``{score, reason}``: what is new to the user counts most."""
    kind, name = found["type"], found["id"]
    if kind in ("genre", "style") and name in blind:
        return {"score": BOOST, "reason": "blind_spot_boost"}
    values = {"genre": shares.get(name, 0.0), "style": 0.0}
    return {"score": round(values.get(kind, 1 / found["distance"]), 4), "reason": "graph_proximity"}


def describe_way(found: dict[str, Any]) -> dict[str, Any]:
    """Return a discovery with the way to it: names of nodes, and between them a mark for each relationship."""
    names, edges = found["names"], found["edges"]
    path = [names[0]]
    for edge, name in zip(edges, names[1:], strict=True):
        path += [f"—{edge}→", name]
    return {"id": found["id"], "name": names[-1], "type": found["type"], "path": path}
