"""Errors outside the API: a page for browsers, JSON for programs.

The page needs neither a store nor a static file, so it works while they are away. It is public, so it does not
reveal the setup of the site.
"""

from __future__ import annotations

import sys
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader

from apps.api.responses import reply

RETRY_SECONDS = 30
# Its styles are in the page itself.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def answer_bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Answer 400, as for an unknown host."""
    return answer_error(request, 400, "Bad Request", "This request makes no sense here.", "Check the address.")


def answer_forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Answer 403."""
    return answer_error(request, 403, "Forbidden", "This is not for you.", "Log in as somebody who may see it.")


def answer_expired_form(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """Answer 403 to a form whose CSRF token is missing or expired."""
    advice = "Go back, reload the page and send the form again. Cookies must be allowed for this site."
    return answer_error(request, 403, "CSRF verification failed", "This form has expired.", advice)


def answer_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Answer 404."""
    return answer_error(
        request, 404, "Not Found", "There is nothing here.", "Check the address, or begin at the first page."
    )


def answer_failure(request: HttpRequest) -> HttpResponse:
    """Answer 500 after a bug, 503 while PostgreSQL is away."""
    # Django calls this within the ``except`` of the request, and gives no argument that says what failed.
    if isinstance(sys.exception(), OperationalError | InterfaceError):
        response = answer_error(
            request, 503, "Service not ready", "The database does not answer.", "Try again in a minute."
        )
        response["Retry-After"] = str(RETRY_SECONDS)
        return response
    request_id = structlog.contextvars.get_contextvars().get("request_id", "")
    return answer_error(request, 500, "Internal Server Error", "Something broke.", "", request_id=request_id)


def answer_error(request: HttpRequest, status: int, detail: str, title: str, advice: str, **more: Any) -> HttpResponse:
    """Return an error as HTML if the client accepts that, else as JSON."""
    if "text/html" not in request.headers.get("Accept", ""):
        response = reply({"detail": detail}, status)
    else:
        # Without the request: its context processors would query the stores.
        page = loader.get_template("errors.html").render({"status": status, "title": title, "advice": advice, **more})
        response = HttpResponse(page, status=status)
        response["Content-Security-Policy"] = POLICY
    response["Vary"] = "Accept"
    # An error must not outlive its cause in a cache on the way.
    response["Cache-Control"] = "no-store"
    return response
