"""Releases of a label, an artist or a master that a user does not own."""

from __future__ import annotations

from typing import Any, LiteralString

from apps.graph.reading import Rows, row, rows

# $id: str. ``owned`` is counted from the collection, which is smaller than the largest labels.
SUMMARISE_LABEL = """
MATCH (entity:Label {id: $id})
OPTIONAL MATCH (user:User {id: $user})
RETURN user IS NOT NULL AS is_known, entity.name AS name, COUNT { (entity)<-[:ON]-(:Release) } AS total,
    COUNT { MATCH (user)-[:COLLECTED]->(release:Release)-[:ON]->(entity) RETURN DISTINCT release } AS owned
"""
SUMMARISE_ARTIST = """
MATCH (entity:Artist {id: $id})
OPTIONAL MATCH (user:User {id: $user})
RETURN user IS NOT NULL AS is_known, entity.name AS name, COUNT { (entity)<-[:BY]-(:Release) } AS total,
    COUNT { MATCH (user)-[:COLLECTED]->(release:Release)-[:BY]->(entity) RETURN DISTINCT release } AS owned
"""
SUMMARISE_MASTER = """
MATCH (entity:Master {id: $id})
OPTIONAL MATCH (user:User {id: $user})
RETURN user IS NOT NULL AS is_known, entity.title AS name, COUNT { (entity)<-[:DERIVED_FROM]-(:Release) } AS total,
    COUNT { MATCH (user)-[:COLLECTED]->(release:Release)-[:DERIVED_FROM]->(entity) RETURN DISTINCT release } AS owned
"""
SUMMARIES: dict[str, LiteralString] = {
    "label": SUMMARISE_LABEL,
    "artist": SUMMARISE_ARTIST,
    "master": SUMMARISE_MASTER,
}

# $formats: [str], empty for any; $exclude_wantlist: bool.
MISSING: LiteralString = """
WHERE NOT EXISTS { (release)<-[:COLLECTED]-(user) }
    AND ($exclude_wantlist = false OR NOT EXISTS { (release)<-[:WANTS]-(user) })
    AND (size($formats) = 0 OR any(format IN release.formats WHERE format IN $formats))
"""
OF: dict[str, LiteralString] = {
    "label": "MATCH (user:User {id: $user}) MATCH (entity:Label {id: $id})<-[:ON]-(release:Release)" + MISSING,
    "artist": "MATCH (user:User {id: $user}) MATCH (entity:Artist {id: $id})<-[:BY]-(release:Release)" + MISSING,
    "master": "MATCH (user:User {id: $user}) MATCH (entity:Master {id: $id})<-[:DERIVED_FROM]-(release:Release)"
    + MISSING,
}
# $offset, $limit: int.
PARTS: dict[str, LiteralString] = {
    "count": "RETURN count(release) AS total",
    "page": """
WITH user, release
ORDER BY release.year DESC, release.title, release.id
SKIP $offset LIMIT $limit
RETURN release.id AS id, release.title AS title, release.year AS year, release.formats AS formats,
    head(COLLECT {
        MATCH (release)-[:BY]->(artist:Artist) RETURN artist.name AS name ORDER BY name LIMIT 1
    }) AS artist,
    head(COLLECT {
        MATCH (release)-[:ON]->(label:Label) RETURN label.name AS name ORDER BY name LIMIT 1
    }) AS label,
    COLLECT { MATCH (release)-[:IS]->(genre:Genre) RETURN genre.name AS name ORDER BY name } AS genres,
    EXISTS { (release)<-[:WANTS]-(user) } AS on_wantlist
""",
}
COUNT_OF_LABEL: LiteralString = OF["label"] + PARTS["count"]
COUNT_OF_ARTIST: LiteralString = OF["artist"] + PARTS["count"]
COUNT_OF_MASTER: LiteralString = OF["master"] + PARTS["count"]
PAGE_OF_LABEL: LiteralString = OF["label"] + PARTS["page"]
PAGE_OF_ARTIST: LiteralString = OF["artist"] + PARTS["page"]
PAGE_OF_MASTER: LiteralString = OF["master"] + PARTS["page"]
COUNTS = {"label": COUNT_OF_LABEL, "artist": COUNT_OF_ARTIST, "master": COUNT_OF_MASTER}
PAGES = {"label": PAGE_OF_LABEL, "artist": PAGE_OF_ARTIST, "master": PAGE_OF_MASTER}


def summarise(user: str, kind: str, id_: str) -> dict[str, Any] | None:
    """Return ``{is_known, name, total, owned}``, distinct releases of an entity; None if there is no such entity.

    ``is_known``: whether the user has a node.
    """
    return row(SUMMARIES[kind], user=user, id=id_)


def count_missing(user: str, kind: str, id_: str, *, formats: list[str], exclude_wantlist: bool) -> int:
    """Return how many releases of an entity a user lacks after filters; it looks at each of them."""
    parameters: dict[str, Any] = {"user": user, "id": id_, "formats": formats, "exclude_wantlist": exclude_wantlist}
    return int(rows(COUNTS[kind], **parameters)[0]["total"])


def list_missing(
    user: str, kind: str, id_: str, *, formats: list[str], exclude_wantlist: bool, limit: int, offset: int
) -> Rows:
    """Return a page of the releases of an entity that a user does not own.

    Each is ``{id, title, year, formats, artist, label, genres, on_wantlist}``. A user without a node misses nothing.
    """
    parameters: dict[str, Any] = {"user": user, "id": id_, "formats": formats, "exclude_wantlist": exclude_wantlist}
    return rows(PAGES[kind], **parameters, limit=limit, offset=offset)
