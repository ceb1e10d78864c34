"""The graph as sets of tuples, so that a failure prints the difference."""

from __future__ import annotations

import json
from typing import Any

from neo4j import Session

EDGES = """
MATCH (start)-[edge]->(end)
WHERE type(edge) = $type
RETURN coalesce(start.id, start.name) AS start, coalesce(end.id, end.name) AS end, properties(edge) AS properties
"""
NODES = """
MATCH (node)
WHERE $label IN labels(node)
RETURN coalesce(node.id, node.name) AS key, properties(node) AS properties
"""
EVERYTHING = """
MATCH (node)
OPTIONAL MATCH (node)-[edge]->(end)
RETURN labels(node)[0] AS label, coalesce(node.id, node.name) AS key, properties(node) AS properties,
    type(edge) AS type, coalesce(end.id, end.name) AS end, properties(edge) AS edge
"""


def edges(graph: Session, type_: str, *marks: str) -> set[tuple[Any, ...]]:
    """Return (start, end, value of each property asked for) of all relationships of a type; none may be there twice."""
    found = [
        (record["start"], record["end"], *(record["properties"].get(mark) for mark in marks))
        for record in graph.run(EDGES, type=type_)
    ]
    assert len(found) == len(set(found)), found
    return set(found)


def nodes(graph: Session, label: str) -> dict[str, dict[str, Any]]:
    return {record["key"]: record["properties"] for record in graph.run(NODES, label=label)}


def read_all(graph: Session) -> list[str]:
    """Return all that the graph holds, in order; that of properties means nothing."""
    return sorted(json.dumps(record.data(), sort_keys=True, default=str) for record in graph.run(EVERYTHING))
