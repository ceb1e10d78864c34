"""Single entities: how they are found by name or id, what they are, and what can be expanded from them.

Artists and labels may share a name. ``EXPLORE_…`` takes the one of the smallest id, the oldest, and so does everything
that begins with one node; ``years`` and ``expanding`` take all of them.

An artist or a label without a name is shown as ``Artist 123`` and is found by that text, unless another one has it as
its name. Loading leaves the name of such a node away (decision 121). In statements, ``$name`` is a str; of artists and
labels, ``$id`` is a str or null: the id of the nameless one that is shown as ``$name``.
"""

from __future__ import annotations

from typing import Any

from apps.graph.reading import row
from apps.ingest.sources.discogs_ids import id_number

EXPLORE_ARTIST = """
MATCH (artist:Artist)
WHERE artist.name = $name OR artist.id = $id
WITH artist
ORDER BY size(artist.id), artist.id
LIMIT 1
RETURN artist.id AS id, coalesce(artist.name, 'Artist ' + artist.id) AS name,
    COUNT { (artist)<-[:BY]-(:Release) } AS releases,
    COUNT {
        MATCH (artist)<-[:BY]-(:Release)-[:ON]->(label:Label)
        RETURN DISTINCT label
    } AS labels,
    COUNT {
        MATCH (artist)-[:ALIAS_OF]->(other:Artist)
        RETURN other
        UNION
        MATCH (artist)-[:MEMBER_OF]-(other:Artist)
        RETURN other
    } AS aliases
"""

EXPLORE_GENRE = """
MATCH (genre:Genre {name: $name})
RETURN genre.name AS id, genre.name AS name,
    coalesce(genre.release_count, 0) AS releases,
    coalesce(genre.artist_count, 0) AS artists,
    coalesce(genre.label_count, 0) AS labels,
    coalesce(genre.style_count, 0) AS styles
"""

EXPLORE_STYLE = """
MATCH (style:Style {name: $name})
RETURN style.name AS id, style.name AS name,
    coalesce(style.release_count, 0) AS releases,
    coalesce(style.artist_count, 0) AS artists,
    coalesce(style.label_count, 0) AS labels,
    coalesce(style.genre_count, 0) AS genres
"""

# ``releases`` is null on a label that maintenance has not come to yet: COUNT_LABEL counts it.
EXPLORE_LABEL = """
MATCH (label:Label)
WHERE label.name = $name OR label.id = $id
WITH label
ORDER BY size(label.id), label.id
LIMIT 1
RETURN label.id AS id, coalesce(label.name, 'Label ' + label.id) AS name,
    label.release_count AS releases, label.artist_count AS artists, label.genre_count AS genres
"""

# $id: str.
COUNT_LABEL = """
MATCH (label:Label {id: $id})
RETURN COUNT { (label)<-[:ON]-(:Release) } AS releases,
    COUNT {
        MATCH (label)<-[:ON]-(:Release)-[:BY]->(artist:Artist)
        RETURN DISTINCT artist
    } AS artists,
    COUNT {
        MATCH (label)<-[:ON]-(:Release)-[:IS]->(genre:Genre)
        RETURN DISTINCT genre
    } AS genres
"""

ARTIST_OF_NAME = """
MATCH (artist:Artist)
WHERE artist.name = $name OR artist.id = $id
RETURN artist.id AS id
ORDER BY size(id), id
LIMIT 1
"""

LABEL_OF_NAME = """
MATCH (label:Label)
WHERE label.name = $name OR label.id = $id
RETURN label.id AS id
ORDER BY size(id), id
LIMIT 1
"""

# $id: str.
NODE_ARTIST = """
MATCH (artist:Artist {id: $id})
RETURN artist.id AS id, coalesce(artist.name, 'Artist ' + artist.id) AS name,
    COLLECT {
        MATCH (artist)<-[:BY]-(:Release)-[:IS]->(genre:Genre)
        RETURN DISTINCT genre.name AS name
        ORDER BY name
    } AS genres,
    COLLECT {
        MATCH (artist)<-[:BY]-(:Release)-[:IS]->(style:Style)
        RETURN DISTINCT style.name AS name
        ORDER BY name
    } AS styles,
    COUNT { (artist)<-[:BY]-(:Release) } AS release_count,
    COLLECT {
        MATCH (artist)-[:MEMBER_OF]->(group:Artist)
        RETURN DISTINCT coalesce(group.name, 'Artist ' + group.id) AS name
        ORDER BY name
    } AS groups
"""

# $id: str.
NODE_RELEASE = """
MATCH (release:Release {id: $id})
RETURN release.id AS id, coalesce(release.title, '') AS name, release.year AS year,
    COLLECT {
        MATCH (release)-[:BY]->(artist:Artist)
        RETURN DISTINCT coalesce(artist.name, 'Artist ' + artist.id) AS name
        ORDER BY name
    } AS artists,
    COLLECT {
        MATCH (release)-[:ON]->(label:Label)
        RETURN DISTINCT coalesce(label.name, 'Label ' + label.id) AS name
        ORDER BY name
    } AS labels,
    COLLECT {
        MATCH (release)-[:IS]->(genre:Genre)
        RETURN genre.name AS name
        ORDER BY name
    } AS genres,
    COLLECT {
        MATCH (release)-[:IS]->(style:Style)
        RETURN style.name AS name
        ORDER BY name
    } AS styles
"""

