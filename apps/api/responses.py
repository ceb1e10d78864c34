"""What is sent: JSON, and the body that each error becomes.

Endpoints raise DRF's exceptions, those below, or those of the stores; ``handle_error`` alone makes bodies of them.

Contract: docs/contract/rest.md#errors.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from functools import cache
from typing import Any

import orjson
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from rest_framework import exceptions
from rest_framework.serializers import Serializer

from apps.api.parameters import Invalid
from apps.catalog.reading import TablesTimeOut
from apps.graph.reading import GraphAway, GraphTimeOut

JSON = "application/json"


def encode(data: Any) -> bytes:
    """Return data as JSON."""
    return orjson.dumps(data)


def encode_as(output: type[Serializer[Any]], data: Any) -> bytes:
    """Return data as JSON, in the shape of a serializer."""
    return encode(get_serializer(output).to_representation(data))


@cache
def get_serializer(output: type[Serializer[Any]]) -> Serializer[Any]:
    """Return the one instance of a serializer: making its fields takes longer than using them."""
    return output()


def reply(data: Any, status: int = 200) -> HttpResponse:
    """Return an answer with data as its body."""
    return HttpResponse(encode(data), status=status, content_type=JSON)


def format_utc(at: datetime) -> str:
    """Return a time in ISO 8601, with ``Z`` for UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


logger = logging.getLogger(__name__)

NOT_READY = "Service not ready"
# After which a client may ask again for what is away.
RETRY_SECONDS = 5


class NotEnough(exceptions.APIException):
    """There is too little, or too much, of something to compute an answer."""

    status_code = 422


class NotAvailable(exceptions.APIException):
    """An endpoint needs something that is not set up or is away."""

    status_code = 503


class Conflict(exceptions.APIException):
    """Something else has to end first."""

    status_code = 409


class TooLarge(exceptions.APIException):
    """A body has more bytes than are taken."""

    status_code = 413


class BadGateway(exceptions.APIException):
    """Another site does not answer, or not as it should."""

    status_code = 502


class Exceeded(exceptions.APIException):
    """A client exceeded a rate limit."""

    status_code = 429


def handle_error(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """Return the answer to an error of an endpoint; None if it is a bug, which only the log tells.

    The endpoint's ``family`` is the key of the body: ``error`` or ``detail``.
    """
    response = make_answer(error, context)
    if response is not None and response.status_code == 503:
        response["Retry-After"] = str(RETRY_SECONDS)
    return response


def make_answer(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """Return status and body of the answer to an error."""
    family = getattr(context["view"], "family", "detail")
    if isinstance(error, Invalid):
        return reply({"detail": error.entries}, 422)
    if isinstance(error, GraphTimeOut | TablesTimeOut):
        logger.warning("a query hit its limit: %s", error)
        return reply({family: "The query timed out: try a narrower one"}, 504)
    if isinstance(error, GraphAway | OperationalError | InterfaceError):
        logger.warning("a store is away: %s", error)
        return reply({family: NOT_READY}, 503)
    if isinstance(error, exceptions.APIException):
        if error.status_code in getattr(context["view"], "detail_errors", ()):
            family = "detail"
        return answer_error(error, family)
    return None


def answer_error(error: exceptions.APIException, family: str) -> HttpResponse:
    """Return the answer to an exception of DRF."""
    if isinstance(error, Exceeded):
        family = "error"
    elif isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed | exceptions.PermissionDenied):
        family = "detail"
    response = reply({family: str(error.detail)}, error.status_code)
    if challenge := getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = challenge
    return response
