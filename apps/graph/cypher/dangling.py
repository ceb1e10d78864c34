"""Cypher that turns dangling references into relationships. ``$rows``: [[record id, target id]]."""

from apps.graph.cypher import links

# MERGE, since the step may be repeated. A mark is set by the same statement that the record's own writer uses.
MERGE_RELEASE_BY = """
UNWIND $rows AS row
MATCH (release:Release {id: row[0]})
MATCH (artist:Artist {id: row[1]})
MERGE (release)-[:BY]->(artist)
"""

MERGE_MASTER_BY = """
UNWIND $rows AS row
MATCH (master:Master {id: row[0]})
MATCH (artist:Artist {id: row[1]})
MERGE (master)-[:BY]->(artist)
"""

MERGE_ON = """
UNWIND $rows AS row
MATCH (release:Release {id: row[0]})
MATCH (label:Label {id: row[1]})
MERGE (release)-[:ON]->(label)
"""

MERGE_DERIVED_FROM = """
UNWIND $rows AS row
MATCH (release:Release {id: row[0]})
MATCH (master:Master {id: row[1]})
MERGE (release)-[:DERIVED_FROM]->(master)
"""

MERGE_ALIAS_OF = """
UNWIND $rows AS row
MATCH (artist:Artist {id: row[0]})
MATCH (alias:Artist {id: row[1]})
MERGE (alias)-[:ALIAS_OF]->(artist)
"""

# $ids: [id]. Returns the ids that have a node: a record may be in its table and not yet in the graph.
FIND_ARTISTS = """
UNWIND $ids AS id
MATCH (artist:Artist {id: id})
RETURN artist.id
"""

# $ids: [id].
FIND_LABELS = """
UNWIND $ids AS id
MATCH (label:Label {id: id})
RETURN label.id
"""

# $ids: [id].
FIND_MASTERS = """
UNWIND $ids AS id
MATCH (master:Master {id: id})
RETURN master.id
"""

# $ids: [id].
FIND_RELEASES = """
UNWIND $ids AS id
MATCH (release:Release {id: id})
RETURN release.id
"""

FIND = {"artists": FIND_ARTISTS, "labels": FIND_LABELS, "masters": FIND_MASTERS, "releases": FIND_RELEASES}

# (type of the asserting record, relationship, the record's end of it) → statement
REVIVE = {
    ("releases", "BY", "out"): MERGE_RELEASE_BY,
    ("releases", "ON", "out"): MERGE_ON,
    ("releases", "DERIVED_FROM", "out"): MERGE_DERIVED_FROM,
    ("masters", "BY", "out"): MERGE_MASTER_BY,
    ("artists", "ALIAS_OF", "in"): MERGE_ALIAS_OF,
    ("artists", "MEMBER_OF", "in"): links.MARK_MEMBERS,
    ("artists", "MEMBER_OF", "out"): links.MARK_GROUPS,
    ("labels", "SUBLABEL_OF", "out"): links.MARK_PARENTS,
    ("labels", "SUBLABEL_OF", "in"): links.MARK_SUBLABELS,
}
