"""Details of the steps of a path: years, roles, and which artist is a member of which."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from apps.graph.reading import read_list, row

# $releases, $masters: [id]. One row: [id, year] of those that have a year.
YEARS = """
OPTIONAL CALL () {
    UNWIND $releases AS id
    MATCH (release:Release {id: id})
    WHERE release.year > 0
    RETURN collect([id, release.year]) AS releases
}
OPTIONAL CALL () {
    UNWIND $masters AS id
    MATCH (master:Master {id: id})
    WHERE master.year > 0
    RETURN collect([id, master.year]) AS masters
}
RETURN releases, masters
"""

# $pairs: [[artist id, artist id]]. One row: the pairs whose first one is a member of the second one.
MEMBERS = """
UNWIND $pairs AS pair
MATCH (:Artist {id: pair[0]})-[:MEMBER_OF]->(:Artist {id: pair[1]})
RETURN collect(DISTINCT pair) AS pairs
"""

# $pairs: [[name of a person, release id]]. One row: [name, release id, role], one role of each pair.
ROLES = """
UNWIND $pairs AS pair
MATCH (:Person {name: pair[0]})-[credit:CREDITED_ON]->(:Release {id: pair[1]})
WITH pair, min(credit.role) AS role
RETURN collect([pair[0], pair[1], role]) AS roles
"""


Step = dict[str, Any]
# The kind of a step and its id.
Key = tuple[str, str]
Pair = tuple[Key, Key]


def get_years(paths: Iterable[Sequence[Step]]) -> dict[Key, int]:
    """Return the years of the releases and masters of paths."""
    keys = {(step["type"], step["id"]) for path in paths for step in path}
    ids = {kind: sorted(id_ for other, id_ in keys if other == kind) for kind in ("release", "master")}
    found = row(YEARS, releases=ids["release"], masters=ids["master"]) if any(ids.values()) else None
    if not found:
        return {}
    return {
        (kind, id_): year
        for kind, name in (("release", "releases"), ("master", "masters"))
        for id_, year in found[name]
    }


def find_members(paths: Iterable[Sequence[Step]]) -> set[Pair]:
    """Return the pairs of neighbours of paths of which the first is a member of the second."""
    pairs = [[a["id"], b["id"]] for path in paths for a, b in pairwise(path) if b["rel"] == "MEMBER_OF"]
    # A path may lead from a group to its member.
    wanted = [*pairs, *([b, a] for a, b in pairs)]
    found = read_list(MEMBERS, pairs=wanted) if wanted else []
    return {(("artist", one), ("artist", other)) for one, other in found}


def find_roles(paths: Iterable[Sequence[Step]]) -> dict[Pair, str]:
    """Return (person, release) → role, for the credits that paths lead along."""
    pairs = []
    for path in paths:
        for a, b in pairwise(path):
            if b["rel"] == "CREDITED_ON":
                person, release = (a, b) if a["type"] == "person" else (b, a)
                pairs.append([person["id"], release["id"]])
    found = read_list(ROLES, pairs=pairs) if pairs else []
    return {(("person", name), ("release", id_)): role or "" for name, id_, role in found}
