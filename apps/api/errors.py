"""What every error becomes: one of the two families of the contract, or a list of invalid parameters.

Endpoints raise DRF's exceptions, or those of the stores; here alone they become bodies.

Contract: docs/contract/rest.md#errors.
"""

from __future__ import annotations

import logging
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from rest_framework import exceptions

from apps.api.responses import reply
from apps.api.validation import Invalid
from apps.catalog.reading import TablesTimeOut
from apps.graph.reading import GraphAway, GraphTimeOut

logger = logging.getLogger(__name__)

NOT_READY = "Service not ready"


class NotEnough(exceptions.APIException):
    """There is too little, or too much, of something to work an answer out."""

    status_code = 422


class NotAvailable(exceptions.APIException):
    """An endpoint needs something that is not set up here."""

    status_code = 503


class Exceeded(exceptions.APIException):
    """A client asked too often."""

    status_code = 429


def handle_error(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """Return the answer to an error of an endpoint; None if it is a bug, which nobody is told about but the log.

    ``family`` of an endpoint is the key of the body: ``error`` or ``detail``.
    """
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
        return answer_error(error, family)
    return None


def answer_error(error: exceptions.APIException, family: str) -> HttpResponse:
    """Return the answer to an error that an endpoint raised on purpose."""
    if isinstance(error, Exceeded):
        family = "error"
    elif isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed | exceptions.PermissionDenied):
        family = "detail"
    response = reply({family: str(error.detail)}, error.status_code)
    if challenge := getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = challenge
    return response
