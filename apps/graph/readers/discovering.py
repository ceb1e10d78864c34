"""What is near an entity: artists, labels, genres and styles within a few relationships, with the way to each.

Only works (releases and masters) and artists lead further: labels, genres and styles have relationships with works
alone. So a step more is a few patterns, and is walked only if fewer than a hundred are nearer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import LiteralString

from apps.graph.reading import Rows, row, rows

MOST = 100
STARTS: dict[str, LiteralString] = {
    "artist": "MATCH (start:Artist {id: $id})",
    "label": "MATCH (start:Label {id: $id})",
    "genre": "MATCH (start:Genre {name: $id})",
    "style": "MATCH (start:Style {name: $id})",
}
# From the start to a work.
WORKS: dict[str, LiteralString] = {
    "artist": "(start)<-[:BY]-(work)",
    "label": "(start)<-[:ON]-(work)",
    "genre": "(start)<-[:IS]-(work)",
    "style": "(start)<-[:IS]-(work)",
}
# Statements bind ``found`` and a ``way`` to it. The limit leaves a hundred when nearer ones are taken out.
BEGIN: LiteralString = "\nCALL (start) {\n"
OR: LiteralString = "\nUNION ALL\n"
END: LiteralString = """
}
WITH start, found, way
WHERE found <> start
WITH found, head(collect(way)) AS way, toLower(head(labels(found))) AS type, coalesce(found.id, found.name) AS id
ORDER BY type, id
LIMIT 200
RETURN id, type, length(way) AS distance,
    [node IN nodes(way) | coalesce(node.name, node.title, node.id)] AS names,
    [edge IN relationships(way) | type(edge)] AS edges
ORDER BY type, id
"""
RELATED: LiteralString = """
MATCH way = (start)-[:ALIAS_OF|MEMBER_OF]-(found:Artist)
RETURN found, way
"""
RELATED_OF_RELATED: LiteralString = """
MATCH way = (start)-[:ALIAS_OF|MEMBER_OF]-(:Artist)-[:ALIAS_OF|MEMBER_OF]-(found:Artist)
RETURN found, way
"""
# Three steps from an artist over related ones.
BY_RELATED: LiteralString = """
MATCH way = (start)-[:ALIAS_OF|MEMBER_OF]-(:Artist)<-[:BY]-()-[:BY|ON|IS]->(found)
RETURN found, way
UNION ALL
MATCH way = (start)-[:ALIAS_OF|MEMBER_OF]-(:Artist)-[:ALIAS_OF|MEMBER_OF]-(:Artist)-[:ALIAS_OF|MEMBER_OF]-(found:Artist)
RETURN found, way
"""

FIRST: LiteralString = STARTS["artist"] + BEGIN + RELATED + END
# Kind → artists two steps away, which come before all others.
ARTISTS = {
    kind: start
    + BEGIN
    + f"MATCH way = {WORKS[kind]}-[:BY]->(found:Artist) RETURN found, way"
    + (OR + RELATED_OF_RELATED if kind == "artist" else "")
    + END
    for kind, start in STARTS.items()
}
# The same by all artists in the order of their ids, until there are enough that share a work with the start.
ALL_ARTISTS = {
    kind: f"""
MATCH (found:Artist)
WHERE found.id > '' AND EXISTS {{
    {start}
    MATCH (found)<-[:BY]-(work)
    WHERE EXISTS {{ {WORKS[kind]} }}
}}
WITH found
ORDER BY found.id
LIMIT 100
{start}
RETURN found.id AS id, 'artist' AS type, 2 AS distance,
    [coalesce(start.name, start.id), head(COLLECT {{
        MATCH (found)<-[:BY]-(work)
        WHERE EXISTS {{ {WORKS[kind]} }}
        RETURN coalesce(work.title, work.id)
        LIMIT 1
    }}), coalesce(found.name, found.id)] AS names,
    [{edge}, 'BY'] AS edges
ORDER BY id
"""
    for (kind, start), edge in zip(STARTS.items(), ("'BY'", "'ON'", "'IS'", "'IS'"), strict=True)
}
OTHERS = {
    kind: start + BEGIN + f"MATCH way = {WORKS[kind]}-[:ON|IS]->(found) RETURN found, way" + END
    for kind, start in STARTS.items()
}
THIRD = {
    kind: start
    + BEGIN
    + f"""
MATCH way = {WORKS[kind]}-[:DERIVED_FROM]-()-[:BY|ON|IS]->(found)
RETURN found, way
UNION ALL
MATCH {WORKS[kind]}-[:BY]->(near:Artist)
WITH start, near, head(collect(work)) AS work
MATCH way = {WORKS[kind]}-[:BY]->(near)-[:ALIAS_OF|MEMBER_OF]-(found:Artist)
RETURN found, way
"""
    + (OR + BY_RELATED if kind == "artist" else "")
    + END
    for kind, start in STARTS.items()
}
# Both are numbers that Neo4j keeps.
SIZES = {
    kind: start + "\nRETURN COUNT { (start)--() } AS works, COUNT { (:Artist) } AS artists"
    for kind, start in STARTS.items()
}
# Walking all artists looks at some artists · 100 / works, walking the works at all works.
SECONDS = 60


def find_near(kind: str, id_: str, hops: int) -> Rows:
    """Return the nearest artists, labels, genres and styles of an entity, at most a hundred, ``hops`` of 1 to 3.

    Each is ``{id, type, distance, names, edges}``: the names of the nodes of a shortest way to it, both ends included,
    and the types of the relationships between them. Empty for an unknown entity.
    """
    found: dict[tuple[str, str], dict[str, object]] = {}
    for statement in list_statements(kind, id_, hops):
        for each in rows(statement, seconds=SECONDS, id=id_):
            found.setdefault((each["type"], each["id"]), each)
        if len(found) >= MOST:
            break
    return sorted(found.values(), key=lambda each: (each["distance"], each["type"], each["id"]))[:MOST]


def list_statements(kind: str, id_: str, hops: int) -> Iterator[LiteralString]:
    """Yield statements each of which finds what is farther than all before it."""
    if kind == "artist":
        yield FIRST
    if hops == 1:
        return
    yield ALL_ARTISTS[kind] if kind != "artist" and has_many_works(kind, id_) else ARTISTS[kind]
    yield OTHERS[kind]
    if hops == 3:
        yield THIRD[kind]


def has_many_works(kind: str, id_: str) -> bool:
    """Tell whether it is quicker to walk all artists than all works of an entity."""
    sizes = row(SIZES[kind], id=id_)
    return sizes is not None and sizes["works"] ** 2 > sizes["artists"] * MOST
