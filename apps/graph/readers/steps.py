"""What is told of the steps of a path beside their names: years, roles, and who is the member of whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from apps.graph.cypher import steps as cypher
from apps.graph.reading import collected, row

Step = dict[str, Any]
# The kind of a step and its id.
Key = tuple[str, str]
Pair = tuple[Key, Key]


def get_years(paths: Iterable[Sequence[Step]]) -> dict[Key, int]:
    """Return the years of the releases and masters of paths."""
    keys = {(step["type"], step["id"]) for path in paths for step in path}
    ids = {kind: sorted(id_ for other, id_ in keys if other == kind) for kind in ("release", "master")}
    found = row(cypher.YEARS, releases=ids["release"], masters=ids["master"]) if any(ids.values()) else None
    if not found:
        return {}
    return {
        (kind, id_): year
        for kind, name in (("release", "releases"), ("master", "masters"))
        for id_, year in found[name]
    }


def find_members(paths: Iterable[Sequence[Step]]) -> set[Pair]:
    """Return the neighbours of paths of which the first is a member of the second."""
    pairs = [[a["id"], b["id"]] for path in paths for a, b in pairwise(path) if b["rel"] == "MEMBER_OF"]
    # A path may lead from a group to its member.
    wanted = [*pairs, *([b, a] for a, b in pairs)]
    found = collected(cypher.MEMBERS, pairs=wanted) if wanted else []
    return {(("artist", one), ("artist", other)) for one, other in found}


def find_roles(paths: Iterable[Sequence[Step]]) -> dict[Pair, str]:
    """Return a role of each person on each release that paths lead along, by person and release."""
    pairs = []
    for path in paths:
        for a, b in pairwise(path):
            if b["rel"] == "CREDITED_ON":
                person, release = (a, b) if a["type"] == "person" else (b, a)
                pairs.append([person["id"], release["id"]])
    found = collected(cypher.ROLES, pairs=pairs) if pairs else []
    return {(("person", name), ("release", id_)): role or "" for name, id_, role in found}
