"""What is near an entity: artists, labels, genres and styles within a few relationships, with the way to each."""

from __future__ import annotations

from typing import LiteralString

from apps.graph.reading import Rows, rows

# The nearest hundred, each with one of its shortest ways.
NEAR: dict[int, LiteralString] = {
    1: "MATCH way = ANY SHORTEST (start)-[:BY|ON|IS|ALIAS_OF|MEMBER_OF|DERIVED_FROM]-{1,1}",
    2: "MATCH way = ANY SHORTEST (start)-[:BY|ON|IS|ALIAS_OF|MEMBER_OF|DERIVED_FROM]-{1,2}",
    3: "MATCH way = ANY SHORTEST (start)-[:BY|ON|IS|ALIAS_OF|MEMBER_OF|DERIVED_FROM]-{1,3}",
}
FOUND: dict[str, LiteralString] = {
    "near": """(found:Artist|Label|Genre|Style)
WHERE found <> start
WITH way, length(way) AS distance, toLower(head(labels(found))) AS type, coalesce(found.id, found.name) AS id
ORDER BY distance, type, id
LIMIT 100
RETURN id, type, distance, [node IN nodes(way) | coalesce(node.name, node.title, node.id)] AS names,
    [edge IN relationships(way) | type(edge)] AS edges
ORDER BY distance, type, id
""",
}
STARTS: dict[str, LiteralString] = {
    "artist": "MATCH (start:Artist {id: $id})\n",
    "label": "MATCH (start:Label {id: $id})\n",
    "genre": "MATCH (start:Genre {name: $id})\n",
    "style": "MATCH (start:Style {name: $id})\n",
}
# (kind, hops) → statement
STATEMENTS = {
    (kind, hops): start + near + FOUND["near"] for kind, start in STARTS.items() for hops, near in NEAR.items()
}
# A genre leads to much of the graph in three steps.
SECONDS = 60


def find_near(kind: str, id_: str, hops: int) -> Rows:
    """Return the nearest artists, labels, genres and styles of an entity, at most a hundred, ``hops`` of 1 to 3.

    Each is ``{id, type, distance, names, edges}``: the names of the nodes of a shortest way to it, both ends included,
    and the types of the relationships between them. Empty for an unknown entity.
    """
    return rows(STATEMENTS[kind, hops], seconds=SECONDS, id=id_)
