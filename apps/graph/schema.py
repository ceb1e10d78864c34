"""Create the graph's constraints and indexes, as ``apps.graph.models`` declares them.

Constraints are created before the first node, since MERGE and MATCH use their indexes; other indexes follow after a
first load (decision 9). All statements have ``IF NOT EXISTS``, and nothing is ever dropped. neomodel could create them
too, but not under the names that existing readers of the graph use.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from neo4j import Session

from apps.graph import models
from apps.graph.cypher import schema as cypher

# To fill an index over all releases of a full dump takes minutes, on a slow disk an hour.
AWAIT_SECONDS = 6 * 60 * 60
# The indexes of years have these names in older graphs, and keep them.
NAMES = {
    "release_year": "release_year_index",
    "master_year": "master_year_index",
    "genre_first_year": "genre_first_year_index",
    "style_first_year": "style_first_year_index",
}
# For pages of a large genre's releases: the releases of a year in the order of their ids.
COMPOSITE = "CREATE INDEX release_year_id IF NOT EXISTS FOR (node:Release) ON (node.year, node.id)"
UNIQUE = "CREATE CONSTRAINT {name} IF NOT EXISTS FOR (node:{label}) REQUIRE node.{key} IS UNIQUE"
RANGE = "CREATE INDEX {name} IF NOT EXISTS FOR (node:{label}) ON (node.{key})"
RANGE_OF_RELATIONSHIPS = "CREATE INDEX {name} IF NOT EXISTS FOR ()-[edge:{label}]-() ON (edge.{key})"
FULLTEXT = "CREATE FULLTEXT INDEX {name} IF NOT EXISTS FOR (node:{label}) ON EACH [node.{key}]"


def create_constraints(session: Session) -> None:
    """Create the missing unique constraints and wait until their indexes are online. The call is idempotent."""
    _create(session, constraints())


def create_indexes(session: Session) -> None:
    """Create the missing range and full-text indexes and wait until they are online. The call is idempotent.

    ``NEO4J_LEGACY_INDEXES`` adds indexes on ``sha256``, which only readers of older graphs use.
    """
    _create(session, indexes())
    if settings.NEO4J_LEGACY_INDEXES:
        _create(session, legacy_indexes())


def constraints() -> Iterator[str]:
    """Yield the CREATE statement of each unique constraint."""
    return (statement(UNIQUE, label, key) for label, key, found in node_properties() if found.unique_index)


def indexes() -> Iterator[str]:
    """Yield the CREATE statement of each range index and each full-text index."""
    yield from (statement(RANGE, label, key) for label, key, found in node_properties() if found.index)
    yield COMPOSITE
    for declared in models.relationships():
        for key, found in properties(declared.model):
            if found.index:
                yield statement(RANGE_OF_RELATIONSHIPS, declared.type, key)
    for label, key, found in node_properties():
        if found.fulltext_index:
            yield statement(FULLTEXT, label, key, suffix="_fulltext")


def legacy_indexes() -> Iterator[str]:
    """Yield the CREATE statement of an index on ``sha256`` for each label of records."""
    return (statement(RANGE, label, key) for label, key, _ in node_properties() if key == "sha256")


def statement(template: str, label: str, key: str, suffix: str = "") -> str:
    """Return the statement that creates an index or a constraint on one property."""
    name = f"{label}_{key}".lower() + suffix
    return template.format(name=NAMES.get(name, name), label=label, key=key)


def node_properties() -> Iterator[tuple[str, str, Any]]:
    """Yield (label, name in the graph, declaration) of each property of all nodes."""
    for node in models.NODES:
        for key, found in properties(node):
            yield node.__label__, key, found


def properties(model: Any) -> Iterator[tuple[str, Any]]:
    """Yield (name in the graph, declaration) of each property of a class."""
    for name, found in model.defined_properties(aliases=False, rels=False).items():
        yield found.get_db_property_name(name), found


def _create(session: Session, statements: Iterable[str]) -> None:
    for each in statements:
        session.run(each).consume()
    session.run(cypher.AWAIT_INDEXES, seconds=AWAIT_SECONDS).consume()
