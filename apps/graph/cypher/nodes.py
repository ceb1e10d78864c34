"""Cypher for the nodes that must exist before any relationship, by their keys alone.

``(:Artist {id})``, ``(:Label {id})`` and ``(:Master {id})``, where ``id`` is the Discogs id, a string of digits, and
``(:Genre {name})``, ``(:Style {name})`` and ``(:Person {name})``. What else a record says of its node is set when it is
linked: chunks are loaded in any order, and an id may stand in two of them.
"""

# $rows: [id: str], ascending by number. A repeat changes nothing.
MERGE_ARTISTS = """
UNWIND $rows AS id
MERGE (:Artist {id: id})
"""

# $rows: [id: str], ascending by number.
MERGE_LABELS = """
UNWIND $rows AS id
MERGE (:Label {id: id})
"""

# $rows: [id: str], ascending by number.
MERGE_MASTERS = """
UNWIND $rows AS id
MERGE (:Master {id: id})
"""

# $rows: [name: str], ascending.
MERGE_GENRES = """
UNWIND $rows AS name
MERGE (:Genre {name: name})
"""

# $rows: [name: str], ascending.
MERGE_STYLES = """
UNWIND $rows AS name
MERGE (:Style {name: name})
"""

# $rows: [name: str], ascending. Without credit_count a person is due to be counted again by maintenance.
MERGE_PEOPLE = """
UNWIND $rows AS name
MERGE (person:Person {name: name})
ON MATCH SET person.credit_count = null
"""
