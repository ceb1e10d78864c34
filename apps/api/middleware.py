"""The way of a request to the API, apart from that of pages: no session, no cookie, no CSRF token.

So it needs PostgreSQL only where an endpoint does. Requests of browsers from other origins are answered as
docs/contract/rest.md#headers has it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils.cache import patch_vary_headers

from apps.api.responses import reply

logger = logging.getLogger(__name__)

ROUTES = "config.api"
HEALTH = "/health"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "geolocation=(), microphone=(), camera=()",
}


class ApiMiddleware:
    """Answers what is below ``/api/``, and ``/health``; everything else goes on to the pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        path = request.path_info
        if not path.startswith("/api/") and path.removesuffix("/") != HEALTH:
            return self.get_response(request)
        try:
            # Answers to no host but those of ALLOWED_HOSTS, as pages.
            request.get_host()
            response = answer_preflight(request) or answer_request(request)
        except SuspiciousOperation as error:
            # Its text is advice for the operator.
            logger.warning("a request was refused: %s", error)
            response = reply({"detail": "Bad Request"}, 400)
        except Exception:
            # The top of the way: whatever it is, the client learns no more than that.
            logger.exception("an endpoint failed")
            response = HttpResponse("Internal Server Error", status=500, content_type="text/plain; charset=utf-8")
            return set_content_length(response)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        allow_origin(request, response)
        return set_content_length(response)


def set_content_length(response: HttpResponse) -> HttpResponse:
    """Say how long a body is; otherwise the server would send it in pieces."""
    if response.status_code != 304:
        response.headers.setdefault("Content-Length", str(len(response.content)))
    return response


def answer_request(request: HttpRequest) -> HttpResponse:
    """Return what the endpoint of the request's path answers."""
    if has_slash_too_many(request):
        return redirect_without_slash(request)
    match = find_endpoint(request.path_info)
    if match is None:
        return answer_not_found()
    request.resolver_match = match
    response: HttpResponse = match.func(request, *match.args, **match.kwargs)
    return response


def find_endpoint(path: str) -> ResolverMatch | None:
    """Return the endpoint of a path, if there is one."""
    try:
        return resolve(path, ROUTES)
    except Resolver404:
        return None


def has_slash_too_many(request: HttpRequest) -> bool:
    """Tell whether a path ends with a slash that is no part of a name; that of a name is encoded."""
    raw = request.META.get("RAW_URI", request.path_info).partition("?")[0]
    return request.path_info.endswith("/") and not raw.upper().endswith("%2F")


def redirect_without_slash(request: HttpRequest) -> HttpResponse:
    """Send a client that added a slash to the path without it; method and body are to be the same."""
    bare = request.path_info[:-1]
    if bare.endswith("/") or find_endpoint(bare) is None:
        return answer_not_found()
    path, mark, query = request.get_full_path().partition("?")
    response = HttpResponse(status=307)
    del response["Content-Type"]
    response["Location"] = f"{request.scheme}://{request.get_host()}{path.removesuffix('/')}{mark}{query}"
    return response


def answer_not_found() -> HttpResponse:
    """Return the answer to a path below ``/api/`` that no endpoint has."""
    return reply({"detail": "Not Found"}, 404)


METHODS = ("GET", "POST", "PUT", "DELETE", "OPTIONS")
# Those that a browser sends without asking, then those that we allow.
ALLOWED_HEADERS = {"accept", "accept-language", "content-language", "content-type", "authorization"}
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
            ("headers", {each.strip() for each in asked if each.strip()} <= ALLOWED_HEADERS),
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
