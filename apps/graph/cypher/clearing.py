"""Cypher that deletes everything that loads wrote. Each statement must run outside of a transaction."""

CLEAR_SHARED = """
MATCH (node:Artist|Label|Master|Genre|Style|Person)
CALL (node) { DETACH DELETE node } IN TRANSACTIONS OF 1000 ROWS
"""

CLEAR_RELEASES = """
MATCH (release:Release)
WHERE NOT EXISTS { (release)<-[:COLLECTED|WANTS]-(:User) }
CALL (release) { DETACH DELETE release } IN TRANSACTIONS OF 1000 ROWS
"""

CLEAR = (CLEAR_RELEASES, CLEAR_SHARED)
