"""Read the tables for requests: every statement has a time limit."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import InterfaceError, OperationalError, connection, transaction

logger = logging.getLogger(__name__)

Rows = list[tuple[Any, ...]]


class TablesTimeOut(Exception):  # noqa: N818 - what happened is no error of the program
    """A statement did not end within its time limit."""


def rows(statement: str, *, seconds: float, in_index_order: bool = False, **parameters: Any) -> Rows:
    """Return the rows of a statement, within ``seconds``.

    ``in_index_order``: for the first rows in the order of an index. The planner multiplies the shares of conditions
    that say nearly the same (a name and its beginning), expects few rows, and would read and sort all of them.

    Raises:
        TablesTimeOut: The statement takes longer.
        OperationalError, InterfaceError: PostgreSQL does not answer.
    """
    hint = "SET LOCAL enable_bitmapscan = off; " if in_index_order else ""
    with translate_timeout(seconds), connection.cursor() as cursor:
        # PostgreSQL runs several statements of one message as one transaction, which SET LOCAL needs. So this is one
        # round trip to the server, not four.
        cursor.execute(f"{time_limit(seconds)}; {hint}{statement}", parameters)
        while cursor.nextset():
            pass
        return list(cursor.fetchall())


@contextmanager
def limit_time(seconds: float) -> Iterator[None]:
    """Run the block in a transaction in which each statement may take ``seconds``.

    Raises:
        TablesTimeOut: A statement took longer.
        OperationalError, InterfaceError: PostgreSQL does not answer.
    """
    with translate_timeout(seconds), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(time_limit(seconds))
        yield


def time_limit(seconds: float) -> str:
    """Return the statement that sets the time limit for the following statements of a transaction."""
    return f"SET LOCAL statement_timeout = {int(seconds * 1000)}"


@contextmanager
def translate_timeout(seconds: float) -> Iterator[None]:
    """Turn the error of a statement that took too long into ``TablesTimeOut``; pass on other errors."""
    try:
        yield
    except OperationalError as error:
        if isinstance(error.__cause__, psycopg.errors.QueryCanceled):
            raise TablesTimeOut(f"{seconds} seconds") from error
        raise


def rows_if_there(statement: str, *, seconds: float, **parameters: Any) -> Rows | None:
    """Return the rows of a statement as ``rows``; None as a fallback if PostgreSQL does not answer.

    Also None if a parameter contains a NUL character, which PostgreSQL refuses and Neo4j does not.

    Raises:
        TablesTimeOut: The statement takes longer.
    """
    if any(map(has_nul, parameters.values())):
        return None
    try:
        return rows(statement, seconds=seconds, **parameters)
    except (OperationalError, InterfaceError) as error:
        logger.warning("what was counted cannot be read: %s", error)
        return None


def has_nul(value: Any) -> bool:
    """Tell whether a parameter is a text with a NUL character, or a list that contains one."""
    return any(map(has_nul, value)) if isinstance(value, list) else isinstance(value, str) and "\0" in value
