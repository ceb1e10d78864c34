"""Cypher that deletes the nodes of removed records. ``$ids``: [id].

The assertions of other records about the nodes are read first. Then the nodes are deleted with all relationships.
"""

# Each statement returns one row for each node: lists of the ids of records that assert a relationship with it.
READ_ARTISTS = """
UNWIND $ids AS id
MATCH (gone:Artist {id: id})
RETURN id,
    [(other:Release)-[:BY]->(gone) | other.id] AS releases_by,
    [(other:Master)-[:BY]->(gone) | other.id] AS masters_by,
    [(gone)-[:ALIAS_OF]->(other:Artist) | other.id] AS aliases,
    [(gone)-[edge:MEMBER_OF]->(other:Artist) WHERE edge.by_target | other.id] AS members,
    [(other:Artist)-[edge:MEMBER_OF]->(gone) WHERE edge.by_source | other.id] AS groups
"""

READ_LABELS = """
UNWIND $ids AS id
MATCH (gone:Label {id: id})
RETURN id,
    [(other:Release)-[:ON]->(gone) | other.id] AS labels,
    [(other:Label)-[edge:SUBLABEL_OF]->(gone) WHERE edge.by_source | other.id] AS parents,
    [(gone)-[edge:SUBLABEL_OF]->(other:Label) WHERE edge.by_target | other.id] AS sublabels
"""

READ_MASTERS = """
UNWIND $ids AS id
MATCH (gone:Master {id: id})
RETURN id, [(other:Release)-[:DERIVED_FROM]->(gone) | other.id] AS masters
"""

# Marks the people that the releases credit as due, so that maintenance counts them again.
UNCOUNT_PEOPLE = """
UNWIND $ids AS id
MATCH (person:Person)-[:CREDITED_ON]->(:Release {id: id})
SET person.credit_count = null
"""

DELETE_ARTISTS = """
UNWIND $ids AS id
MATCH (gone:Artist {id: id})
DETACH DELETE gone
"""

DELETE_LABELS = """
UNWIND $ids AS id
MATCH (gone:Label {id: id})
DETACH DELETE gone
"""

DELETE_MASTERS = """
UNWIND $ids AS id
MATCH (gone:Master {id: id})
DETACH DELETE gone
"""

# A release that a user collected or wants stays as a node. It loses the relationships that its record asserted, and
# sha256, since it is no longer linked.
KEEP_RELEASES = """
UNWIND $ids AS id
MATCH (gone:Release {id: id})
WHERE EXISTS { (gone)<-[:COLLECTED|WANTS]-(:User) }
SET gone.gone = true, gone.sha256 = null
WITH gone
MATCH (gone)-[edge:BY|ON|DERIVED_FROM|IS|CREDITED_ON]-()
DELETE edge
"""

DELETE_RELEASES = """
UNWIND $ids AS id
MATCH (gone:Release {id: id})
WHERE NOT EXISTS { (gone)<-[:COLLECTED|WANTS]-(:User) }
DETACH DELETE gone
"""
