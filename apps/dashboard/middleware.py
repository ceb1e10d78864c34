"""The request's id: in its log lines, in its answer, and taken over from the proxy in front."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

logger = logging.getLogger(__name__)

HEADER = "X-Request-ID"
# What we take over from outside must not fill the log.
SOUND = re.compile(r"[\w.:-]{1,64}\Z", re.ASCII)


class RequestIdMiddleware:
    """Binds ``request_id`` to every log line of a request, and says in one line what became of it.

    That line has the route and not the address: an address may name people or hold a secret.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        given = request.headers.get(HEADER, "")
        request_id = given if SOUND.match(given) else uuid.uuid4().hex
        began = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
            match = request.resolver_match
            logger.info(
                "request",
                extra={
                    "method": request.method,
                    "route": match.route if match else "",
                    "status": response.status_code,
                    "ms": round((time.perf_counter() - began) * 1000, 1),
                },
            )
        response[HEADER] = request_id
        return response
