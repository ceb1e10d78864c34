"""Reading the graph for people who wait: every query has a limit of time, and a server that is away is said at once.

Unlike the sessions of the loaders, nothing here retries for long.
"""

from __future__ import annotations

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
# A connection from before the server's restart breaks at its first use, and takes those beside it along.
TRIES = 2


class GraphTimeOut(Exception):  # noqa: N818 - what happened is no error of the program
    """A query did not end within its limit."""


class GraphAway(Exception):  # noqa: N818
    """Neo4j does not answer."""


Rows = list[dict[str, Any]]


def rows(statement: LiteralString, *, seconds: float | None = None, **parameters: Any) -> Rows:
    """Return what a statement finds, within ``seconds``, by default ``GRAPH_READ_SECONDS``.

    Raises:
        GraphTimeOut: it takes longer.
        GraphAway: Neo4j does not answer.
    """
    query = Query(statement, timeout=settings.GRAPH_READ_SECONDS if seconds is None else seconds)
    for left in reversed(range(TRIES)):
        try:
            with session.reader() as opened:
                found = opened.run(query, parameters)
                names = found.keys()
                # No statement returns nodes, which Record.data() would look for in every list and text.
                return [dict(zip(names, values, strict=True)) for values in found]
        except (ServiceUnavailable, SessionExpired) as error:
            if not left:
                raise GraphAway(str(error)) from error
        except (ClientError, TransientError) as error:
            if error.code in TIMED_OUT:
                raise GraphTimeOut(statement.strip().splitlines()[0]) from error
            if NO_INDEX in str(error):
                # A graph that nothing was loaded into yet has no index of words, and nothing to find.
                return []
            raise
        except DriverError as error:
            raise GraphAway(str(error)) from error
    raise AssertionError


def row(statement: LiteralString, *, seconds: float | None = None, **parameters: Any) -> dict[str, Any] | None:
    """Return the only row that a statement finds, None if there is none."""
    return next(iter(rows(statement, seconds=seconds, **parameters)), None)


def collected(statement: LiteralString, *, seconds: float | None = None, **parameters: Any) -> list[Any]:
    """Return the list that a statement collects, its only value; empty where ``rows`` finds nothing.

    For many rows, since each costs the driver more than the server.
    """
    found = row(statement, seconds=seconds, **parameters)
    return list(*found.values()) if found else []


def ping() -> None:
    """Ask the server for nothing but an answer.

    Raises:
        GraphAway: Neo4j does not answer.
    """
    row("RETURN 1 AS one")
