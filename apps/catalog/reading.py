"""Reading the tables for people who wait: every statement has a limit of time."""

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
    """A statement did not end within its limit."""


def rows(statement: str, *, seconds: float, **parameters: Any) -> Rows:
    """Return what a statement finds, within ``seconds``.

    Raises:
        TablesTimeOut: it takes longer.
        OperationalError, InterfaceError: PostgreSQL does not answer.
    """
    with timing_out(seconds), connection.cursor() as cursor:
        # Statements of one message are one transaction: one trip to the server, and not four.
        cursor.execute(f"{time_limit(seconds)}; {statement}", parameters)
        cursor.nextset()
        return list(cursor.fetchall())


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Let each statement of a transaction take ``seconds``.

    Raises:
        TablesTimeOut: a statement took longer.
        OperationalError, InterfaceError: PostgreSQL does not answer.
    """
    with timing_out(seconds), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(time_limit(seconds))
        yield


def time_limit(seconds: float) -> str:
    """Return the statement that sets the limit of those behind it in a transaction."""
    return f"SET LOCAL statement_timeout = {int(seconds * 1000)}"


@contextmanager
def timing_out(seconds: float) -> Iterator[None]:
    """Tell a statement that took too long from a server that does not answer."""
    try:
        yield
    except OperationalError as error:
        if isinstance(error.__cause__, psycopg.errors.QueryCanceled):
            raise TablesTimeOut(f"{seconds} seconds") from error
        raise


def rows_if_there(statement: str, *, seconds: float, **parameters: Any) -> Rows | None:
    """Return what a statement finds, within ``seconds``; None if PostgreSQL does not answer: the caller does without.

    None as well where a text has a NUL, which PostgreSQL refuses and the graph does not.

    Raises:
        TablesTimeOut: it takes longer.
    """
    if any(map(has_nul, parameters.values())):
        return None
    try:
        return rows(statement, seconds=seconds, **parameters)
    except (OperationalError, InterfaceError) as error:
        logger.warning("what was counted cannot be read: %s", error)
        return None


def has_nul(value: Any) -> bool:
    """Tell whether a parameter is a text, or a list with one, that PostgreSQL refuses."""
    return any(map(has_nul, value)) if isinstance(value, list) else isinstance(value, str) and "\0" in value
