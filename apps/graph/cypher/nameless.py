"""Cypher of artists and labels that have no name, which are shown by their id.

$id: str; $name: str, what such an entity is shown as.
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
