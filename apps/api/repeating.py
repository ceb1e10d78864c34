"""Requests that were answered a moment ago, answered again before Django sees them: the bytes that were sent then.

An endpoint without a login offers its answer (``offer_answer``) to every client that sends the same request. What
belongs to one request is made anew: its id, its line in the log, its rate limit headers. Every other request, also one
beyond the rate limit, goes through Django.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest
from django_prometheus.middleware import Metrics

from apps.api import caching, limits, request_ids
from apps.api.caching import Answer
from apps.api.limits import Limit

Environment = dict[str, Any]
Headers = list[tuple[str, str]]

# What an answer depends on. The address as it was sent tells slashes of a name from those of a path.
SAME = (
    "RAW_URI",
    "PATH_INFO",
    "QUERY_STRING",
    "HTTP_HOST",
    "HTTP_ORIGIN",
    "HTTP_X_FORWARDED_PROTO",
    "wsgi.url_scheme",
)
OF_ONE_REQUEST = {request_ids.HEADER.lower(), *map(str.lower, limits.HEADERS)}
OF_A_BODY = {"content-type", "content-length"}
OFFERED = "linernotes.offered"
OK, NOT_MODIFIED = (f"{status.value} {status.phrase}" for status in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED))

# For so many seconds an answer is given again; then somebody looks whether Redis still has it.
SECONDS = 30.0
# Of what a process has to give again: bytes of all, of the longest body, beside each body; longest query.
MOST_BYTES = 32 * 1024**2
BODY_BYTES = 1024**2
BESIDE_BYTES = 2048
QUERY_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class Offer:
    """What an endpoint says of its answer."""

    answer: Answer
    until: float
    path: str
    route: str
    limits: tuple[Limit, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """An answer as it was sent."""

    offer: Offer
    headers: Headers

    @property
    def bytes(self) -> int:
        """Return about how much memory it takes."""
        return len(self.offer.answer.body) + BESIDE_BYTES


def offer_answer(request: HttpRequest, answer: Answer, seconds: int, of: tuple[Limit, ...]) -> None:
    """Let an answer be given again to whoever sends the same request, for ``seconds`` at most."""
    match = request.resolver_match
    request.META[OFFERED] = Offer(
        answer, time.monotonic() + min(seconds, SECONDS), request.path_info, match.route if match else "", of
    )


class Repeats:
    """A WSGI application in front of another one."""

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self.application = application
        self.known: dict[tuple[Any, ...], Repeat] = {}
        self.bytes = 0
        self.changing = threading.Lock()

    def __call__(self, environment: Environment, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request."""
        if environment["REQUEST_METHOD"] != "GET" or len(environment["QUERY_STRING"]) > QUERY_CHARACTERS:
            return self.application(environment, start_response)
        request = tuple(map(environment.get, SAME))
        known = self.known.get(request)
        if known is not None and is_valid(known.offer):
            began = time.perf_counter()
            windows = limits.count_request(environment, known.offer.path, known.offer.limits)
            if not any(window.is_exceeded for window in windows):
                return repeat_answer(known, windows, environment, start_response, began)
            # The endpoint refuses it and must not count it again.
            environment[limits.COUNTED] = windows
        return self.answer_first(request, environment, start_response)

    def answer_first(
        self, request: tuple[Any, ...], environment: Environment, start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Let the application answer, and keep what it offers."""

        def start(status: str, headers: Headers, *error: Any) -> Any:
            offered: Offer | None = environment.get(OFFERED)
            if offered is not None and status == OK and len(offered.answer.body) <= BODY_BYTES:
                shared = [each for each in headers if each[0].lower() not in OF_ONE_REQUEST]
                self.keep_answer(request, Repeat(offered, shared))
            return start_response(status, headers, *error)

        return self.application(environment, start)

    def keep_answer(self, request: tuple[Any, ...], new: Repeat) -> None:
        """Keep an answer; the oldest ones go where there is no room."""
        with self.changing:
            self.drop_answer(request)
            self.known[request] = new
            self.bytes += new.bytes
            while self.bytes > MOST_BYTES:
                self.drop_answer(next(iter(self.known)))

    def drop_answer(self, request: tuple[Any, ...]) -> None:
        """Forget an answer, if it is there."""
        old = self.known.pop(request, None)
        if old is not None:
            self.bytes -= old.bytes


def is_valid(offered: Offer) -> bool:
    """Tell whether an answer may be given again: it is of the data of now and a moment old."""
    return time.monotonic() < offered.until and caching.is_current(offered.answer)


def repeat_answer(
    known: Repeat,
    windows: list[limits.Window],
    environment: Environment,
    start_response: Callable[..., Any],
    began: float,
) -> Iterable[bytes]:
    """Give an answer again."""
    request_id = request_ids.identify(environment.get("HTTP_X_REQUEST_ID", ""))
    headers = [*known.headers, (request_ids.HEADER, request_id)]
    if windows:
        headers += windows[0].build_headers().items()
    status, body = OK, known.offer.answer.body
    if known.offer.answer.is_known_by(environment.get("HTTP_IF_NONE_MATCH", "")):
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
