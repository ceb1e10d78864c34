"""Cypher that waits for the graph's indexes, and tells whether the graph is empty."""

# $seconds: int. Returns when all indexes are online; raises if one failed or the time is over.
AWAIT_INDEXES = "CALL db.awaitIndexes($seconds)"

# One row if the graph has a node.
ANY_NODE = """
MATCH (node)
RETURN 1 AS one
LIMIT 1
"""
