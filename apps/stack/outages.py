"""Explain in one line why a server cannot be used, and which setting or command helps."""

from __future__ import annotations

import re
from collections.abc import Iterator

import psycopg.errors
import redis
from django.db import InterfaceError, OperationalError, ProgrammingError
from kombu.exceptions import OperationalError as BrokerError
from neo4j.exceptions import AuthError, ConfigurationError, DriverError, Neo4jError
from urllib3.exceptions import NameResolutionError

POSTGRESQL_REFUSES = re.compile(r"authentication failed|no password supplied|no pg_hba\.conf entry|role \S+ does not")
BROKER_REFUSES = re.compile(r"username-password|authentication|NOAUTH|ACCESS_REFUSED", re.IGNORECASE)
# The beginning of urllib3's messages, which names classes and is cut off.
CONNECTION = re.compile(r"^(HTTPS?Connection\w*\([^)]*\)|<[\w.]+ object at 0x[0-9a-f]+>): ")
NOT_SET_UP = (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn, psycopg.errors.InvalidSchemaName)


def explain(error: BaseException) -> str | None:
    """Return why PostgreSQL, Neo4j or the broker cannot be used; None if the error is about something else."""
    for each in list_causes(error):
        if isinstance(each, OperationalError | InterfaceError):
            return explain_postgresql(each)
        if isinstance(each, ProgrammingError) and isinstance(each.__cause__, NOT_SET_UP):
            return f"The database is not set up: {get_first_line(each)}. manage.py schema_init does it"
        if isinstance(each, DriverError | Neo4jError):
            return explain_neo4j(each)
        if isinstance(each, BrokerError | redis.ConnectionError):
            return explain_broker(each)
    return None


def explain_postgresql(error: Exception) -> str:
    """Return why PostgreSQL cannot be used."""
    said = get_first_line(error)
    if POSTGRESQL_REFUSES.search(said):
        return f"PostgreSQL refuses the user or the password of DATABASE_URL: {said}"
    if re.search(r'database "[^"]*" does not exist', said):
        return f"PostgreSQL has no such database: {said}. Make it, or correct DATABASE_URL"
    return f"PostgreSQL does not answer: {said}. manage.py stack up starts one; DATABASE_URL names another"


def explain_neo4j(error: Exception) -> str:
    """Return why Neo4j cannot be used."""
    said = get_first_line(error)
    if isinstance(error, AuthError):
        return "Neo4j refuses the user or the password of NEO4J_URL"
    if isinstance(error, ConfigurationError):
        return f"NEO4J_URL cannot be used: {said}"
    return f"Neo4j does not answer: {said}. manage.py stack up starts one; NEO4J_URL names another"


def explain_broker(error: Exception) -> str:
    """Return why the broker, or the store of results, cannot be used."""
    said = get_first_line(error)
    if BROKER_REFUSES.search(said):
        return f"The broker refuses the user or the password: {said}. See CELERY_BROKER_URL and CELERY_RESULT_BACKEND"
    return f"The broker does not answer: {said}. manage.py stack up starts one; CELERY_BROKER_URL names another"


def explain_request(error: BaseException) -> str:
    """Return why a request to a site failed, without the names of Python classes."""
    while isinstance(inner := getattr(error, "reason", None) or (error.args or (None,))[0], Exception):
        error = inner
    said = CONNECTION.sub("", " ".join(str(error).split())) or type(error).__name__
    return f"{said}: is this computer online?" if isinstance(error, NameResolutionError) else said


def list_causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and its chain of causes."""
    while error is not None:
        yield error
        error = error.__cause__


def get_first_line(error: BaseException) -> str:
    """Return the first line of an error's text without a full stop; its class if it has none."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__).rstrip(".: ")
