"""Cypher that checks and completes a bulk load."""

# The numbers are kept by the server: nothing is scanned.
COUNT_NODES = """
CALL () {
    MATCH (node:Artist) RETURN count(node) AS nodes
    UNION ALL
    MATCH (node:Label) RETURN count(node) AS nodes
    UNION ALL
    MATCH (node:Master) RETURN count(node) AS nodes
    UNION ALL
    MATCH (node:Release) RETURN count(node) AS nodes
    UNION ALL
    MATCH (node:Genre) RETURN count(node) AS nodes
    UNION ALL
    MATCH (node:Style) RETURN count(node) AS nodes
    UNION ALL
    MATCH (node:Person) RETURN count(node) AS nodes
}
RETURN sum(nodes)
"""

# Those that records assert, and those that are derived from them.
COUNT_RELATIONSHIPS = """
MATCH ()-[edge:BY|ON|DERIVED_FROM|IS|CREDITED_ON|ALIAS_OF|MEMBER_OF|SUBLABEL_OF|SAME_AS|PART_OF]->()
RETURN count(edge)
"""

# $rows: [id]. Releases whose only format has an empty name.
SET_BLANK_FORMATS = """
UNWIND $rows AS id
MATCH (release:Release {id: id})
SET release.formats = ['']
"""
