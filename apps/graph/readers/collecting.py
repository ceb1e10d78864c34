"""What releases are by, on and in, and what users own, for lists and figures of collections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from apps.graph.reading import rows

# $ids: [str]. Artists and labels by name, those without one last.
FACTS = """
UNWIND $ids AS id
MATCH (release:Release {id: id})
RETURN id, [
    release.title, release.year, release.catalog_number,
    COLLECT {
        MATCH (release)-[:BY]->(artist:Artist)
        WITH DISTINCT artist ORDER BY artist.name, artist.id
        RETURN [artist.id, artist.name]
    },
    COLLECT {
        MATCH (release)-[:ON]->(label:Label)
        WITH DISTINCT label ORDER BY label.name, label.id
        RETURN [label.id, label.name]
    },
    COLLECT { MATCH (release)-[:IS]->(genre:Genre) RETURN genre.name AS name ORDER BY name },
    COLLECT { MATCH (release)-[:IS]->(style:Style) RETURN style.name AS name ORDER BY name },
    coalesce(release.formats, []),
    head(COLLECT { MATCH (release)-[:DERIVED_FROM]->(master:Master) RETURN master.id ORDER BY master.id LIMIT 1 })
] AS facts
"""

# $ids: [str]
OWNERSHIP = """
MATCH (user:User {id: $user})
UNWIND $ids AS id
MATCH (release:Release {id: id})
RETURN id, EXISTS { (user)-[:COLLECTED]->(release) } AS in_collection,
    EXISTS { (user)-[:WANTS]->(release) } AS in_wantlist
"""


def read_facts(ids: Sequence[int]) -> dict[int, list[Any]]:
    """Return id → facts of the releases that have a node.

    These are ``[title, year, catalog_number, artists, labels, genres, styles, formats, master]``, where artists and
    labels are ``[id, name]``.
    """
    return {int(each["id"]): each["facts"] for each in rows(FACTS, ids=[str(id_) for id_ in ids])}


def read_ownership(user: str, ids: list[str]) -> dict[str, dict[str, bool]]:
    """Return id → ``{in_collection, in_wantlist}`` of the releases that have a node; empty for an unknown user."""
    return {each.pop("id"): each for each in rows(OWNERSHIP, user=user, ids=ids)}