# $id: str.
NODE_LABEL = """
MATCH (label:Label {id: $id})
RETURN label.id AS id, coalesce(label.name, 'Label ' + label.id) AS name,
    COUNT { (label)<-[:ON]-(:Release) } AS release_count
"""

# $id: str, the name. The figure is that of maintenance, which counts the artists of its releases.
NODE_GENRE = """
MATCH (genre:Genre {name: $id})
RETURN genre.name AS id, genre.name AS name, coalesce(genre.artist_count, 0) AS artist_count
"""

# $id: str, the name.
NODE_STYLE = """
MATCH (style:Style {name: $id})
RETURN style.name AS id, style.name AS name, coalesce(style.artist_count, 0) AS artist_count
"""


NAMELESS_ARTIST = """
MATCH (artist:Artist {id: $id})
WHERE artist.name IS NULL AND NOT EXISTS { (:Artist {name: $name}) }
RETURN artist.id AS id
"""

NAMELESS_LABEL = """
MATCH (label:Label {id: $id})
WHERE label.name IS NULL AND NOT EXISTS { (:Label {name: $name}) }
RETURN label.id AS id
"""


STATEMENTS = {"artist": NAMELESS_ARTIST, "label": NAMELESS_LABEL}


def get_shown_name(kind: str, id_: str, name: str | None) -> str:
    """Return the name to show: the entity's own, else ``Artist 123`` if it is an artist or a label."""
    return name or (f"{kind.capitalize()} {id_}" if kind in STATEMENTS else "")


def find_nameless(kind: str, name: str) -> str | None:
    """Return the id of the nameless artist or label that is shown as a text; None if there is none.

    None as well if another one has the text as its name.
    """
    id_ = name.removeprefix(f"{kind.capitalize()} ")
    if kind not in STATEMENTS or id_ == name or id_number(id_) is None:
        return None
    return id_ if row(STATEMENTS[kind], id=id_, name=name) else None


def make_keys(kind: str, name: str | None, id_: str | None = None) -> dict[str, Any]:
    """Return the parameters ``name`` and ``id`` by which statements find an entity.

    With ``id_`` it is found by that (the id of a genre or a style is its name), else by the name that is shown.
    """
    if id_ is None:
        return {"name": name, "id": find_nameless(kind, name or "")}
    return {"name": None, "id": id_} if kind in STATEMENTS else {"name": id_, "id": None}


Entity = dict[str, Any]

EXPLORE = {
    "artist": EXPLORE_ARTIST,
    "genre": EXPLORE_GENRE,
    "label": EXPLORE_LABEL,
    "style": EXPLORE_STYLE,
}
NODE = {
    "artist": NODE_ARTIST,
    "release": NODE_RELEASE,
    "label": NODE_LABEL,
    "genre": NODE_GENRE,
    "style": NODE_STYLE,
}
OF_NAME = {"artist": ARTIST_OF_NAME, "label": LABEL_OF_NAME}
# What can be expanded from an entity, in the order of the answer.
CATEGORIES = {
    "artist": ("releases", "labels", "aliases"),
    "genre": ("releases", "artists", "labels", "styles"),
    "label": ("releases", "artists", "genres"),
    "style": ("releases", "artists", "labels", "genres"),
}
KINDS = tuple(CATEGORIES)
CHILDREN = tuple(dict.fromkeys(category for kind in KINDS for category in CATEGORIES[kind]))
CHILD_KINDS = (*KINDS, "release")


def explore_entity(kind: str, name: str | None, id_: str | None = None) -> Entity | None:
    """Return an entity by its id or its exact name, ``{id, name, …}`` with a count for each of its categories.

    If several share the name, the one of the smallest id.
    """
    found = row(EXPLORE[kind], **make_keys(kind, name, id_))
    if found is not None and found["releases"] is None:
        found |= row(COUNT_LABEL, id=found["id"]) or dict.fromkeys(CATEGORIES["label"], 0)
    return found


def get_node(kind: str, node_id: str) -> Entity | None:
    """Return an entity by its id, a genre or a style by its name, as a panel shows it.

    Artists and labels are found by name as well, if it is not an id: if several share it, the smallest id.
    """
    # An artist may be named "311". Its id wins, as the contract has it: a name that is a number is found by search.
    if kind in OF_NAME and id_number(node_id) is None:
        named = find_id(kind, node_id)
        if named is None:
            return None
        node_id = named
    return row(NODE[kind], id=node_id)


def find_id(kind: str, name: str) -> str | None:
    """Return the id of an entity by its exact name, the smallest if several share it; None if there is none.

    The id of a genre or a style is its name, whether it exists or not.
    """
    if kind not in OF_NAME:
        return name
    found = row(OF_NAME[kind], **make_keys(kind, name))
    return found["id"] if found else None
