"""Releases that a user could want, and what is near an entity and new to the user."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import nsmallest
from itertools import filterfalse
from typing import Any
from uuid import UUID

from apps.collections import keeping, library
from apps.collections.answers.taste import (
    BLIND_SPOTS,
    LEADING_ARTISTS,
    count_cells,
    find_blind_spots,
    list_genres,
    rank_makers,
    sum_by,
)
from apps.collections.library import Items
from apps.collections.models import Dismissal
from apps.graph.readers import discovering, gaps, recommending

# Candidates of each signal, and how much its score counts; a release that few users own gets up to ``RARITY`` more.
CANDIDATES = 50
# The artists, or labels, with most copies, which propose their releases.
LEADING = 10
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
    found = describe_candidates(propose_by_artists(read_tastes(user), limit))
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
    tastes = read_tastes(user)
    found = {name: describe_candidates(propose(tastes, CANDIDATES)) for name, propose in SIGNALS.items()}
    ids = sorted({each["id"] for rows in found.values() for each in rows})
    merged = merge_signals(found, recommending.count_collectors(ids) if ids else {})[:limit]
    return {"recommendations": merged, "total": len(merged), "strategy": "multi"}


@dataclass(frozen=True, slots=True)
class Tastes:
    """What a user has and has dismissed; ``closed``: these, and what the user wants, which only blind spots propose.

    ``artists``: (id, copies) of those with most copies.
    """

    copies: Items
    artists: list[tuple[str, int]]
    dismissed: list[str]
    closed: set[str]


def read_tastes(user: str) -> Tastes:
    """Return what a user has, wants, and has dismissed."""
    copies, dismissed = library.read_copies(user), list_dismissed(user)
    releases = (copies.list_distinct("release"), library.read_wants(user).list_distinct("release"), dismissed)
    artists = rank_makers(copies, "artists", LEADING_ARTISTS)
    return Tastes(copies, artists, dismissed, set().union(*releases))


def propose_by_artists(tastes: Tastes, limit: int) -> Rows:
    """Return releases of the artists with most copies, ``{id, raw, because}``: the sum of these copies, and a name."""
    closed, copies = tastes.closed, dict(tastes.artists[:LEADING])
    scores: dict[str, int] = {}
    releases = {artist: set(ids) - closed for artist, ids in recommending.list_releases("artist", list(copies)).items()}
    for artist, ids in releases.items():
        for each in ids:
            scores[each] = scores.get(each, 0) + copies[artist]
    names = list_names(tastes.copies, "artists")
    first = nsmallest(limit, ((-score, each) for each, score in scores.items()))
    return [
        {
            "id": each,
            "raw": -score,
            "because": min(
                (name for artist, ids in releases.items() if each in ids and (name := names[artist]) is not None),
                default=None,
            ),
        }
        for score, each in first
    ]


def propose_by_labels(tastes: Tastes, limit: int) -> Rows:
    """Return releases on the labels with most copies, ``{id, raw, because, label}``: these copies, and its name."""
    names, closed = list_names(tastes.copies, "labels"), tastes.closed
    found: Rows = []
    leading = rank_makers(tastes.copies, "labels", LEADING)
    # If the first label has enough, all others come behind.
    for labels in (leading[:1], leading[1:]):
        if not labels or (len(found) >= limit and labels[0][1] < found[-1]["raw"]):
            break
        releases = recommending.list_releases("label", [label for label, _ in labels])
        for label, copies in labels:
            # No more of one label can be among the first of all.
            first = nsmallest(limit, filterfalse(closed.__contains__, releases.get(label, ())))
            found += [{"id": each, "raw": copies, "key": label, "because": names[label]} for each in first]
    found.sort(key=lambda each: (-each["raw"], each["id"], each["key"]))
    return [{**each, "label": each["because"]} for each in found[:limit]]


def propose_in_blind_spots(tastes: Tastes, limit: int) -> Rows:
    """Return releases in genres that are new to the user, ``{id, raw, because, genres}``: artists, and the genre."""
    artists = [id_ for id_, _ in tastes.artists]
    known = sorted(list_genres(tastes.copies))
    found = recommending.find_in_blind_spots(artists, known, tastes.dismissed, limit)
    return [{**each, "genres": [each["because"]]} for each in found]


# Signal → what it proposes, the best first.
SIGNALS = {"artist": propose_by_artists, "label": propose_by_labels, "blind_spot": propose_in_blind_spots}


def describe_candidates(found: Rows) -> Rows:
    """Return candidates with what is shown of their releases; what a candidate says itself counts."""
    details = {each["id"]: each for each in gaps.describe_releases(sorted({each["id"] for each in found}))}
    known = [{**details[each["id"]], **each} for each in found if each["id"] in details]
    return sorted(known, key=lambda each: (-each["raw"], each["id"]))


def list_names(copies: Items, field: str) -> dict[str, str | None]:
    """Return id → name of ``artists`` or ``labels``."""
    return {id_: name for entities in copies.list_distinct(field) for id_, name in entities}


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
    keeping.note_change(user)


def recall_release(user: UUID, release_id: int) -> None:
    """Let a release be recommended to a user again."""
    Dismissal.objects.filter(user=user, release_id=release_id).delete()
    keeping.note_change(user)


def explore_from(user: str, kind: str, id_: str, hops: int) -> dict[str, Any]:
    """Return what is near an entity, the best for a user first, ``{from, discoveries}``; at most ``KEPT``.

    An unknown entity has no discoveries and its id for a name.
    """
    near = discovering.find_near(kind, id_, hops)
    copies = library.read_copies(user)
    genres = sum_by("genre", count_cells(copies))
    blind = {each["genre"] for each in find_blind_spots(copies, BLIND_SPOTS)}
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
