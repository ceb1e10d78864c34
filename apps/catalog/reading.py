"""Reading the tables for people who wait: every statement has a limit of time."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import InterfaceError, OperationalError, connection, transaction

logger = logging.getLogger(__name__)

SET_TIME_LIMIT = "SELECT set_config('statement_timeout', %s, true)"

Rows = list[tuple[Any, ...]]


class TablesTimeOut(Exception):  # noqa: N818 - what happened is no error of the program
    """A statement did not end within its limit."""


@contextmanager
def limited(seconds: float) -> Iterator[Any]:
    """Yield a cursor in a transaction; each of its statements may take ``seconds``. Inside another one, in that one.

    Raises:
        TablesTimeOut: a statement took longer.
        OperationalError, InterfaceError: PostgreSQL does not answer.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(SET_TIME_LIMIT, [str(int(seconds * 1000))])
            yield cursor
    except OperationalError as error:
        if isinstance(error.__cause__, psycopg.errors.QueryCanceled):
            raise TablesTimeOut(f"{seconds} seconds") from error
        raise


def rows(statement: str, *, seconds: float, **parameters: Any) -> Rows:
    """Return what a statement finds, within ``seconds``.

    Raises:
        TablesTimeOut: it takes longer.
        OperationalError, InterfaceError: PostgreSQL does not answer.
    """
    with limited(seconds) as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def rows_if_there(statement: str, *, seconds: float, **parameters: Any) -> Rows | None:
    """Return what a statement finds, within ``seconds``; None if PostgreSQL does not answer: the caller does without.

    Raises:
        TablesTimeOut: it takes longer.
    """
    try:
        return rows(statement, seconds=seconds, **parameters)
    except (OperationalError, InterfaceError) as error:
        logger.warning("what was counted cannot be read: %s", error)
        return None
