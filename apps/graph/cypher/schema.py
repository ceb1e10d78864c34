"""Cypher that waits for the graph's indexes, and asks whether it is empty. ``apps.graph.schema`` creates them."""

# $seconds: int. Returns when all indexes serve queries; raises when one failed or the time is over.
AWAIT_INDEXES = "CALL db.awaitIndexes($seconds)"

# One row if the graph has a node.
ANY_NODE = """
MATCH (node)
RETURN 1 AS one
LIMIT 1
"""
