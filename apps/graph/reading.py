"""Read the graph for requests: every query has a time limit, and a server that is away is an error at once.

Unlike the loaders' sessions, these do not retry for long.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, LiteralString

from django.conf import settings
from neo4j import Query
from neo4j.exceptions import ClientError, DriverError, ServiceUnavailable, SessionExpired, TransientError

from apps.graph import session

TIMED_OUT = {
    "Neo.ClientError.Transaction.TransactionTimedOut",
    "Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration",
}
NO_INDEX = "no such fulltext schema index"
# The second try is for a restarted server: an old connection breaks at its first use, and the driver then closes the
# other old ones too.
TRIES = 2


class GraphTimeOut(Exception):  # noqa: N818 - what happened is no error of the program
    """A query did not end within its time limit."""


class GraphAway(Exception):  # noqa: N818
    """Neo4j does not answer."""


Rows = list[dict[str, Any]]
_most_seconds: ContextVar[float | None] = ContextVar("most_seconds", default=None)


@contextmanager
def limit_seconds(seconds: float) -> Iterator[None]:
    """Within this context, no query takes longer than ``seconds``, whatever limit of its own it has."""
    token = _most_seconds.set(seconds)
    try:
        yield
    finally:
        _most_seconds.reset(token)


def rows(statement: LiteralString, *, seconds: float | None = None, **parameters: Any) -> Rows:
    """Return the rows of a statement, within ``seconds``, by default ``GRAPH_READ_SECONDS``.

    Raises:
        GraphTimeOut: The statement takes longer.
        GraphAway: Neo4j does not answer.
    """
    limits = (settings.GRAPH_READ_SECONDS if seconds is None else seconds, _most_seconds.get())
    query = Query(statement, timeout=min(each for each in limits if each is not None))
    for left in reversed(range(TRIES)):
        try:
            with session.reader() as opened:
                found = opened.run(query, parameters)
                names = found.keys()
                # Not Record.data(): it searches every value for nodes to convert, and no statement returns any.
                return [dict(zip(names, values, strict=True)) for values in found]
        except (ServiceUnavailable, SessionExpired) as error:
            if not left:
                raise GraphAway(str(error)) from error
        except (ClientError, TransientError) as error:
            if error.code in TIMED_OUT:
                raise GraphTimeOut(statement.strip().splitlines()[0]) from error
            if NO_INDEX in str(error):
                # Before the first load, the graph has no full-text index and nothing to find.
                return []
            raise
        except DriverError as error:
            raise GraphAway(str(error)) from error
    raise AssertionError


def row(statement: LiteralString, *, seconds: float | None = None, **parameters: Any) -> dict[str, Any] | None:
    """Return the first row of a statement, or None."""
    return next(iter(rows(statement, seconds=seconds, **parameters)), None)


def read_list(statement: LiteralString, *, seconds: float | None = None, **parameters: Any) -> list[Any]:
    """Return the list that is a statement's only value; empty if the statement returns no row.

    Used for many rows: each row of a result costs the driver more time than the server.
    """
    found = row(statement, seconds=seconds, **parameters)
    return list(*found.values()) if found else []


def ping() -> None:
    """Ask the server for nothing but an answer.

    Raises:
        GraphAway: Neo4j does not answer.
    """
    row("RETURN 1 AS one")
