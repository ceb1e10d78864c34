"""The releases of a label, an artist or a master, and what is shown of those that a user lacks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString

from apps.graph.reading import Rows, read_list, row, rows

# $id: str; $user: str, the id of an account.
SUMMARIES: dict[str, LiteralString] = {
    "label": """
MATCH (entity:Label {id: $id})
RETURN entity.name AS name, EXISTS { (:User {id: $user}) } AS is_known
""",
    "artist": """
MATCH (entity:Artist {id: $id})
RETURN entity.name AS name, EXISTS { (:User {id: $user}) } AS is_known
""",
    "master": """
MATCH (entity:Master {id: $id})
RETURN entity.title AS name, EXISTS { (:User {id: $user}) } AS is_known
""",
}

# A list, by year (none first, then the latest), title and id.
RELEASES: dict[str, LiteralString] = {
    "label": "MATCH (:Label {id: $id})<-[:ON]-(release:Release)",
    "artist": "MATCH (:Artist {id: $id})<-[:BY]-(release:Release)",
    "master": "MATCH (:Master {id: $id})<-[:DERIVED_FROM]-(release:Release)",
    "listed": """
WITH DISTINCT release
ORDER BY release.year DESC, release.title, release.id
RETURN collect([
    release.year, release.id,
    head(COLLECT { MATCH (release)-[:DERIVED_FROM]->(master:Master) RETURN master.id ORDER BY master.id LIMIT 1 }),
    coalesce(release.formats, [])
]) AS releases
""",
}
RELEASES_OF_LABEL: LiteralString = RELEASES["label"] + RELEASES["listed"]
RELEASES_OF_ARTIST: LiteralString = RELEASES["artist"] + RELEASES["listed"]
RELEASES_OF_MASTER: LiteralString = RELEASES["master"] + RELEASES["listed"]
LISTS = {"label": RELEASES_OF_LABEL, "artist": RELEASES_OF_ARTIST, "master": RELEASES_OF_MASTER}

# $ids: [str]
DETAILS = """
UNWIND $ids AS id
MATCH (release:Release {id: id})
RETURN release.id AS id, release.title AS title, release.year AS year, release.formats AS formats,
    head(COLLECT {
        MATCH (release)-[:BY]->(artist:Artist) RETURN artist.name AS name ORDER BY name LIMIT 1
    }) AS artist,
    head(COLLECT {
        MATCH (release)-[:ON]->(label:Label) RETURN label.name AS name ORDER BY name LIMIT 1
    }) AS label,
    COLLECT { MATCH (release)-[:IS]->(genre:Genre) RETURN genre.name AS name ORDER BY name } AS genres
"""


def summarise(user: str, kind: str, id_: str) -> dict[str, Any] | None:
    """Return ``{name, is_known}`` of an entity, None if there is no such; ``is_known``: the user has a node."""
    return row(SUMMARIES[kind], user=user, id=id_)


def list_releases(kind: str, id_: str) -> list[list[Any]]:
    """Return ``[year, id, master, formats]`` of an entity's releases, by year, title and id."""
    return read_list(LISTS[kind], id=id_)


def describe_releases(ids: Sequence[str]) -> Rows:
    """Return ``{id, title, year, formats, artist, label, genres}`` of releases, in the order of the ids."""
    return rows(DETAILS, ids=list(ids))
