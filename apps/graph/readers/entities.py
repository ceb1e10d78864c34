"""Single entities: what they are and what can be expanded from them."""

from __future__ import annotations

from typing import Any

from apps.graph.cypher import exploring as cypher
from apps.graph.readers import nameless
from apps.graph.reading import row
from apps.ingest.sources.discogs_ids import id_number

Entity = dict[str, Any]

EXPLORE = {
    "artist": cypher.EXPLORE_ARTIST,
    "genre": cypher.EXPLORE_GENRE,
    "label": cypher.EXPLORE_LABEL,
    "style": cypher.EXPLORE_STYLE,
}
NODE = {
    "artist": cypher.NODE_ARTIST,
    "release": cypher.NODE_RELEASE,
    "label": cypher.NODE_LABEL,
    "genre": cypher.NODE_GENRE,
    "style": cypher.NODE_STYLE,
}
OF_NAME = {"artist": cypher.ARTIST_OF_NAME, "label": cypher.LABEL_OF_NAME}
# What can be expanded from an entity, in the order in which it is offered.
CATEGORIES = {
    "artist": ("releases", "labels", "aliases"),
    "genre": ("releases", "artists", "labels", "styles"),
    "label": ("releases", "artists", "genres"),
    "style": ("releases", "artists", "labels", "genres"),
}


def explore_entity(kind: str, name: str | None, id_: str | None = None) -> Entity | None:
    """Return an entity by its id or its exact name, ``{id, name, …}`` with a count for each of its categories.

    Of several of one name, the one of the smallest id.
    """
    found = row(EXPLORE[kind], **nameless.make_keys(kind, name, id_))
    if found is not None and found["releases"] is None:
        found |= row(cypher.COUNT_LABEL, id=found["id"]) or dict.fromkeys(CATEGORIES["label"], 0)
    return found


def get_node(kind: str, node_id: str) -> Entity | None:
    """Return an entity by its id, a genre or a style by its name, with what is told of it beside the graph.

    An artist and a label are found by their name as well, if it is no id: of several the one of the smallest id.
    """
    if kind in OF_NAME and id_number(node_id) is None:
        named = find_id(kind, node_id)
        if named is None:
            return None
        node_id = named
    return row(NODE[kind], id=node_id)


def find_id(kind: str, name: str) -> str | None:
    """Return the id of an entity by its exact name, of several the smallest one; None if nothing is called so.

    That of a genre or a style is its name, whether it exists or not.
    """
    if kind not in OF_NAME:
        return name
    found = row(OF_NAME[kind], **nameless.make_keys(kind, name))
    return found["id"] if found else None
