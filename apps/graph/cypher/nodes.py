"""Cypher that creates nodes by their keys alone, before any relationship (decision 18).

``(:Artist {id})``, ``(:Label {id})`` and ``(:Master {id})``, where ``id`` is the Discogs id, a string of digits, and
``(:Genre {name})``, ``(:Style {name})`` and ``(:Person {name})``. Other properties are set when the record is linked,
because chunks are loaded in any order and two of them may hold the same id.
"""

# $rows: [id: str], ascending by number. This and the following statements are idempotent.
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

# $rows: [name: str], ascending. A person without credit_count is due to be counted by maintenance.
MERGE_PEOPLE = """
UNWIND $rows AS name
MERGE (person:Person {name: name})
ON MATCH SET person.credit_count = null
"""
