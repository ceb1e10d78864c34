"""Errors outside of the API: a page for people, JSON for programs.

The page needs neither a store nor a static file, so it is there when they are away. It says nothing of how the site is
set up, since anybody may see it.
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
    """Answer a request that makes no sense, such as one for a host that we are not."""
    return answer_error(request, 400, "Bad Request", "This request makes no sense here.", "Check the address.")


def answer_forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Answer somebody who may not see what was asked for."""
    return answer_error(request, 403, "Forbidden", "This is not for you.", "Log in as somebody who may see it.")


def answer_expired_form(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """Answer a form without the token that protects it from other sites."""
    advice = "Go back, reload the page and send the form again. Cookies must be allowed for this site."
    return answer_error(request, 403, "CSRF verification failed", "This form has expired.", advice)


def answer_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Answer a request for an address that nothing has."""
    return answer_error(
        request, 404, "Not Found", "There is nothing here.", "Check the address, or begin at the first page."
    )


def answer_failure(request: HttpRequest) -> HttpResponse:
    """Answer a request that failed: by a bug, or because PostgreSQL is away."""
    if isinstance(sys.exception(), OperationalError | InterfaceError):
        response = answer_error(
            request, 503, "Service not ready", "The database does not answer.", "Try again in a minute."
        )
        response["Retry-After"] = str(RETRY_SECONDS)
        return response
    request_id = structlog.contextvars.get_contextvars().get("request_id", "")
    return answer_error(request, 500, "Internal Server Error", "Something broke.", "", request_id=request_id)


def answer_error(request: HttpRequest, status: int, detail: str, title: str, advice: str, **more: Any) -> HttpResponse:
    """Return an error as HTML to whoever asks for that, else as JSON."""
    if "text/html" not in request.headers.get("Accept", ""):
        response = reply({"detail": detail}, status)
    else:
        # Without the request: what that would add to the page asks the stores.
        page = loader.get_template("errors.html").render({"status": status, "title": title, "advice": advice, **more})
        response = HttpResponse(page, status=status)
        response["Content-Security-Policy"] = POLICY
    response["Vary"] = "Accept"
    response["Cache-Control"] = "no-store"
    return response
