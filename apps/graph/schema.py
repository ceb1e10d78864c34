"""The graph's constraints and indexes: constraints before the first node, indexes after a first load."""

from collections.abc import Iterable

from django.conf import settings
from neo4j import Session

from apps.graph.cypher import schema as cypher

# An index over all releases of a full dump takes minutes to fill, on a slow disk an hour.
AWAIT_SECONDS = 6 * 60 * 60


def create_constraints(session: Session) -> None:
    """Create the unique constraints that are missing; returns when their indexes are online."""
    _create(session, cypher.CONSTRAINTS)


def create_indexes(session: Session) -> None:
    """Create the range and full-text indexes that are missing; returns when they are online.

    ``NEO4J_LEGACY_INDEXES`` adds those on ``sha256``.
    """
    legacy = cypher.LEGACY_INDEXES if getattr(settings, "NEO4J_LEGACY_INDEXES", False) else ()
    _create(session, cypher.RANGE_INDEXES + cypher.FULLTEXT_INDEXES + legacy)


def _create(session: Session, statements: Iterable[str]) -> None:
    for statement in statements:
        session.run(statement).consume()
    session.run(cypher.AWAIT_INDEXES, seconds=AWAIT_SECONDS).consume()
