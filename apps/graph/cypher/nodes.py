"""Cypher for the nodes that records make before any relationship.

``(:Artist {id, name, resource_url, releases_url})``, ``(:Label {id, name})``, ``(:Master {id, title, year})``,
``(:Genre {name})``, ``(:Style {name})`` and ``(:Person {name})``.

``id`` is the Discogs id, a string of digits. Rows have the record's ``sha256`` as well: the writer tells by it whether
they are still true. No node gets it here, because on a node it says that it is linked.
"""

# $rows: [{id: str, name: str | null}], ids ascending. A repeat changes nothing.
UPSERT_ARTISTS = """
UNWIND $rows AS row
MERGE (artist:Artist {id: row.id})
SET artist.name = row.name,
    artist.resource_url = 'https://api.discogs.com/artists/' + row.id,
    artist.releases_url = 'https://api.discogs.com/artists/' + row.id + '/releases'
"""

# $rows: [{id: str, name: str | null}], ids ascending.
UPSERT_LABELS = """
UNWIND $rows AS row
MERGE (label:Label {id: row.id})
SET label.name = row.name
"""

# $rows: [{id: str, title: str | null, year: int | null}], ids ascending.
UPSERT_MASTERS = """
UNWIND $rows AS row
MERGE (master:Master {id: row.id})
SET master.title = row.title, master.year = row.year
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
