"""The way of a request to the API before its endpoint, apart from that of pages: no session, no cookie, no CSRF token.

First ``Repeats``, a WSGI application in front of Django: a request that was answered a moment ago gets the same bytes
again. An endpoint without a login offers its answer (``offer_answer``) to every client that sends the same request.
What belongs to one request is made anew: its id, its line in the log, its rate limit headers. Every other request, also
one beyond the rate limit, goes through Django.

Then ``ApiMiddleware``: it resolves the path, answers requests of browsers from other origins
(docs/contract/rest.md#headers), and needs PostgreSQL only where an endpoint does.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils.cache import patch_vary_headers
from django_prometheus.middleware import Metrics

from apps.api import caching, limits, request_ids
from apps.api.caching import Answer
from apps.api.limits import Limit
from apps.api.responses import reply

Environment = dict[str, Any]
Headers = list[tuple[str, str]]

# Two requests that are equal in these get the same bytes. Everything else that a client sends, such as its language,
# changes no answer of the API.
# What an answer depends on. ``RAW_URI`` is the address as it was sent: it tells an encoded slash from one of the path.
SAME = (
    "RAW_URI",
    "PATH_INFO",
    "QUERY_STRING",
    "HTTP_HOST",
    "HTTP_ORIGIN",
    "HTTP_X_FORWARDED_PROTO",
    "wsgi.url_scheme",
)
# Headers that must not be repeated: they belong to one request or to one client.
OF_ONE_REQUEST = {request_ids.HEADER.lower(), *map(str.lower, limits.HEADERS)}
OF_A_BODY = {"content-type", "content-length"}
OFFERED = "linernotes.offered"
OK, NOT_MODIFIED = (f"{status.value} {status.phrase}" for status in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED))

# Seconds for which an answer is repeated; then the endpoint looks it up in Redis again.
REPEAT_SECONDS = 30.0
# Bounds of what a process holds: bytes in all, bytes of a body, overhead of each answer; characters of a query.
MOST_BYTES = 32 * 1024**2
BODY_BYTES = 1024**2
BESIDE_BYTES = 2048
QUERY_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class Offer:
    """An answer that may be repeated, until when, and the path, route and limits of its request."""

    answer: Answer
    until: float
    path: str
    route: str
    limits: tuple[Limit, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """An answer with the headers that were sent with it."""

    offer: Offer
    headers: Headers

    @property
    def bytes(self) -> int:
        """About how much memory it takes."""
        return len(self.offer.answer.body) + BESIDE_BYTES


def offer_answer(request: HttpRequest, answer: Answer, seconds: int, of: tuple[Limit, ...]) -> None:
    """Let an answer be repeated to every client that sends the same request, for ``seconds`` at most."""
    match = request.resolver_match
    request.META[OFFERED] = Offer(
        answer, time.monotonic() + min(seconds, REPEAT_SECONDS), request.path_info, match.route if match else "", of
    )


class Repeats:
    """A WSGI application in front of Django's: it repeats answers of a moment ago."""

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self.application = application
        # Python's dict keeps the order of insertion, so the first key is that of the oldest answer.
        self.known: dict[tuple[Any, ...], Repeat] = {}
        self.bytes = 0
        self.changing = threading.Lock()

    def __call__(self, environment: Environment, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request."""
        # The reading side takes no lock: a dict's get is atomic, and an answer dropped meanwhile is still a right one.
        if not is_repeatable(environment):
            return self.application(environment, start_response)
        request = tuple(map(environment.get, SAME))
        known = self.known.get(request)
        if known is not None and is_valid(known.offer):
            began = time.perf_counter()
            # A repeated answer costs next to nothing, but it counts as a request all the same: else a client could not
            # tell from the headers when its window ends.
            windows = limits.count_request(environment, known.offer.path, known.offer.limits)
            if not any(window.is_exceeded for window in windows):
                return repeat_answer(known, windows, environment, start_response, began)
            # The endpoint refuses it and must not count it again.
            environment[limits.COUNTED] = windows
        return self.answer_first(request, environment, start_response)

    def answer_first(
        self, request: tuple[Any, ...], environment: Environment, start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Let Django answer, and store the answer if the endpoint offers it."""

        def start(status: str, headers: Headers, *error: Any) -> Any:
            offered: Offer | None = environment.get(OFFERED)
            if offered is not None and status == OK and len(offered.answer.body) <= BODY_BYTES:
                shared = [each for each in headers if each[0].lower() not in OF_ONE_REQUEST]
                self.keep_answer(request, Repeat(offered, shared))
            return start_response(status, headers, *error)

        return self.application(environment, start)

    def keep_answer(self, request: tuple[Any, ...], new: Repeat) -> None:
        """Store an answer; the oldest ones are dropped if there is no room."""
        with self.changing:
            self.drop_answer(request)
            self.known[request] = new
            self.bytes += new.bytes
            # The oldest goes first, not the least used: an answer lives for half a minute, so keeping track of use
            # would cost more than it saves.
            while self.bytes > MOST_BYTES:
                self.drop_answer(next(iter(self.known)))

    def drop_answer(self, request: tuple[Any, ...]) -> None:
        """Drop an answer, if it is there."""
        old = self.known.pop(request, None)
        if old is not None:
            self.bytes -= old.bytes


def is_repeatable(environment: Environment) -> bool:
    """Tell whether the answer to a request may come from here: it has no credential and a query of bounded length."""
    if environment["REQUEST_METHOD"] != "GET" or len(environment["QUERY_STRING"]) > QUERY_CHARACTERS:
        return False
    # Only whether the cookie is there is asked. Whether its session is valid is decided behind this, by Django.
    has_session = f"{settings.SESSION_COOKIE_NAME}=" in environment.get("HTTP_COOKIE", "")
    return "HTTP_AUTHORIZATION" not in environment and not has_session


def is_valid(offered: Offer) -> bool:
    """Tell whether an answer may be repeated: it is of the current generation and recent."""
    return time.monotonic() < offered.until and caching.is_current(offered.answer)


def repeat_answer(
    known: Repeat,
    windows: list[limits.Window],
    environment: Environment,
    start_response: Callable[..., Any],
    began: float,
) -> Iterable[bytes]:
    """Send an answer again, or 304 if the client has it already."""
    request_id = request_ids.identify(environment.get("HTTP_X_REQUEST_ID", ""))
    headers = [*known.headers, (request_ids.HEADER, request_id)]
    if windows:
        headers += windows[0].build_headers().items()
    status, body = OK, known.offer.answer.body
    if known.offer.answer.is_known_by(environment.get("HTTP_IF_NONE_MATCH", "")):
        # RFC 9110 15.4.5: a 304 has no body, and no headers that describe one.
        status, body = NOT_MODIFIED, b""
        headers = [each for each in headers if each[0].lower() not in OF_A_BODY]
    start_response(status, headers)
    seconds = time.perf_counter() - began
    with request_ids.bind_request_id(request_id):
        request_ids.log_request("GET", known.offer.route, int(status[:3]), seconds)
    metrics = Metrics.get_instance()
    metrics.requests_total.inc()
    metrics.responses_total.inc()
    metrics.requests_latency_before.observe(seconds)
    return (body,)


logger = logging.getLogger(__name__)

ROUTES = "config.api"
HEALTH = "/health"
SECURITY_HEADERS = {
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
            # Raises if the host is not in ALLOWED_HOSTS, as for pages.
            request.get_host()
            response = answer_preflight(request) or answer_request(request)
        except SuspiciousOperation as error:
            # Its text is advice for the operator.
            logger.warning("a request was refused: %s", error)
            response = reply({"detail": "Bad Request"}, 400)
        except Exception:
            # The last resort: the client learns no more than that it failed.
            logger.exception("an endpoint failed")
            response = HttpResponse("Internal Server Error", status=500, content_type="text/plain; charset=utf-8")
            return set_content_length(response)
        for name, value in SECURITY_HEADERS.items():
            response.headers.setdefault(name, value)
        allow_origin(request, response)
        return set_content_length(response)


def set_content_length(response: HttpResponse) -> HttpResponse:
    """Set ``Content-Length``; otherwise the server would send the body in chunks."""
    if response.status_code != 304 and not response.streaming:
        response.headers.setdefault("Content-Length", str(len(response.content)))
    return response


def answer_request(request: HttpRequest) -> HttpResponse:
    """Return the answer of the endpoint at the request's path."""
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
    """Tell whether a path ends with a slash of its own; a slash that belongs to a name is encoded."""
    raw = request.META.get("RAW_URI", request.path_info).partition("?")[0]
    return request.path_info.endswith("/") and not raw.upper().endswith("%2F")


def redirect_without_slash(request: HttpRequest) -> HttpResponse:
    """Redirect to the path without the slash at its end, with the same method and body."""
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
# Those that a browser sends without a preflight, then those that we allow.
ALLOWED_HEADERS = {"accept", "accept-language", "content-language", "content-type", "authorization"}
MAX_AGE_SECONDS = 600


def answer_preflight(request: HttpRequest) -> HttpResponse | None:
    """Return the answer to a CORS preflight, None if the request is not one."""
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
    """Let an allowed origin read the answer, and tell caches that it depends on the origin."""
    patch_vary_headers(response, ("Origin",))
    origin = request.headers.get("Origin", "")
    if origin in settings.CORS_ORIGINS:
        response["Access-Control-Allow-Origin"] = origin
