"""The request's id: in its log lines and in its answer; a proxy in front may set it."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager

import structlog
from django.http import HttpRequest, HttpResponse

logger = logging.getLogger(__name__)

HEADER = "X-Request-ID"
# An id from outside must not fill the log.
SOUND = re.compile(r"[\w.:-]{1,64}\Z", re.ASCII)


class RequestIdMiddleware:
    """Binds ``request_id`` to every log line of a request, and logs its outcome in one line.

    That line has the route, not the address: an address may name people or hold a secret.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        request_id = identify(request.headers.get(HEADER, ""))
        began = time.perf_counter()
        with bind_request_id(request_id):
            response = self.get_response(request)
            match = request.resolver_match
            log_request(request.method, match.route if match else "", response.status_code, time.perf_counter() - began)
        response[HEADER] = request_id
        return response


def identify(given: str) -> str:
    """Return the id of a request: the given one if it is well-formed, else a new one."""
    return given if SOUND.match(given) else uuid.uuid4().hex


def bind_request_id(request_id: str) -> AbstractContextManager[None]:
    """Within this context, put an id in every log line."""
    return structlog.contextvars.bound_contextvars(request_id=request_id)


def log_request(method: str | None, route: str, status: int, seconds: float) -> None:
    """Log the outcome of a request."""
    logger.info("request", extra={"method": method, "route": route, "status": status, "ms": round(seconds * 1000, 1)})
