"""Requests of browsers from other origins (docs/contract/rest.md#headers)."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

METHODS = ("GET", "POST", "PUT", "DELETE", "OPTIONS")
# Those that a browser sends without asking, then those that we allow.
HEADERS = {"accept", "accept-language", "content-language", "content-type", "authorization"}
MAX_AGE_SECONDS = 600


def answer_preflight(request: HttpRequest) -> HttpResponse | None:
    """Return the answer to a preflight, None if the request is none."""
    origin = request.headers.get("Origin")
    method = request.headers.get("Access-Control-Request-Method")
    if request.method != "OPTIONS" or origin is None or method is None:
        return None
    asked = request.headers.get("Access-Control-Request-Headers", "").lower().split(",")
    refused = [
        name
        for name, is_allowed in (
            ("origin", origin in settings.CORS_ORIGINS),
            ("method", method in METHODS),
            ("headers", {each.strip() for each in asked if each.strip()} <= HEADERS),
        )
        if not is_allowed
    ]
    if refused:
        return HttpResponse(
            f"Disallowed CORS {', '.join(refused)}", status=400, content_type="text/plain; charset=utf-8"
        )
    response = HttpResponse("OK", content_type="text/plain; charset=utf-8")
    response["Access-Control-Allow-Methods"] = ", ".join(METHODS)
    response["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
    response["Access-Control-Max-Age"] = str(MAX_AGE_SECONDS)
    return response


def allow_origin(request: HttpRequest, response: HttpResponse) -> None:
    """Let an allowed origin read the answer; tell caches in either case that it depends on the origin."""
    patch_vary_headers(response, ("Origin",))
    origin = request.headers.get("Origin", "")
    if origin in settings.CORS_ORIGINS:
        response["Access-Control-Allow-Origin"] = origin
